"""What is there to watch? Live releases that no run changes, with the policy they came by."""

from dataclasses import dataclass
from typing import Any

from fairlead.store.database import Tx, many


@dataclass(frozen=True, slots=True)
class Alone:
    """An environment that one release has to itself, changed by no run."""

    app: str
    environment: str
    live: str
    previous: str


@dataclass(frozen=True, slots=True)
class Policies:
    """What the file said with which an environment was changed last."""

    watch: dict[str, Any]
    channels: dict[str, Any]
    production: bool


def alone(tx: Tx) -> list[Alone]:
    """Return every environment whose live release has all traffic and that no run changes."""
    rows = many(
        tx,
        "SELECT app, name AS environment, live, previous FROM environments WHERE live <> '' "
        "AND held_by = '' AND coalesce((weights ->> live)::int, 0) = 100 ORDER BY app, name",
    )
    return [Alone(**row) for row in rows]


def policies(tx: Tx) -> dict[tuple[str, str], Policies]:
    """Return the newest policies by app and environment; what a file did not say is left out."""
    rows = many(
        tx,
        "SELECT e.app, e.name, e.production, "
        "coalesce(newest.spec -> 'environments' -> e.name -> 'watch', '{}') AS watch, "
        "coalesce(newest.spec -> 'channels', '{}') AS channels "
        "FROM environments e JOIN LATERAL ("
        "SELECT r.spec FROM rollouts o JOIN runs r ON r.id = o.run "
        "WHERE r.app = e.app AND o.environment = e.name ORDER BY r.created_at DESC LIMIT 1"
        ") newest ON true WHERE e.live <> ''",
    )
    return {
        (row["app"], row["name"]): Policies(row["watch"], row["channels"], row["production"])
        for row in rows
    }
