"""Messages of OTLP made by hand, and how they are sent."""

import gzip
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx
from google.protobuf import json_format
from google.protobuf.message import Message
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
    ExportMetricsServiceResponse,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

from fairlead.analysis.performance import Performance
from fairlead.reports import performance
from functions.stand import Functions

DELTA, CUMULATIVE = 1, 2
BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0)


@dataclass(slots=True)
class Sender:
    """Sends messages about one release; `attributes` are its resource's."""

    functions: Functions
    attributes: dict[str, str] = field(default_factory=dict)

    @property
    def now(self) -> datetime:
        return self.functions.loop.clock.now

    def nanoseconds(self, ago_s: float) -> int:
        return round((self.now.timestamp() - ago_s) * 1e9)

    def resource(self) -> dict[str, Any]:
        told = {
            "service.name": "functions",
            "service.version": "abc",
            "deployment.environment.name": "live",
        } | self.attributes
        return {"attributes": [_said(key, value) for key, value in told.items() if value]}

    def metrics(self, *points: dict[str, Any], kind: str = "histogram", **more: Any) -> Message:
        data: dict[str, Any] = {"dataPoints": [*points]}
        temporality = more.pop("temporality", DELTA)
        data |= {} if kind == "gauge" else {"aggregationTemporality": temporality}
        metric = {"name": "http.server.request.duration", "unit": "s", kind: data} | more
        scopes = [{"scope": {"name": "test"}, "metrics": [metric]}]
        message = {"resourceMetrics": [{"resource": self.resource(), "scopeMetrics": scopes}]}
        return json_format.ParseDict(message, ExportMetricsServiceRequest())

    def spans(self, *spans: dict[str, Any]) -> Message:
        scopes = [{"scope": {"name": "test"}, "spans": [*spans]}]
        message = {"resourceSpans": [{"resource": self.resource(), "scopeSpans": scopes}]}
        return json_format.ParseDict(message, ExportTraceServiceRequest())

    def point(self, counts: Sequence[int], status: int = 200, **more: Any) -> dict[str, Any]:
        """Return a point of the last ten seconds; every answer took 20 milliseconds."""
        return {
            "startTimeUnixNano": self.nanoseconds(more.pop("began", 10)),
            "timeUnixNano": self.nanoseconds(more.pop("ago", 2)),
            "count": sum(counts),
            "sum": sum(counts) * 0.02,
            "explicitBounds": BOUNDS,
            "bucketCounts": [*counts],
            "attributes": [
                {"key": "http.response.status_code", "value": {"intValue": status}},
                _said("http.route", "/items/{id}"),
            ],
        } | more

    def span(self, ms: float = 20, kind: int = 2, **more: Any) -> dict[str, Any]:
        began = self.nanoseconds(5)
        ended = began + round(ms * 1e6)
        return {"kind": kind, "startTimeUnixNano": began, "endTimeUnixNano": ended} | more

    def send(self, message: Message | bytes, form: str = "protobuf", **more: Any) -> httpx.Response:
        """Send a message in one of three forms: protobuf, gzip, json."""
        if isinstance(message, bytes):
            raw, path = message, more.pop("path", "/v1/metrics")
        else:
            path = f"/v1/{'traces' if 'Trace' in type(message).__name__ else 'metrics'}"
            raw = message.SerializeToString()
            if form == "json":
                raw = json_format.MessageToJson(message).encode()
        told = "application/json" if form == "json" else "application/x-protobuf"
        headers = {"Content-Type": told, "Authorization": f"Bearer {self.functions.token}"}
        if form == "gzip":
            raw, headers = gzip.compress(raw), headers | {"Content-Encoding": "gzip"}
        headers |= more.pop("headers", {})
        return self.functions.request("POST", path, headers=headers, content=raw, **more)

    def sent(self, message: Message, form: str = "protobuf") -> Any:
        """Send what is taken; return what was refused of it, and why."""
        answer = self.send(message, form)
        assert answer.status_code == 200, answer.content
        response: ExportTraceServiceResponse | ExportMetricsServiceResponse
        traces = isinstance(message, ExportTraceServiceRequest)
        response = ExportTraceServiceResponse() if traces else ExportMetricsServiceResponse()
        if form == "json":
            json_format.Parse(answer.content, response)
        else:
            response.ParseFromString(answer.content)
        if isinstance(response, ExportTraceServiceResponse):
            return response.partial_success.rejected_spans, response.partial_success.error_message
        told = response.partial_success
        return told.rejected_data_points, told.error_message

    def seen(self, source: str = "fairlead", release: str = "abc") -> Performance:
        """Return what is told of the last minute, as if the file named this source."""
        window = self.functions.doors.window
        where = (self.functions.loop.app.name, "live")
        return performance.measured_by(window, where, (60, source), release)


def sender(functions: Functions) -> Sender:
    """Return one whose clock is the real one's, as it is now."""
    functions.loop.clock.now = datetime.now(UTC)
    return Sender(functions)


def _said(key: str, value: str) -> dict[str, Any]:
    return {"key": key, "value": {"stringValue": value}}
