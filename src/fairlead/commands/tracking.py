"""How does an error that somebody told become an event that is kept? And when is it mended?"""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID, uuid4

from fairlead.access.person import Person
from fairlead.access.role import Role
from fairlead.analysis import error_group
from fairlead.analysis.error_group import (
    LONGEST_MESSAGE,
    LONGEST_NAME,
    LONGEST_STACK,
    SEVERITIES,
    ErrorEvent,
    Reported,
    Told,
)
from fairlead.commands.desk import Desk, require, told
from fairlead.errors import Refused
from fairlead.privacy import masking
from fairlead.store import errors, journal

ERRORS = "errors"
# An event of another time is a clock that is set wrongly: then it happened when it came.
FUTURE = timedelta(seconds=60)

# Ids that are made here follow each other, which the database's index likes; where they begin,
# chance decides once for each process. To ask for chance every time would let other threads run.
_FIRST, _numbers = uuid4().int, count()


def event(said: Told, now: datetime) -> ErrorEvent:
    """Return what is kept of an error: bounded, and without secrets and e-mail addresses."""
    told_as = said.error
    error = error_group.understood(
        Reported(
            _masked(told_as.message),
            _masked(told_as.stack),
            _masked(told_as.kind),
            told_as.causes,
            told_as.frames,
            _masked(told_as.template),
            tuple(map(_masked, told_as.own)),
        )
    )
    at = said.at if said.at and now - errors.KEPT <= said.at <= now + FUTURE else now
    return ErrorEvent(
        id=said.id or _fresh_id(),
        at=at,
        release=_name(error_group.release_of(said.release)),
        component=_name(said.component),
        severity=said.severity,
        fingerprint=error_group.fingerprint(error),
        title=error_group.title(error),
        message=masking.shortened(error.message, LONGEST_MESSAGE),
        stack=masking.shortened(error.stack, LONGEST_STACK),
        metadata=masking.data(said.metadata),
    )


def event_id(said: str) -> str:
    """Return an event's id; `Refused` when it is no UUID, empty when it is empty."""
    try:
        return str(UUID(said)) if said else ""
    except ValueError:
        raise Refused("event_id must be a UUID, 32 hexadecimal digits") from None


def severity(said: str) -> str:
    """Return one of our names; `Refused` when it is not known."""
    found = error_group.severity(said)
    if found is None:
        raise Refused(f"severity must be one of {', '.join(SEVERITIES)}")
    return found


def resolve(desk: Desk, person: Person, place: errors.Place, fingerprint: str) -> dict[str, Any]:
    """Say that a fault is mended; when it happens again, it is open again.

    Errors: `NotFound` and `Refused` where it is not clear which fault is meant.
    """
    require(person, Role.DEPLOYER, "resolve errors")
    with desk.database.begin() as tx:
        group = errors.named(tx, place, fingerprint)
        fresh = errors.resolve(tx, place, group.fingerprint, person.name, desk.clock())
        if fresh:
            # Not its title: that may name somebody, and the record is never rewritten.
            because = f"{person.name} says that error {group.fingerprint} is mended"
            seen = told(desk, person, "error.resolved", because, fingerprint=group.fingerprint)
            journal.append(tx, replace(seen, app=place[0], environment=place[1]))
    return {"fingerprint": group.fingerprint, "title": group.title, "resolved": True}


def _fresh_id() -> str:
    """Return a UUID as it is written."""
    told = f"{(_FIRST + next(_numbers)) % 2**128:032x}"
    return f"{told[:8]}-{told[8:12]}-{told[12:16]}-{told[16:20]}-{told[20:]}"


def _masked(said: str) -> str:
    return masking.readable(masking.masked(said[: masking.MOST_READ])) if said else ""


def _name(said: str) -> str:
    return masking.text(said, LONGEST_NAME) if said else ""
