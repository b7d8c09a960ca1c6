"""Environments: which release is live, and which shares the edge should give."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg.types.json import Jsonb

from fairlead.errors import NotFound
from fairlead.store.database import Tx, many, one


@dataclass(frozen=True, slots=True)
class EnvironmentState:
    """What an environment should be. `weights` maps release to percent; `held_by` is a run.

    `live` is the release that was promoted last, `previous` the one before it; both may be empty.
    `waiting` are migration files of `live` that wait until no other release runs, because they take
    something away; `contracted` are those that were begun to be applied.
    """

    app: str
    name: str
    listen: str
    live: str
    previous: str
    weights: dict[str, int]
    held_by: str
    production: bool
    changed_at: datetime
    waiting: list[str]
    contracted: list[str]


def ensure(tx: Tx, app: str, name: str, listen: str, now: datetime) -> None:
    """Add an environment, or change where it listens."""
    tx.execute(
        "INSERT INTO environments (app, name, listen, changed_at) VALUES (%s, %s, %s, %s) "
        "ON CONFLICT (app, name) DO UPDATE SET listen = EXCLUDED.listen",
        (app, name, listen, now),
    )


def find(tx: Tx, app: str, name: str) -> EnvironmentState | None:
    """Return an environment; None when nothing was ever deployed there."""
    row = one(tx, "SELECT * FROM environments WHERE app = %s AND name = %s", app, name)
    return EnvironmentState(**row) if row else None


def get(tx: Tx, app: str, name: str) -> EnvironmentState:
    """Return an environment; `NotFound` when nothing was ever deployed there."""
    state = find(tx, app, name)
    if state is None:
        raise NotFound(
            f"nothing was ever deployed to {name} of {app}: `fairlead status` lists what there is"
        )
    return state


def everything(tx: Tx, app: str = "") -> list[EnvironmentState]:
    """Return all environments, of one app when it is named."""
    rows = many(tx, "SELECT * FROM environments WHERE %s IN ('', app) ORDER BY app, name", app)
    return [EnvironmentState(**row) for row in rows]


def listener_taken(tx: Tx, app: str, name: str, listen: str) -> EnvironmentState | None:
    """Return another environment that answers at the same address; None when there is none."""
    row = one(
        tx,
        "SELECT * FROM environments WHERE listen = %s AND (app, name) <> (%s, %s) LIMIT 1",
        listen,
        app,
        name,
    )
    return EnvironmentState(**row) if row else None


def set_weights(tx: Tx, app: str, name: str, weights: dict[str, int], now: datetime) -> None:
    """Say which shares the edge should give."""
    tx.execute(
        "UPDATE environments SET weights = %s, changed_at = %s WHERE app = %s AND name = %s",
        (Jsonb(weights), now, app, name),
    )


def set_live(tx: Tx, app: str, name: str, live: str, previous: str) -> None:
    """Say which release is live and which one is the way back."""
    tx.execute(
        "UPDATE environments SET live = %s, previous = %s WHERE app = %s AND name = %s",
        (live, previous, app, name),
    )


def set_waiting(tx: Tx, app: str, name: str, waiting: Sequence[str]) -> None:
    """Say which migration files wait until no other release runs."""
    tx.execute(
        "UPDATE environments SET waiting = %s WHERE app = %s AND name = %s",
        ([*waiting], app, name),
    )


def add_contracted(tx: Tx, app: str, name: str, files: Sequence[str]) -> None:
    """Say that these migration files take something away now; saying it twice equals once."""
    tx.execute(
        "UPDATE environments SET contracted = ARRAY("
        "SELECT DISTINCT file FROM unnest(contracted || %s::text[]) AS file ORDER BY file) "
        "WHERE app = %s AND name = %s",
        ([*files], app, name),
    )


def mark_production(tx: Tx, app: str, name: str) -> None:
    """Remember that an environment is a production environment; no file takes that back."""
    tx.execute(
        "UPDATE environments SET production = true WHERE app = %s AND name = %s", (app, name)
    )


def release_hold(tx: Tx, app: str, name: str, run: str) -> None:
    """Say that a run no longer changes the environment; another run's hold stays."""
    tx.execute(
        "UPDATE environments SET held_by = '' WHERE app = %s AND name = %s AND held_by = %s",
        (app, name, run),
    )


def held_by(tx: Tx, run: str) -> list[str]:
    """Return the environments that a run changes now."""
    return [r["name"] for r in many(tx, "SELECT name FROM environments WHERE held_by = %s", run)]


def hold(tx: Tx, app: str, name: str, run: str) -> None:
    """Say which run changes the environment now; empty when none does."""
    tx.execute(
        "UPDATE environments SET held_by = %s WHERE app = %s AND name = %s", (run, app, name)
    )
