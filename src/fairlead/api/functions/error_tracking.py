"""The function `error-tracking`: what goes wrong, since when, and since which release?"""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from fairlead.analysis.error_group import Reported, Told
from fairlead.api.functions.call import Action, Actions, Asked, Call, Kept, read
from fairlead.commands import tracking
from fairlead.privacy import masking
from fairlead.reports import errors


class Windowed(Asked):
    """A question about a time that ends now."""

    time_window: str = Field("5m", max_length=10)
    release: str = Field("", max_length=200)


def _readable(said: Any) -> Any:
    return masking.readable(said) if isinstance(said, str) else said


# What JavaScript cuts in the middle of a sign, and NUL: the rest of it is worth keeping.
Words = Annotated[str, BeforeValidator(_readable)]


class Tracked(Asked):
    """An error that happened, in the runbook's words and a few more."""

    error_message: Annotated[Words, Field(min_length=1)]
    component: str = Field("", max_length=200)
    severity: str = Field("error", max_length=50)
    metadata: dict[str, Any] = Field(default_factory=dict)
    stack: Words = ""
    release: str = Field("", max_length=200)
    event_id: str = Field("", max_length=50)
    fingerprint: list[str] = Field(default_factory=list, max_length=10)


class Listed(Asked):
    """Which errors are asked for."""

    since: str = Field("", max_length=10)
    time_window: str = Field("", max_length=10)
    component: str = Field("", max_length=200)
    severity: Literal["", "debug", "info", "warning", "error", "critical"] = ""
    release: str = Field("", max_length=200)
    resolved: bool | None = None
    new: bool = False
    limit: int = Field(100, ge=1, le=1000)


class Fault(Asked):
    """One fault, by its fingerprint or how that begins."""

    fingerprint: str = Field(min_length=1, max_length=16)


def health_check(call: Call) -> dict[str, Any]:
    """Tell that errors can be kept, and what of the envelopes that came was not taken."""
    with call.doors.window.database.begin() as tx:
        tx.execute("SELECT 1")
    now = call.doors.window.clock()
    return {"status": "healthy", "timestamp": now, "dropped_items": dict(call.doors.dropped)}


def get_error_rate(call: Call) -> dict[str, Any]:
    """Tell the share of requests that failed, and how many errors were tracked."""
    asked = read(Windowed, call)
    place = call.place(asked)
    where = {"app": place[0], "environment": place[1], "time_window": asked.time_window}
    return where | errors.rate(call.doors.window, place, asked.time_window, asked.release)


def track_error(call: Call) -> Kept:
    """Take an error that happened."""
    asked = read(Tracked, call)
    place = call.place(asked)
    said = Told(
        error=Reported(asked.error_message, asked.stack, own=tuple(asked.fingerprint)),
        severity=tracking.severity(asked.severity),
        id=tracking.event_id(asked.event_id),
        release=asked.release,
        component=asked.component,
        metadata=asked.metadata,
    )
    event = tracking.event(said, call.doors.window.clock())
    written = call.doors.intake.tell(tracking.ERRORS, [(place, event)], call.size, place[0])
    told = {"event_id": event.id, "fingerprint": event.fingerprint, "severity": event.severity}
    return Kept(written, told)


def list_errors(call: Call) -> dict[str, Any]:
    """Tell which faults there were, each with how often and in which releases."""
    asked = read(Listed, call)
    place = call.place(asked)
    wanted = errors.Filter(
        asked.time_window or asked.since,
        asked.component,
        asked.severity,
        asked.release,
        asked.resolved,
        asked.new,
        asked.limit,
    )
    where = {"app": place[0], "environment": place[1]}
    return where | errors.listed(call.doors.window, place, wanted)


def resolve(call: Call) -> dict[str, Any]:
    """Say that a fault is mended."""
    asked = read(Fault, call)
    return tracking.resolve(call.doors.desk, call.by, call.place(asked), asked.fingerprint)


ACTIONS: Actions = {
    "health_check": Action(health_check),
    "get_error_rate": Action(get_error_rate),
    "track_error": Action(track_error, quick=True),
    "list_errors": Action(list_errors),
    "resolve": Action(resolve),
}
