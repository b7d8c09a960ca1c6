"""How does an application's own OpenTelemetry tell us? OTLP/HTTP 1.x, as protobuf or JSON.

It stands before the rest of the API, as functions do. What is acknowledged is on disk.
"""

import asyncio
import hashlib
import logging
import zlib
from collections.abc import Callable
from dataclasses import dataclass

from google.protobuf import json_format
from google.protobuf.message import DecodeError, Message
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
    ExportMetricsServiceResponse,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from starlette.types import ASGIApp, Receive, Scope, Send

from fairlead.api import arriving, lean
from fairlead.api.functions.known import Known
from fairlead.api.guest import Doors
from fairlead.api.ingest import metrics, spans
from fairlead.api.ingest.status import Status
from fairlead.api.ingest.taken import Taken
from fairlead.api.problem import status_of
from fairlead.commands import telling
from fairlead.commands.intake import RETRY_AFTER_S, USUAL_BYTES
from fairlead.errors import FairleadError

log = logging.getLogger("fairlead.otlp")

LARGEST, LARGEST_UNPACKED = 4 * 1024 * 1024, 16 * 1024 * 1024
MOST_AT_ONCE = 4
PROTOBUF, JSON = "application/x-protobuf", "application/json"


class Refusal(Exception):  # noqa: N818
    """What is answered instead of what was asked for."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


@dataclass(frozen=True, slots=True)
class Signal:
    """One kind of message: what is read, and what is answered."""

    request: type[Message]
    refused: str
    taken: Callable[["Otlp", Message], Taken]
    response: Callable[[], Message]


class Otlp:
    """Takes metrics and traces, and passes on everything else."""

    def __init__(self, doors: Doors, others: ASGIApp) -> None:
        """Stand before `others`."""
        self.doors, self._others = doors, others
        self.known = Known(doors)
        self._waiting, self._shared = lean.Waiting(), lean.Shared()
        self._bodies = lean.Bodies(LARGEST)
        self._reading = asyncio.Semaphore(MOST_AT_ONCE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        signal = SIGNALS.get(scope["path"]) if scope["type"] == "http" else None
        if signal is None:
            await self._others(scope, receive, send)
            return
        headers = {name.lower(): value.decode("latin-1") for name, value in scope["headers"]}
        form = headers.get(b"content-type", "").partition(";")[0].strip().lower()
        try:
            answer: Message | Status = await self._answer(signal, (scope, headers, form), receive)
            status = 200
        except Refusal as error:
            status, answer = error.status, Status(str(error))
        except FairleadError as error:
            status, answer = status_of(error), Status(str(error))
        except Exception as error:
            log.exception("a message could not be taken")
            told = f"Fairlead itself failed ({type(error).__name__}): see `fairlead logs server`"
            status, answer = 500, Status(told)
        await _send(send, status, answer, form)

    async def _answer(
        self, signal: Signal, asked: tuple[Scope, dict[bytes, str], str], receive: Receive
    ) -> Message:
        scope, headers, form = asked
        if scope["method"] != "POST":
            raise Refusal(405, "messages are sent with POST")
        if await arriving.person(self.known, self._shared, scope["headers"]) is None:
            raise Refusal(401, "a valid bearer token is needed: `fairlead people add` makes one")
        if form not in (PROTOBUF, JSON):
            raise Refusal(415, f"a message is {PROTOBUF} or {JSON}")
        coding = headers.get(b"content-encoding", "identity").strip().lower()
        if coding not in ("identity", "gzip"):
            raise Refusal(415, "a message may be packed with gzip, and with nothing else")
        raw = await self._bodies.read(receive)
        if raw is None:
            raise Refusal(413, f"a message may be {LARGEST // 1024**2} MiB long at most")
        async with self._reading:
            taken, digest = await asyncio.to_thread(self._read, signal, (raw, coding, form))
        if taken.told:
            now = self.doors.window.clock()
            things = telling.message(digest, now, taken.told)
            app = taken.told[0].place[0]
            # However much it tells, there is room for it where nothing else waits.
            size = min(USUAL_BYTES * len(things), LARGEST)
            kept = self.doors.intake.tell(telling.MESSAGES, things, size, app)
            await self._waiting.until(kept)
        return _response(signal, taken)

    def _read(self, signal: Signal, sent: tuple[bytes, str, str]) -> tuple[Taken, bytes]:
        raw, coding, form = sent
        whole = _unpacked(raw) if coding == "gzip" else raw
        message = signal.request()
        try:
            if form == JSON:
                json_format.Parse(whole, message, ignore_unknown_fields=True)
            else:
                message.ParseFromString(whole)
        except (DecodeError, json_format.ParseError, ValueError, RecursionError):
            raise Refusal(400, "this is no message of OTLP") from None
        return signal.taken(self, message), hashlib.sha256(whole).digest()


def _unpacked(raw: bytes) -> bytes:
    unpacking = zlib.decompressobj(16 + zlib.MAX_WBITS)
    try:
        whole = unpacking.decompress(raw, LARGEST_UNPACKED)
    except zlib.error:
        raise Refusal(400, "this is not packed with gzip") from None
    if unpacking.unconsumed_tail:
        told = f"a message may be {LARGEST_UNPACKED // 1024**2} MiB long at most, unpacked"
        raise Refusal(413, told)
    if not unpacking.eof:
        raise Refusal(400, "the gzip is cut off")
    return whole


def _response(signal: Signal, taken: Taken) -> Message:
    response = signal.response()
    if taken.sentence:
        told: Message = response.partial_success  # type: ignore[attr-defined]
        setattr(told, signal.refused, taken.refused)
        told.error_message = taken.sentence  # type: ignore[attr-defined]
    return response


async def _send(send: Send, status: int, answer: Message | Status, form: str) -> None:
    told = JSON if form == JSON else PROTOBUF
    if isinstance(answer, Status):
        raw = answer.as_json() if told == JSON else answer.as_protobuf()
    elif told == JSON:
        raw = json_format.MessageToJson(answer, indent=None).encode()
    else:
        raw = answer.SerializeToString()
    headers = [(b"content-type", told.encode()), (b"content-length", str(len(raw)).encode())]
    headers += [(b"www-authenticate", b"Bearer")] if status == 401 else []
    headers += [(b"retry-after", str(RETRY_AFTER_S).encode())] if status in (429, 503) else []
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": raw})


def _metrics(door: Otlp, message: Message) -> Taken:
    assert isinstance(message, ExportMetricsServiceRequest)
    return metrics.taken(message, door.known, door.doors.window.clock())


def _traces(door: Otlp, message: Message) -> Taken:
    assert isinstance(message, ExportTraceServiceRequest)
    return spans.taken(message, door.doors, door.known, door.doors.window.clock())


SIGNALS = {
    "/v1/metrics": Signal(
        ExportMetricsServiceRequest, "rejected_data_points", _metrics, ExportMetricsServiceResponse
    ),
    "/v1/traces": Signal(
        ExportTraceServiceRequest, "rejected_spans", _traces, ExportTraceServiceResponse
    ),
}
