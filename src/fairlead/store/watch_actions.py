"""What has the watch done? One way back a release, and how it ended."""

from dataclasses import dataclass
from datetime import datetime

from fairlead.store.database import Tx, many, one


@dataclass(frozen=True, slots=True)
class Action:
    """A release was sent back by `run`; that is empty where it could not go back."""

    app: str
    environment: str
    release: str
    at: datetime
    run: str
    because: str
    run_open: bool


@dataclass(frozen=True, slots=True)
class Ended:
    """An action whose run has ended and of which that was not told."""

    app: str
    environment: str
    release: str
    run: str
    status: str
    because: str


def keep(tx: Tx, action: Action) -> None:
    """Keep that a release is sent back, or that it could not be; the newest of a release counts."""
    tx.execute(
        "INSERT INTO watch_actions (app, environment, release, at, run, because) "
        "VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT (app, environment, release) "
        "DO UPDATE SET at = EXCLUDED.at, run = EXCLUDED.run, because = EXCLUDED.because",
        (action.app, action.environment, action.release, action.at, action.run, action.because),
    )


def of(tx: Tx, app: str, environment: str, release: str) -> Action | None:
    """Return what was done about a release; None when nothing was."""
    row = one(
        tx,
        "SELECT a.app, a.environment, a.release, a.at, a.run, a.because, "
        "r.id IS NOT NULL AND r.finished_at IS NULL AS run_open "
        "FROM watch_actions a LEFT JOIN runs r ON r.id = a.run "
        "WHERE a.app = %s AND a.environment = %s AND a.release = %s",
        app,
        environment,
        release,
    )
    return Action(**row) if row else None


def newest(tx: Tx, app: str, environment: str) -> datetime | None:
    """Return when something was done last in an environment; None when nothing was."""
    row = one(
        tx,
        "SELECT max(at) AS at FROM watch_actions WHERE app = %s AND environment = %s",
        app,
        environment,
    )
    return row["at"] if row else None


def take_ended(tx: Tx, now: datetime) -> list[Ended]:
    """Return the actions whose run has ended since the last time; each is returned once."""
    rows = many(
        tx,
        "UPDATE watch_actions a SET told_at = %s FROM runs r WHERE r.id = a.run "
        "AND r.finished_at IS NOT NULL AND a.told_at IS NULL "
        "RETURNING a.app, a.environment, a.release, a.run, r.status, r.because",
        now,
    )
    return [Ended(**row) for row in rows]
