"""The record: appended inside the transaction that changes the state, chained, never rewritten."""

import math
from collections.abc import Iterator
from dataclasses import fields, replace
from decimal import Decimal
from typing import Any

from psycopg.rows import DictRow
from psycopg.types.json import Jsonb

from fairlead.journal.chain import GENESIS, digest
from fairlead.journal.event import Entry, Event
from fairlead.store.database import Tx, many, one, readable_text

# Held to the end of the transaction, so append last: entries are chained one after another.
CHAIN_LOCK = 7_310_002
_COLUMNS = (
    "seq, at, actor, kind, because, effect, app, run, environment, release, data, previous, digest"
)


def append(tx: Tx, event: Event) -> bool:
    """Add `event` to the chain; False, and nothing is added, when its effect is recorded."""
    event = readable(event)
    tx.execute("SELECT pg_advisory_xact_lock(%s)", (CHAIN_LOCK,))
    if is_recorded(tx, event.effect):
        return False
    head = one(tx, "SELECT seq, digest FROM journal ORDER BY seq DESC LIMIT 1")
    seq, previous = (head["seq"] + 1, head["digest"]) if head else (1, GENESIS)
    tx.execute(
        f"INSERT INTO journal ({_COLUMNS}) VALUES (%s{', %s' * 12})",
        (
            seq,
            event.at,
            event.actor,
            event.kind,
            event.because,
            event.effect,
            event.app,
            event.run,
            event.environment,
            event.release,
            Jsonb(event.data),
            previous,
            digest(previous, seq, event),
        ),
    )
    return True


def is_recorded(tx: Tx, effect: str) -> bool:
    """Tell whether an event of this effect is there already."""
    return one(tx, "SELECT 1 AS found FROM journal WHERE effect = %s", effect) is not None


def readable(event: Event) -> Event:
    """Return the event as PostgreSQL will give it back, so that its digest still fits then."""
    kept = {f.name: _kept(getattr(event, f.name)) for f in fields(event) if f.name != "at"}
    return replace(event, **kept)


def _kept(value: Any) -> Any:
    match value:
        case str():
            return readable_text(value)
        case float():
            return _number(value)
        case dict():
            return {readable_text(str(key)): _kept(inner) for key, inner in value.items()}
        case list() | tuple():
            return [_kept(inner) for inner in value]
    return value


def _number(value: float) -> float | int | str:
    # jsonb holds decimals: it knows neither NaN nor -0.0, and gives 1e22 back as an integer.
    if not math.isfinite(value):
        return str(value)
    exact = Decimal(repr(value))
    return int(exact) if "e+" in repr(value) else value + 0.0


def entries(tx: Tx, after: int = 0, run: str = "", limit: int = 1000) -> list[Entry]:
    """Return entries in order, those with a number above `after`, of one run when it is named."""
    rows = many(
        tx,
        f"SELECT {_COLUMNS} FROM journal WHERE seq > %s AND (%s = '' OR run = %s) "
        "ORDER BY seq LIMIT %s",
        after,
        run,
        run,
        limit,
    )
    return [_entry(row) for row in rows]


def of_kind(tx: Tx, run: str, kind: str) -> list[Entry]:
    """Return the entries of one kind in a run, in order."""
    asked = f"SELECT {_COLUMNS} FROM journal WHERE run = %s AND kind = %s ORDER BY seq"
    return [_entry(row) for row in many(tx, asked, run, kind)]


def count(tx: Tx) -> int:
    """Return how many entries there are."""
    row = one(tx, "SELECT count(*) AS entries FROM journal")
    return int(row["entries"]) if row else 0


def newest(tx: Tx, app: str, environment: str, limit: int) -> list[Entry]:
    """Return the newest entries first, of one app and environment when they are named."""
    rows = many(
        tx,
        f"SELECT {_COLUMNS} FROM journal WHERE (%s = '' OR app = %s) "
        "AND (%s = '' OR environment = %s) ORDER BY seq DESC LIMIT %s",
        app,
        app,
        environment,
        environment,
        limit,
    )
    return [_entry(row) for row in rows]


def whole_chain(tx: Tx) -> Iterator[Entry]:
    """Yield every entry in order, a thousand at a time."""
    after = 0
    while page := entries(tx, after):
        yield from page
        after = page[-1].seq


def _entry(row: DictRow) -> Entry:
    event = Event(
        at=row["at"],
        actor=row["actor"],
        kind=row["kind"],
        because=row["because"],
        effect=row["effect"],
        app=row["app"],
        run=row["run"],
        environment=row["environment"],
        release=row["release"],
        data=row["data"],
    )
    return Entry(row["seq"], event, row["previous"], row["digest"])
