"""How do rows of seconds become minutes, hours and days? Each is contained in one coarser row."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import pairwise

from psycopg.rows import DictRow

from fairlead.analysis.rollup import GRAINS_S, KEPT, Part, floored, rolled
from fairlead.store.database import Tx, many
from fairlead.store.rollups import COLUMNS, Place, add, as_part

# A span is rolled up when it has been over for so long; what arrives later is a part of its own.
GRACE = timedelta(seconds=5)
# Most of what is told about a second has come by then.
SETTLED = timedelta(seconds=2)
# So many rows are read at once, each some kilobytes: a backlog takes several transactions.
MOST_ROWS = 2_000


def roll(tx: Tx, now: datetime) -> int:
    """Roll up every span that is over; return how many rows went into coarser ones."""
    return sum(_roll(tx, now, grain, coarser) for grain, coarser in pairwise(GRAINS_S))


def _roll(tx: Tx, now: datetime, grain: int, coarser: int) -> int:
    rows = many(
        tx,
        "UPDATE rollups SET rolled = true WHERE ctid = ANY(ARRAY(SELECT ctid FROM rollups "
        "WHERE NOT rolled AND grain = %s AND began < %s "
        "ORDER BY app, environment, source, began LIMIT %s FOR UPDATE)) "
        f"RETURNING {COLUMNS}",
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
        f"WHERE several > 1 LIMIT %s)) RETURNING {COLUMNS}",
        grain,
        floored(now - SETTLED, 1),
        MOST_ROWS,
    )
    _add_rolled(tx, rows, grain)
    return len(rows)


def _add_rolled(tx: Tx, rows: Iterable[DictRow], grain: int) -> None:
    places: dict[Place, list[Part]] = {}
    for row in rows:
        places.setdefault((row["app"], row["environment"]), []).append(as_part(row))
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
