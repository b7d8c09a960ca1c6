"""What was measured, second by second, and rolled up to minutes, hours and days."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from psycopg.rows import DictRow, args_row

from fairlead.analysis import sketch
from fairlead.analysis.measurement import Counters
from fairlead.analysis.rollup import GRAINS_S, KEPT, Part, Range, floored, rolled
from fairlead.store.database import Tx, many

_OF_A_PART = "release, component, source, grain, began, seen_s, requests, errors, total_ms, sketch"
_COLUMNS = f"app, environment, {_OF_A_PART}"
# A span is rolled up when it has been over for so long; what arrives later is a part of its own.
GRACE = timedelta(seconds=5)
# Most of what is told about a second has come by then.
SETTLED = timedelta(seconds=2)
# So many rows are read at once, each some kilobytes: a backlog takes several transactions.
MOST_ROWS = 2_000
Place = tuple[str, str]
"""An app and its environment."""


def add(tx: Tx, told: Iterable[tuple[Place, Part]]) -> None:
    """Keep parts, whatever is there already."""
    with tx.cursor().copy(f"COPY rollups ({_COLUMNS}) FROM STDIN") as copy:
        for (app, environment), part in told:
            copy.write_row(
                (
                    app,
                    environment,
                    part.release,
                    part.component,
                    part.source,
                    part.grain,
                    part.began,
                    part.seen_s,
                    part.requests,
                    part.errors,
                    _exact(part.total_ms),
                    sketch.packed(part.sketch),
                )
            )


def _exact(total_ms: float) -> float:
    """Return it in whole parts of 1/1024 ms: then sums are the same in whatever order.

    A sum that changed with how rows are rolled up would look like a counter that runs backwards.
    """
    return round(total_ms * 1024) / 1024


def within(
    tx: Tx, place: Place, told_by: Sequence[Range], source: str, release: str = ""
) -> list[Part]:
    """Return the parts of these ranges from one source, of one release when it is named.

    Two sources may tell about the same requests, so they are never added up.
    """
    if not told_by:
        return []
    one = (
        f"SELECT {_OF_A_PART} FROM rollups WHERE app = %s AND environment = %s AND grain = %s "
        "AND began >= %s AND began < %s AND source = %s AND %s IN ('', release)"
    )
    asked = [f"{one} AND NOT rolled" if r.fresh else one for r in told_by]
    values = [
        value for r in told_by for value in (*place, r.grain, r.since, r.until, source, release)
    ]
    # Sketches are bytes: as text they would be twice as long, and read twice as slowly.
    cursor = tx.cursor(binary=True, row_factory=args_row(_of_columns))
    return cursor.execute(" UNION ALL ".join(asked), values).fetchall()


@dataclass(frozen=True, slots=True)
class Slice:
    """What was done in one of the equal slices of a window, number `n`."""

    n: int
    requests: int
    errors: int
    total_ms: float


def course(
    tx: Tx, place: Place, span: tuple[datetime, timedelta, int], source: str, release: str = ""
) -> list[Slice]:
    """Return what was done in each slice in order; slices that nobody told about are left out.

    `span` is when the first slice begins, how long one is, and how many there are. Rows of the
    finest grain that is still kept for all of them tell it, and finer ones not rolled up yet.
    """
    since, length, number = span
    until = since + number * length
    grain = next(grain for grain, kept in KEPT.items() if until - since <= kept)
    rows = many(
        tx,
        "SELECT floor(extract(epoch FROM began - %s) / %s)::int AS n, "
        "sum(requests)::bigint AS requests, sum(errors)::bigint AS errors, "
        "sum(total_ms) AS total_ms FROM rollups WHERE app = %s AND environment = %s "
        "AND grain <= %s AND (grain = %s OR NOT rolled) AND began >= %s AND began < %s "
        "AND source = %s AND %s IN ('', release) GROUP BY 1 ORDER BY 1",
        since,
        length.total_seconds(),
        *place,
        grain,
        grain,
        since,
        until,
        source,
        release,
    )
    return [Slice(**row) for row in rows]


def totals(
    tx: Tx, place: Place, source: str, wanted: Sequence[tuple[str, str]]
) -> tuple[Counters, ...]:
    """Return all that a source has ever told of these releases, each with a component of it.

    What is rolled up is contained in a coarser row: those that are not, together, are everything.
    """
    rows = many(
        tx,
        f"SELECT {_OF_A_PART} FROM rollups WHERE NOT rolled AND app = %s AND environment = %s "
        "AND source = %s AND release = ANY(%s)",
        *place,
        source,
        sorted({release for release, _ in wanted}),
    )
    parts: dict[tuple[str, str], list[Part]] = {}
    for part in map(_part, rows):
        parts.setdefault((part.release, part.component), []).append(part)
    return tuple(_counters(which, parts[which]) for which in wanted if which in parts)


def _counters(which: tuple[str, str], parts: list[Part]) -> Counters:
    requests = sum(part.requests for part in parts)
    times = sketch.added(part.sketch for part in parts)
    # Times of some of the answers would be those of a few.
    told = sketch.as_buckets(times) if sketch.total(times) == requests else ()
    errors, total_ms = sum(p.errors for p in parts), sum(p.total_ms for p in parts)
    return Counters(*which, requests, errors, total_ms, told)


def newest(tx: Tx, place: Place, source: str) -> datetime | None:
    """Return when the newest second began that a source told about; None when there is none."""
    rows = many(
        tx,
        "SELECT began FROM rollups WHERE app = %s AND environment = %s AND grain = 1 "
        "AND source = %s ORDER BY began DESC LIMIT 1",
        *place,
        source,
    )
    return rows[0]["began"] if rows else None


def roll(tx: Tx, now: datetime) -> int:
    """Roll up every span that is over; return how many rows went into coarser ones."""
    return sum(_roll(tx, now, grain, coarser) for grain, coarser in pairwise(GRAINS_S))


def _roll(tx: Tx, now: datetime, grain: int, coarser: int) -> int:
    rows = many(
        tx,
        "UPDATE rollups SET rolled = true WHERE ctid = ANY(ARRAY(SELECT ctid FROM rollups "
        "WHERE NOT rolled AND grain = %s AND began < %s "
        "ORDER BY app, environment, source, began LIMIT %s FOR UPDATE)) "
        f"RETURNING {_COLUMNS}",
        grain,
        floored(now - GRACE, coarser),
        MOST_ROWS,
    )
    _add_rolled(tx, rows, coarser)
    return len(rows)


def gather(tx: Tx, now: datetime, grain: int) -> int:
    """Make one row of those that tell about one span; return how many there were.

    Each transaction adds rows of its own, so a busy second has many, and what comes late has more.
    """
    rows = many(
        tx,
        "DELETE FROM rollups WHERE ctid = ANY(ARRAY(SELECT id FROM (SELECT ctid AS id, count(*) "
        "OVER (PARTITION BY app, environment, source, began, release, component) AS several "
        "FROM rollups WHERE NOT rolled AND grain = %s AND began < %s) all_of_them "
        f"WHERE several > 1 LIMIT %s)) RETURNING {_COLUMNS}",
        grain,
        floored(now - SETTLED, 1),
        MOST_ROWS,
    )
    _add_rolled(tx, rows, grain)
    return len(rows)


def _add_rolled(tx: Tx, rows: Iterable[DictRow], grain: int) -> None:
    places: dict[Place, list[Part]] = {}
    for row in rows:
        places.setdefault((row["app"], row["environment"]), []).append(_part(row))
    add(tx, ((place, part) for place, parts in places.items() for part in rolled(parts, grain)))


def forget(tx: Tx, now: datetime) -> int:
    """Let go of rows that are rolled up and older than their grain is kept; return how many."""
    return sum(
        tx.execute(
            "DELETE FROM rollups WHERE rolled AND grain = %s AND began < %s", (grain, now - kept)
        ).rowcount
        for grain, kept in KEPT.items()
        if grain != GRAINS_S[-1]
    )


def _of_columns(*told: Any) -> Part:
    """Return a part of the values of `_OF_A_PART`, which are in the order of its fields."""
    made: Callable[..., Part] = Part
    return made(*told[:-1], sketch.Stored(told[-1]))


def _part(row: DictRow) -> Part:
    return _of_columns(*(row[name] for name in Part.__dataclass_fields__))
