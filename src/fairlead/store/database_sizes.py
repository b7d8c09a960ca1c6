"""How large the databases of environments were, and which environments have one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from fairlead.analysis.growth import Size
from fairlead.store.database import Tx, many

Place = tuple[str, str]
"""An app and its environment."""

WHOLE = ""
MINUTES_S, HOUR_S, DAY_S = 600, 3600, 86400
KEPT = {
    MINUTES_S: timedelta(days=2),
    HOUR_S: timedelta(days=60),
    DAY_S: timedelta(days=800),
}


@dataclass(frozen=True, slots=True)
class Known:
    """A database of an environment: the secret with its address, and when it was last measured."""

    place: Place
    secret: str
    measured_at: datetime | None


def databases(tx: Tx, app: str = "", environment: str = "") -> list[Known]:
    """Return every database that the newest file of an environment names, or of one that is named.

    `secret` is empty where the environment has none.
    """
    rows = many(
        tx,
        "SELECT e.app, e.name, coalesce(newest.spec -> 'environments' -> e.name -> 'database' "
        "->> 'secret', '') AS secret, (SELECT max(s.at) FROM database_sizes s "
        "WHERE s.app = e.app AND s.environment = e.name) AS measured_at "
        "FROM environments e JOIN LATERAL ("
        "SELECT r.spec FROM rollouts o JOIN runs r ON r.id = o.run "
        "WHERE r.app = e.app AND o.environment = e.name ORDER BY r.created_at DESC LIMIT 1"
        ") newest ON true WHERE %s IN ('', e.app) AND %s IN ('', e.name) ORDER BY e.app, e.name",
        app,
        environment,
    )
    return [Known((row["app"], row["name"]), row["secret"], row["measured_at"]) for row in rows]


def add(tx: Tx, known: Known, sizes: Mapping[str, int], now: datetime) -> None:
    """Keep the sizes of a database's tables by name, and the whole under `WHOLE`."""
    grain = _grain(known.measured_at, now)
    rows = [(*known.place, name, now, grain, size) for name, size in sizes.items()]
    tx.cursor().executemany(
        "INSERT INTO database_sizes (app, environment, relation, at, grain, bytes) "
        "VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
        rows,
    )


def newest(tx: Tx, place: Place) -> dict[str, int]:
    """Return the sizes that were measured last."""
    rows = many(
        tx,
        "SELECT relation, bytes FROM database_sizes WHERE (app, environment) = (%s, %s) AND at = "
        "(SELECT max(at) FROM database_sizes WHERE (app, environment) = (%s, %s))",
        *place,
        *place,
    )
    return {row["relation"]: row["bytes"] for row in rows}


def since(tx: Tx, place: Place, relation: str, when: datetime) -> list[Size]:
    """Return the sizes of a table, or of the `WHOLE`, in the order of their time."""
    rows = many(
        tx,
        "SELECT at, bytes FROM database_sizes WHERE (app, environment, relation) = (%s, %s, %s) "
        "AND at >= %s ORDER BY at",
        *place,
        relation,
        when,
    )
    return [Size(row["at"], row["bytes"]) for row in rows]


def forget(tx: Tx, now: datetime) -> int:
    """Let go of sizes that are older than their grain is kept; return how many."""
    return sum(
        tx.execute(
            "DELETE FROM database_sizes WHERE grain = %s AND at < %s", (grain, now - kept)
        ).rowcount
        for grain, kept in KEPT.items()
    )


def _grain(before: datetime | None, now: datetime) -> int:
    """Return how long the sizes of a moment are kept: of the first in a day longest."""
    if before is None or before.date() != now.date():
        return DAY_S
    return HOUR_S if before.hour != now.hour else MINUTES_S
