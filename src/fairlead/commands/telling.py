"""How is what OpenTelemetry sends kept, so that nothing is counted twice?

A message that comes again, since its answer was lost, is known by its digest. A counter that only
grows is kept as it was told last, in the same transaction as what it has grown by.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fairlead.analysis.rollup import Part
from fairlead.analysis.telling import Before, Total, since
from fairlead.commands.parts import keep_parts
from fairlead.store import telling
from fairlead.store.database import Tx
from fairlead.store.rollups import Place

MESSAGES = "messages"


@dataclass(frozen=True, slots=True)
class Message:
    """Begins a message; all that follows until the next one is of it."""

    digest: bytes
    at: datetime


@dataclass(frozen=True, slots=True)
class Told:
    """One thing of a message: what was done, or what a counter that grows stands at."""

    place: Place
    what: Part | Total


def message(digest: bytes, at: datetime, things: Iterable[Told]) -> list[Message | Told]:
    """Return one message as the intake takes it."""
    return [Message(digest, at), *things]


def keep(tx: Tx, things: list[Any]) -> None:
    """Keep messages that are told together; those that came before are left out."""
    fresh, is_new = [], False
    for thing in things:
        if isinstance(thing, Message):
            is_new = telling.is_new(tx, thing.digest, thing.at)
        elif is_new:
            fresh.append(thing)
    parts = [(told.place, told.what) for told in fresh if isinstance(told.what, Part)]
    keep_parts(tx, parts + _grown(tx, fresh))


def _grown(tx: Tx, told: list[Told]) -> list[tuple[Place, Part]]:
    totals = [(t.place, t.what) for t in told if isinstance(t.what, Total)]
    if not totals:
        return []
    last = telling.before(tx, {total.series for _, total in totals})
    heard = telling.heard(tx, {total.process for _, total in totals})
    found: list[tuple[Place, Part]] = []
    newest: dict[bytes, Total] = {}
    # Several messages of one process may be kept at once: its newest is what stays.
    for place, total in sorted(totals, key=lambda one: one[1].at):
        before = last.get(total.series)
        part = since(total, before, heard.get(total.process))
        if part is not None:
            found.append((place, part))
        if before is None or before.at < total.at:
            last[total.series] = Before(total.at, total.requests, total.total_ms, total.sketch)
            newest[total.series] = total
    telling.keep(tx, newest.values())
    return found
