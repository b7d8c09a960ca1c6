"""Is a run told as a trace, once it has ended, and under the same names however often?"""

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from fairlead.errors import Temporary
from fairlead.pipeline import tracing
from fairlead.providers import registry
from fairlead.settings import from_environment
from journeys.configurations import at_once
from pipeline.loop import Killed, Killer, Loop

Make = Callable[..., Loop]
GATES = {"unit": {"run": ["ls"]}, "lint": {"run": ["ls", "nowhere"]}}


class Collected:
    """What a collector on the loopback was given; it answers with `status`."""

    def __init__(self) -> None:
        self.status = 200
        self.messages: list[ExportTraceServiceRequest] = []
        self.headers: list[str] = []
        self.url = ""

    def spans(self, message: int = -1) -> dict[str, Span]:
        (of_resource,) = self.messages[message].resource_spans
        return {span.name: span for span in of_resource.scope_spans[0].spans}


@pytest.fixture
def collected() -> Iterator[Collected]:
    found = Collected()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["content-length"]))
            assert self.path == "/v1/traces"
            found.messages.append(ExportTraceServiceRequest.FromString(raw))
            found.headers.append(self.headers.get("x-key", ""))
            self.send_response(found.status)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        found.url = f"http://127.0.0.1:{server.server_address[1]}"
        yield found
        server.shutdown()


def test_a_run_is_one_trace_with_its_stages_and_gates(loop_of: Make, collected: Collected) -> None:
    loop = loop_of(at_once, gates=GATES, before=["unit"], after=["lint"])
    traces = registry.traces(collected.url, "x-key=a%20b")
    assert traces is not None
    loop.app.commit("first")
    run = loop.submit()
    # What has not ended is not told.
    assert tracing.send(loop.house, traces) == 0
    loop.carry(run.id)
    run = loop.run(run.id)
    assert run.status == "rolled_back"
    # Nobody takes it: it is told later.
    collected.status = 503
    with pytest.raises(Temporary, match="the collector answers 503"):
        tracing.send(loop.house, traces)
    collected.status = 200
    # Killed after it was told and before that was noted, it is told again, under the same names.
    killer = Killer()
    killer.left = 2
    with pytest.raises(Killed):
        tracing.send(killer.wrapped(loop.house), traces)
    assert tracing.send(loop.house, traces) == 1
    assert tracing.send(loop.house, traces) == 0
    spans = collected.spans()
    assert collected.messages[-1] == collected.messages[-2]
    assert collected.headers[-1] == "a b"
    whole = spans[f"deploy {loop.app.name}"]
    assert {span.trace_id for span in spans.values()} == {whole.trace_id}
    assert len({span.span_id for span in spans.values()}) == len(spans)
    assert (len(whole.trace_id), len(whole.span_id), whole.parent_span_id) == (16, 8, b"")
    assert spans["stage checks"].parent_span_id == whole.span_id
    assert spans["gate unit"].parent_span_id == spans["stage checks"].span_id
    assert spans["gate unit"].status.code == Status.STATUS_CODE_OK
    assert spans["gate lint"].status.code == Status.STATUS_CODE_ERROR
    assert whole.status.message == run.because
    assert whole.start_time_unix_nano < whole.end_time_unix_nano
    assert run.submitter_email not in str(collected.messages[-1])


def test_where_nobody_is_named_nothing_is_told_or_loaded() -> None:
    assert registry.traces("", "") is None
    told = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"}
    settings = from_environment(told | {"FAIRLEAD_HOME": "/tmp/nowhere"})
    assert settings.environment().items() >= told.items()
    assert not from_environment({"FAIRLEAD_HOME": "/tmp/nowhere"}).traces_url
