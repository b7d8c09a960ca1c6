"""What was measured, second by second, as rows that together tell any window."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from psycopg.rows import DictRow, args_row

from fairlead.analysis import sketch
from fairlead.analysis.measurement import Counters
from fairlead.analysis.rollup import GRAINS_S, KEPT, Part, Range, floored, ranges
from fairlead.store.database import Tx, many

_OF_A_PART = "release, component, source, grain, began, seen_s, requests, errors, total_ms, sketch"
COLUMNS = f"app, environment, {_OF_A_PART}"
Place = tuple[str, str]
"""An app and its environment."""
_OF_PLACE = (
    "app = %(app)s AND environment = %(environment)s AND source = %(source)s "
    "AND %(release)s IN ('', release)"
)
_SECONDS = (
    f"SELECT {_OF_A_PART} FROM rollups WHERE grain = 1 "
    f"AND began >= %(since)s AND began < %(until)s AND {_OF_PLACE}"
)


def _in_ranges(of: str, which: str) -> str:
    """Return the question for such rows in ranges; `OFFSET 0` lets each be looked up by itself."""
    return (
        f"SELECT {_OF_A_PART} FROM unnest(%({of}_grains)s::integer[], "
        f"%({of}_since)s::timestamptz[], %({of}_until)s::timestamptz[]) "
        "AS told (of_grain, since, until) CROSS JOIN LATERAL ("
        f"SELECT * FROM rollups WHERE {which} AND grain = told.of_grain "
        f"AND began >= told.since AND began < told.until AND {_OF_PLACE} OFFSET 0) AS found"
    )


# What is rolled up is contained in a coarser row: one that lies within tells it, and where none
# does, at the edges, it tells itself.
_WITHIN = f"{_in_ranges('fresh', 'NOT rolled')} UNION ALL {_in_ranges('edge', 'rolled')}"


def add(tx: Tx, told: Iterable[tuple[Place, Part]]) -> None:
    """Keep parts, whatever is there already."""
    with tx.cursor().copy(f"COPY rollups ({COLUMNS}) FROM STDIN") as copy:
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
    tx: Tx, place: Place, span: tuple[datetime, datetime], source: str, release: str = ""
) -> list[Part]:
    """Return the parts that tell a span from one source, of one release when it is named.

    Two sources may tell about the same requests, so they are never added up.
    """
    since, until = (floored(edge, 1) for edge in span)
    # A row begins at a whole number of its grain: what begins before the last of them lies within.
    fresh = [Range(grain, since, floored(until, grain)) for grain in GRAINS_S]
    asked = _asked(place, (since, until), source, release)
    for of, told_by in {"fresh": fresh, "edge": ranges(since, until)}.items():
        asked[f"{of}_grains"] = [one.grain for one in told_by]
        asked[f"{of}_since"] = [one.since for one in told_by]
        asked[f"{of}_until"] = [one.until for one in told_by]
    return _parts(tx, _WITHIN, asked)


def seconds(
    tx: Tx, place: Place, span: tuple[datetime, datetime], source: str, release: str
) -> list[Part]:
    """Return every second of a release in a span that is not longer ago than seconds are kept."""
    return _parts(tx, _SECONDS, _asked(place, span, source, release))


def _asked(
    place: Place, span: tuple[datetime, datetime], source: str, release: str
) -> dict[str, Any]:
    app, environment = place
    since, until = span
    return {
        "app": app,
        "environment": environment,
        "since": since,
        "until": until,
        "source": source,
        "release": release,
    }


def _parts(tx: Tx, statement: str, asked: dict[str, Any]) -> list[Part]:
    # Sketches are bytes: as text they would be twice as long, and read twice as slowly.
    cursor = tx.cursor(binary=True, row_factory=args_row(_of_columns))
    return cursor.execute(statement, asked).fetchall()


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
    for part in map(as_part, rows):
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
    """Return when the newest second began that a source told about; None when there is none.

    When its seconds are not kept any more it is the last of the finest span that is.
    """
    rows = many(
        tx,
        "SELECT began + (grain - 1) * interval '1 second' AS newest FROM unnest(%s::integer[]) "
        "AS kept (of_grain) CROSS JOIN LATERAL (SELECT grain, began FROM rollups WHERE app = %s "
        "AND environment = %s AND source = %s AND grain = kept.of_grain "
        "ORDER BY began DESC LIMIT 1) AS found ORDER BY grain LIMIT 1",
        [*GRAINS_S],
        *place,
        source,
    )
    return rows[0]["newest"] if rows else None


def _of_columns(*told: Any) -> Part:
    """Return a part of the values of `_OF_A_PART`, which are in the order of its fields."""
    made: Callable[..., Part] = Part
    return made(*told[:-1], sketch.Stored(told[-1]))


def as_part(row: DictRow) -> Part:
    """Return a row as the part it keeps."""
    return _of_columns(*(row[name] for name in Part.__dataclass_fields__))
