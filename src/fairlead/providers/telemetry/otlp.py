"""How are traces handed to a collector? By OTLP/HTTP 1.x, as protobuf."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import unquote

import httpx
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, InstrumentationScope, KeyValue
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, ScopeSpans, Span, Status

from fairlead import __version__
from fairlead.errors import Temporary
from fairlead.release import trace

LIMIT_S = 10.0
_STATUS = {
    None: Status.STATUS_CODE_UNSET,
    True: Status.STATUS_CODE_OK,
    False: Status.STATUS_CODE_ERROR,
}


@dataclass(frozen=True, slots=True)
class Collector:
    """Satisfies the port `Traces`; `endpoint` and `headers` are OpenTelemetry's own settings."""

    endpoint: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)

    def send(self, run: str, spans: Sequence[trace.Span]) -> None:
        """Hand over the spans of a run. Errors: `Temporary` when they are not taken."""
        raw = message(run, spans).SerializeToString()
        headers = {**self.headers, "Content-Type": "application/x-protobuf"}
        url = f"{self.endpoint.rstrip('/')}/v1/traces"
        try:
            with httpx.Client(trust_env=False, timeout=LIMIT_S) as client:
                status = client.post(url, content=raw, headers=headers).status_code
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            raise Temporary(f"the collector does not answer: {type(error).__name__}") from None
        if status >= 300:
            raise Temporary(f"the collector answers {status}")


def headers(written: str) -> dict[str, str]:
    """Read `name=value` pairs with commas between, percent-encoded, as OpenTelemetry does."""
    pairs = (pair.partition("=") for pair in written.split(",") if "=" in pair)
    return {name.strip(): unquote(value.strip()) for name, _, value in pairs}


def message(run: str, spans: Sequence[trace.Span]) -> ExportTraceServiceRequest:
    """Return the spans of a run as one message of OTLP."""
    scope = InstrumentationScope(name="fairlead", version=__version__)
    of_scope = ScopeSpans(scope=scope, spans=[_span(run, span) for span in spans])
    told = {"service.name": "fairlead", "service.version": __version__}
    resource = Resource(attributes=_attributes(told))
    return ExportTraceServiceRequest(
        resource_spans=[ResourceSpans(resource=resource, scope_spans=[of_scope])]
    )


def _span(run: str, span: trace.Span) -> Span:
    return Span(
        trace_id=_id(f"trace {run}", 16),
        span_id=_id(span.key, 8),
        parent_span_id=_id(span.parent, 8) if span.parent else b"",
        name=span.name,
        kind=Span.SPAN_KIND_INTERNAL,
        start_time_unix_nano=_nanoseconds(span.began),
        end_time_unix_nano=max(_nanoseconds(span.began), _nanoseconds(span.ended)),
        attributes=_attributes({**span.attributes, "fairlead.because": span.because}),
        status=Status(code=_STATUS[span.good], message=span.because if span.good is False else ""),
    )


def _attributes(told: Mapping[str, str]) -> list[KeyValue]:
    return [KeyValue(key=k, value=AnyValue(string_value=v)) for k, v in told.items() if v]


def _id(key: str, size: int) -> bytes:
    return hashlib.sha256(key.encode()).digest()[:size]


def _nanoseconds(when: datetime) -> int:
    return round(when.timestamp() * 1e6) * 1000
