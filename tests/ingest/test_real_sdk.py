"""Does an application with OpenTelemetry's own SDK tell us what it did, and nothing of ours?"""

import socket
import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.metrics import Histogram, MeterProvider
from opentelemetry.sdk.metrics.export import (
    AggregationTemporality,
    PeriodicExportingMetricReader,
)
from opentelemetry.sdk.metrics.view import ExponentialBucketHistogramAggregation, View
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind

from functions.stand import Functions
from ingest.otlp_stand import Sender, sender


@pytest.fixture
def address(functions: Functions) -> Iterator[str]:
    """Serve the whole application on the loopback."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        config = uvicorn.Config(functions.whole, log_level="warning", lifespan="off")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join(10)


def resource() -> Resource:
    return Resource.create(
        {
            "service.name": "functions",
            "service.version": "abc",
            "deployment.environment.name": "live",
        }
    )


def headers(app: Sender) -> dict[str, str]:
    return {"Authorization": f"Bearer {app.functions.token}"}


@pytest.mark.parametrize("delta", [True, False])
@pytest.mark.parametrize("exponential", [True, False])
def test_the_sdks_metrics_arrive(
    functions: Functions, address: str, delta: bool, exponential: bool
) -> None:
    app = sender(functions)
    wanted = AggregationTemporality.DELTA if delta else AggregationTemporality.CUMULATIVE
    exporter = OTLPMetricExporter(
        endpoint=f"{address}/v1/metrics",
        headers=headers(app),
        compression=Compression.Gzip,
        preferred_temporality={Histogram: wanted},
    )
    reader = PeriodicExportingMetricReader(exporter, export_interval_millis=3_600_000)
    aggregation = ExponentialBucketHistogramAggregation()
    views = [View(instrument_name="http.*", aggregation=aggregation)] if exponential else []
    provider = MeterProvider([reader], resource=resource(), views=views)
    bounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]
    took = provider.get_meter("shop").create_histogram(
        "http.server.request.duration", "s", explicit_bucket_boundaries_advisory=bounds
    )
    for _ in range(2):
        for number in range(100):
            took.record(0.02 + number / 1e5, {"http.response.status_code": 200})
        took.record(3.0, {"http.response.status_code": 504, "error.type": "timeout"})
        assert provider.force_flush()
    provider.shutdown()
    app.functions.loop.clock.pass_by(2)
    seen = app.seen()
    assert seen.samples == 202
    assert seen.error_rate == pytest.approx(2 / 202)
    assert seen.p50_ms == pytest.approx(20.5, rel=0.05 if exponential else 0.5)


def test_the_sdks_spans_arrive_where_they_are_asked_for(
    functions: Functions, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fairlead.reports.performance.source", lambda *_: "spans")
    app = sender(functions)
    provider = TracerProvider(resource=resource())
    exporter = OTLPSpanExporter(endpoint=f"{address}/v1/traces", headers=headers(app))
    provider.add_span_processor(BatchSpanProcessor(exporter))
    tracer = provider.get_tracer("shop")
    for status in (200, 200, 500):
        with tracer.start_as_current_span("GET /", kind=SpanKind.SERVER) as span:
            span.set_attribute("http.response.status_code", status)
            with tracer.start_as_current_span("query", kind=SpanKind.CLIENT):
                time.sleep(0.01)
    provider.shutdown()
    app.functions.loop.clock.pass_by(2)
    seen = app.seen("spans")
    assert seen.samples == 3
    assert seen.error_rate == pytest.approx(1 / 3)
    assert seen.mean_ms is not None
    assert 10 <= seen.mean_ms < 100
