"""Which runs were told as traces?"""

from datetime import datetime

from fairlead.store.database import Tx, many


def untold(tx: Tx, since: datetime, limit: int) -> list[str]:
    """Return runs that ended after `since` and were not told, the first to end first."""
    rows = many(
        tx,
        "SELECT id FROM runs r WHERE finished_at >= %s AND NOT EXISTS "
        "(SELECT 1 FROM run_traces t WHERE t.run = r.id) ORDER BY finished_at LIMIT %s",
        since,
        limit,
    )
    return [row["id"] for row in rows]


def told(tx: Tx, run: str, now: datetime) -> None:
    """Remember that a run was told."""
    tx.execute(
        "INSERT INTO run_traces (run, at) VALUES (%s, %s) ON CONFLICT DO NOTHING", (run, now)
    )
