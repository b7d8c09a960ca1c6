"""Which requests do OpenTelemetry's traces tell about? Spans of kind SERVER do.

They count where fairlead.yaml asks for them, and are kept under a source of their own: what metrics
tell is never counted a second time.
"""

from datetime import datetime

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from fairlead.analysis import sketch
from fairlead.analysis.rollup import Part, floored
from fairlead.api.functions.known import Known
from fairlead.api.guest import Doors
from fairlead.api.ingest.attributes import Owner, Unusable, failed, owner, plain
from fairlead.api.ingest.taken import Taken, moment
from fairlead.commands.recording import exact_ms
from fairlead.commands.telling import Told
from fairlead.reports import performance

SOURCE = "spans"


def taken(sent: ExportTraceServiceRequest, doors: Doors, known: Known, now: datetime) -> Taken:
    """Return which requests are told about, and what cannot be counted."""
    found = Taken()
    sources: dict[tuple[str, str], str] = {}
    for of_resource in sent.resource_spans:
        spans = [
            span
            for scope in of_resource.scope_spans
            for span in scope.spans
            if span.kind == Span.SPAN_KIND_SERVER
        ]
        if not spans:
            continue
        try:
            whose = owner(known, of_resource.resource)
        except Unusable as error:
            found.refuse(len(spans), str(error))
            continue
        if whose.place not in sources:
            sources[whose.place] = performance.source(doors.window, whose.place)
        if sources[whose.place] == SOURCE:
            _take(found, whose, spans, now)
        else:
            app, environment = whose.place
            told = f"spans of {environment} of {app} are not counted"
            found.warning = f"{told}: fairlead.yaml says metrics.from {sources[whose.place]}"
    return found


def _take(found: Taken, whose: Owner, spans: list[Span], now: datetime) -> None:
    for span in spans:
        try:
            found.told.append(Told(whose.place, _request(whose, span, now)))
        except Unusable as error:
            found.refuse(1, f"a span: {error}")


def _request(whose: Owner, span: Span, now: datetime) -> Part:
    at = moment(span.end_time_unix_nano, now)
    ms = (span.end_time_unix_nano - span.start_time_unix_nano) / 1e6
    if ms < 0:
        raise Unusable("it ends before it begins")
    bad = span.status.code == Status.STATUS_CODE_ERROR or failed(plain(span.attributes))
    times, total_ms = sketch.of_times([ms]), exact_ms(ms)
    return Part(
        whose.release, whose.component, SOURCE, 1, floored(at, 1), 1.0, 1, int(bad), total_ms, times
    )
