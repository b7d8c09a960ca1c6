"""How does an application with a Sentry SDK report its errors? As it would to Sentry itself.

It stands before the rest of the API and does little: thousands of reports a second go through it.
"""

import logging
import re
from dataclasses import replace
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

from fairlead.analysis import sentry_envelope, sentry_event
from fairlead.analysis.error_group import ErrorEvent
from fairlead.api import lean
from fairlead.api.guest import Doors
from fairlead.api.problem import status_of
from fairlead.api.sentry.keys import Keys, Place, key_of
from fairlead.api.sentry.unpacking import TooLarge, unpacked
from fairlead.commands import tracking
from fairlead.commands.intake import RETRY_AFTER_S
from fairlead.errors import FairleadError, Refused

log = logging.getLogger("fairlead.sentry")

LARGEST_SENT = 1024 * 1024
_PATH = re.compile(r"/api/(\d{1,18})/(envelope|store)/?")
# Everything that SDKs send and that is not kept; what is called otherwise is counted together.
_KNOWN = frozenset(
    {"attachment", "check_in", "client_report", "feedback", "log", "profile", "profile_chunk",
     "replay_event", "replay_recording", "session", "sessions", "span", "statsd", "trace_metric",
     "transaction", "user_report"}
)  # fmt: skip
# Browsers may report from any page: a key is public, and can do nothing but report.
_FROM_ANYWHERE = (
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", b"retry-after, x-sentry-error, x-sentry-rate-limits"),
)
# Of this key nothing of any category, in Sentry's words: seconds, categories (all), scope, reason.
_TOO_MUCH = (
    *_FROM_ANYWHERE,
    (b"x-sentry-rate-limits", f"{RETRY_AFTER_S}::key:too_much_waits".encode()),
)
_BEFOREHAND = (
    *_FROM_ANYWHERE,
    (b"access-control-allow-methods", b"POST"),
    (b"access-control-allow-headers", b"content-type, content-encoding, x-sentry-auth"),
    (b"access-control-max-age", b"3600"),
)
_Answer = tuple[int, dict[str, Any]]


class Sentry:
    """Takes envelopes and single events, and passes on everything else."""

    def __init__(self, doors: Doors, others: ASGIApp) -> None:
        """Stand before `others`."""
        self._doors, self._others = doors, others
        self._keys, self._shared = Keys(doors), lean.Shared()
        self._bodies, self._waiting = lean.Bodies(LARGEST_SENT), lean.Waiting()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        asked = _PATH.fullmatch(scope["path"]) if scope["type"] == "http" else None
        if asked is None:
            await self._others(scope, receive, send)
            return
        if scope["method"] == "OPTIONS":
            await lean.answer(send, 200, {}, _BEFOREHAND)
            return
        try:
            status, told = await self._answer(scope, receive, int(asked[1]), asked[2])
        except TooLarge as error:
            status, told = 413, {"detail": str(error)}
        except Refused as error:
            status, told = 400, {"detail": str(error)}
        except FairleadError as error:
            status, told = status_of(error), {"detail": str(error)}
        except Exception as error:
            log.exception("a report failed")
            said = f"Fairlead itself failed ({type(error).__name__}): see `fairlead logs server`"
            status, told = 500, {"detail": said}
        more = _TOO_MUCH if status == 429 else _FROM_ANYWHERE
        await lean.answer(send, status, told, more)

    async def _answer(self, scope: Scope, receive: Receive, project: int, form: str) -> _Answer:
        if scope["method"] != "POST":
            return 405, {"detail": "a report is sent with POST"}
        place = await self._place(project, key_of(scope))
        if place is None:
            return 401, {
                "detail": "this key may not report errors: `fairlead errors dsn` makes one"
            }
        raw = await self._bodies.read(receive)
        if raw is None:
            return 413, {"detail": f"a report may be {LARGEST_SENT // 1024} KiB long at most"}
        coding = dict(scope["headers"]).get(b"content-encoding", b"").decode("latin-1")
        whole = unpacked(raw, coding)
        said, events = self._envelope(whole) if form == "envelope" else self._single(whole)
        if events:
            told = [(place, event) for event in events]
            kept = self._doors.intake.tell(tracking.ERRORS, told, len(whole), place[0])
            await self._waiting.until(kept)
        return 200, {"id": said or (events[0].id.replace("-", "") if events else "")}

    async def _place(self, project: int, key: str) -> Place | None:
        if not key:
            return None
        known = self._keys.remembered(project, key)
        if known:
            return known[0]
        asked = f"key {project} {key}"
        return await self._shared.ask(asked, lambda: self._keys.place(project, key))

    def _envelope(self, raw: bytes) -> tuple[str, list[ErrorEvent]]:
        envelope = sentry_envelope.opened(raw)
        bodies = []
        for item in envelope.items:
            if item.kind == "event":
                bodies.append(sentry_envelope.plain(item.body, "an event"))
            else:
                self._doors.dropped[item.kind if item.kind in _KNOWN else "unknown"] += 1
        return envelope.id, [self._event(body, envelope.id) for body in bodies]

    def _single(self, raw: bytes) -> tuple[str, list[ErrorEvent]]:
        return "", [self._event(sentry_envelope.plain(raw, "an event"), "")]

    def _event(self, body: dict[str, Any], of_envelope: str) -> ErrorEvent:
        told = sentry_event.told(body)
        told = replace(told, id=tracking.event_id(told.id or of_envelope))
        return tracking.event(told, self._doors.window.clock())
