"""How is Fairlead itself? Numbers for a scrape: few rows, however much has happened."""

from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import DictRow

from fairlead.store.database import Tx, many, one

# Upper bounds of how long gates take, seconds; longer ones are counted at the end.
GATE_BOUNDS_S = (1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0)
# Names of gates come from files: beyond so many the ones that ran least lately are left out.
MOST_GATES = 200


@dataclass(frozen=True, slots=True)
class Counted:
    """How many there are of one kind; `labels` are its words in order."""

    labels: tuple[str, ...]
    value: float


@dataclass(frozen=True, slots=True)
class Gate:
    """How long a gate took: counts by `GATE_BOUNDS_S` and one above them, and seconds in all."""

    name: str
    counts: tuple[int, ...]
    total_s: float


def runs(tx: Tx) -> list[Counted]:
    """Return how many runs there are of each kind and status."""
    rows = many(tx, "SELECT kind, status, count(*) AS n FROM runs GROUP BY 1, 2 ORDER BY 1, 2")
    return [Counted((row["kind"], row["status"]), row["n"]) for row in rows]


def queue(tx: Tx) -> tuple[int, datetime | None]:
    """Return how many runs have not begun yet, and since when the oldest waits."""
    row = one(tx, "SELECT count(*) AS n, min(created_at) AS at FROM runs WHERE status = 'queued'")
    return (int(row["n"]), row["at"]) if row else (0, None)


def gates(tx: Tx) -> list[Gate]:
    """Return how long each gate took that ran and has ended; reused results took no time."""
    rows = many(
        tx,
        # The bounds are turned round: one that is met exactly belongs to the shorter times.
        "WITH took AS (SELECT gate, started_at, "
        "extract(epoch FROM finished_at - started_at)::float8 AS s "
        "FROM gate_results WHERE finished_at IS NOT NULL AND reused_from IS NULL) "
        "SELECT gate, width_bucket(-s, %s::float8[]) AS above, count(*) AS n, sum(s) AS total_s, "
        "max(started_at) AS newest FROM took GROUP BY 1, 2",
        [-bound for bound in reversed(GATE_BOUNDS_S)],
    )
    mine: dict[str, list[DictRow]] = {}
    for row in sorted(rows, key=lambda row: row["newest"], reverse=True):
        mine.setdefault(row["gate"], []).append(row)
    return [_gate(name, same) for name, same in sorted([*mine.items()][:MOST_GATES])]


def outcomes(tx: Tx) -> list[Counted]:
    """Return how many gates ended in each way."""
    rows = many(tx, "SELECT status, count(*) AS n FROM gate_results GROUP BY 1 ORDER BY 1")
    return [Counted((row["status"],), row["n"]) for row in rows]


def rollouts(tx: Tx) -> list[Counted]:
    """Return the takeovers that go on, with their phase; one that is waited for is one."""
    rows = many(
        tx,
        "SELECT e.app, e.name, o.phase FROM environments e JOIN rollouts o "
        "ON o.run = e.held_by AND o.environment = e.name WHERE e.held_by <> '' ORDER BY 1, 2",
    )
    return [Counted((row["app"], row["name"], row["phase"]), 1) for row in rows]


def weights(tx: Tx) -> list[Counted]:
    """Return which shares the live release, the one before and a new one should have, in percent.

    Releases have no names here: there would be ever more of them.
    """
    rows = many(
        tx,
        "SELECT e.app, e.name, CASE WHEN w.key = e.live THEN 'live' "
        "WHEN w.key = e.previous THEN 'previous' ELSE 'new' END AS role, "
        "sum(w.value::int) AS n FROM environments e, jsonb_each_text(e.weights) w "
        "GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
    )
    return [Counted((row["app"], row["name"], row["role"]), row["n"]) for row in rows]


def sampled(tx: Tx) -> list[tuple[str, str, datetime]]:
    """Return when the newest second began that each environment was measured in."""
    rows = many(
        tx,
        "SELECT e.app, e.name, newest.began FROM environments e JOIN LATERAL ("
        "SELECT began FROM rollups WHERE app = e.app AND environment = e.name AND grain = 1 "
        "ORDER BY began DESC LIMIT 1) newest ON true ORDER BY 1, 2",
    )
    return [(row["app"], row["name"], row["began"]) for row in rows]


def outbox(tx: Tx) -> list[Counted]:
    """Return how many messages are sent, wait, fail just now, or were given up, by channel."""
    rows = many(
        tx,
        "SELECT channel, CASE WHEN sent_at IS NOT NULL THEN 'sent' "
        "WHEN given_up_at IS NOT NULL THEN 'given_up' "
        "WHEN attempts > 0 THEN 'failing' ELSE 'waiting' END AS state, count(*) AS n "
        "FROM outbox GROUP BY 1, 2 ORDER BY 1, 2",
    )
    return [Counted((row["channel"], row["state"]), row["n"]) for row in rows]


def journal(tx: Tx) -> int:
    """Return how many entries the record has; they are numbered without a gap."""
    row = one(tx, "SELECT coalesce(max(seq), 0) AS n FROM journal")
    return int(row["n"]) if row else 0


def _gate(name: str, rows: list[DictRow]) -> Gate:
    counts = [0] * (len(GATE_BOUNDS_S) + 1)
    for row in rows:
        counts[len(GATE_BOUNDS_S) - row["above"]] = row["n"]
    return Gate(name, tuple(counts), sum(row["total_s"] for row in rows))
