"""What has each series told last, and which messages have come before?"""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from fairlead.analysis import sketch
from fairlead.analysis.telling import Before, Total
from fairlead.store.database import Tx, many

# Senders repeat what was not acknowledged within minutes; a series that is silent has ended.
REPEATED, SILENT = timedelta(hours=1), timedelta(days=1)


def is_new(tx: Tx, digest: bytes, now: datetime) -> bool:
    """Tell whether a message comes for the first time, and remember that it came."""
    cursor = tx.execute(
        "INSERT INTO told_once (digest, at) VALUES (%s, %s) ON CONFLICT DO NOTHING", (digest, now)
    )
    return cursor.rowcount == 1


def before(tx: Tx, series: Collection[bytes]) -> dict[bytes, Before]:
    """Return what each series told last."""
    rows = many(
        tx,
        "SELECT series, at, requests, total_ms, sketch FROM told_series WHERE series = ANY(%s)",
        [*series],
    )
    return {
        row["series"]: Before(
            row["at"], row["requests"], row["total_ms"], sketch.Stored(row["sketch"])
        )
        for row in rows
    }


def heard(tx: Tx, processes: Collection[bytes]) -> dict[bytes, datetime]:
    """Return when each process told anything last."""
    rows = many(
        tx,
        "SELECT process, max(at) AS at FROM told_series WHERE process = ANY(%s) GROUP BY process",
        [*processes],
    )
    return {row["process"]: row["at"] for row in rows}


def keep(tx: Tx, totals: Iterable[Total]) -> None:
    """Remember what series told; an older message changes nothing."""
    tx.cursor().executemany(
        "INSERT INTO told_series AS old (series, process, at, requests, total_ms, sketch) "
        "VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT (series) DO UPDATE SET at = EXCLUDED.at, "
        "requests = EXCLUDED.requests, total_ms = EXCLUDED.total_ms, sketch = EXCLUDED.sketch "
        "WHERE old.at < EXCLUDED.at",
        [
            (t.series, t.process, t.at, t.requests, t.total_ms, sketch.packed(t.sketch))
            for t in totals
        ],
    )


def forget(tx: Tx, now: datetime) -> None:
    """Let go of messages that nobody repeats any more, and of series that have ended."""
    tx.execute("DELETE FROM told_once WHERE at < %s", (now - REPEATED,))
    tx.execute("DELETE FROM told_series WHERE at < %s", (now - SILENT,))
