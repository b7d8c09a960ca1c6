"""Runs and their stages."""

from dataclasses import asdict
from datetime import datetime
from typing import LiteralString

from psycopg.rows import DictRow
from psycopg.types.json import Jsonb

from fairlead.errors import NotFound
from fairlead.release.plan import Leg, PlannedStage, StageKind
from fairlead.release.progress import Run, RunStatus, StageState, StageStatus
from fairlead.release.release import Commit
from fairlead.store.database import Tx, many, one

SUBMISSION_LOCK = 7_310_003
_RUN = (
    "id, app, kind, commit, release, repository, spec, status, because, submitted_by, "
    "submitter_email, created_at, finished_at"
)


def add(tx: Tx, run: Run, legs: tuple[Leg, ...]) -> None:
    """Keep a new run with all its stages pending."""
    tx.execute(
        f"INSERT INTO runs ({_RUN}) VALUES (%s{', %s' * 12})",
        (
            run.id,
            run.app,
            run.kind,
            Jsonb(asdict(run.commit)),
            run.release,
            run.repository,
            Jsonb(run.spec),
            run.status,
            run.because,
            run.submitted_by,
            run.submitter_email,
            run.created_at,
            run.finished_at,
        ),
    )
    for number, leg in enumerate(legs):
        for stage in leg.stages:
            tx.execute(
                "INSERT INTO stages (run, index, name, kind, environment, gates, leg, status) "
                "VALUES (%s, %s, %s, %s, %s, %s, %s, 'pending')",
                (
                    run.id,
                    stage.index,
                    stage.name,
                    stage.kind,
                    stage.environment,
                    [*stage.gates],
                    number,
                ),
            )


def get(tx: Tx, run_id: str) -> Run:
    """Return a run; `NotFound` when there is none of that name."""
    return _named(tx, run_id, "")


def lock(tx: Tx, run_id: str) -> Run:
    """Return a run and keep others from changing it until the transaction ends."""
    return _named(tx, run_id, "FOR UPDATE")


def _named(tx: Tx, run_id: str, locked: LiteralString) -> Run:
    row = one(tx, f"SELECT {_RUN} FROM runs WHERE id = %s {locked}", run_id)
    if row is None:
        raise NotFound(f"there is no run {run_id}: `fairlead history` lists them")
    return _run(row)


def one_submission_at_a_time(tx: Tx) -> None:
    """Keep others from submitting until the transaction ends."""
    tx.execute("SELECT pg_advisory_xact_lock(%s)", (SUBMISSION_LOCK,))


def newest(tx: Tx, app: str, limit: int) -> list[Run]:
    """Return the newest runs first, of one app when it is named."""
    statement = f"SELECT {_RUN} FROM runs WHERE %s IN ('', app) ORDER BY created_at DESC LIMIT %s"
    return [_run(row) for row in many(tx, statement, app, limit)]


def open_runs(tx: Tx) -> list[Run]:
    """Return every run that has not ended, oldest first."""
    return [
        _run(r)
        for r in many(tx, f"SELECT {_RUN} FROM runs WHERE finished_at IS NULL ORDER BY created_at")
    ]


def newest_of_environment(tx: Tx, app: str, environment: str) -> Run:
    """Return the newest run that has begun to change an environment."""
    row = one(
        tx,
        f"SELECT {_RUN} FROM runs WHERE id = (SELECT o.run FROM rollouts o JOIN runs r "
        "ON r.id = o.run WHERE r.app = %s AND o.environment = %s "
        "ORDER BY r.created_at DESC LIMIT 1)",
        app,
        environment,
    )
    if row is None:
        raise NotFound(f"nothing was ever deployed to {environment} of {app}")
    return _run(row)


def was_contracted(tx: Tx, app: str, environment: str, release: str) -> bool:
    """Tell whether a run already took away, or tried to, what this release no longer needs."""
    return bool(
        one(
            tx,
            "SELECT 1 FROM runs r JOIN stages s ON s.run = r.id WHERE r.app = %s AND "
            "s.environment = %s AND r.kind = 'contract' AND r.release = %s LIMIT 1",
            app,
            environment,
            release,
        )
    )


def newer_at(tx: Tx, run: Run, stage: int) -> Run | None:
    """Return a newer deployment of the app that has come as far as `stage`, or further; or None.

    One that ended counts only when it succeeded: going on would put the older release over it.
    """
    row = one(
        tx,
        f"SELECT {', '.join('r.' + c.strip() for c in _RUN.split(','))} FROM runs r "
        "JOIN stages s ON s.run = r.id AND s.index = %s "
        "WHERE r.app = %s AND r.kind = 'deploy' AND r.created_at > %s "
        "AND (r.finished_at IS NULL OR r.status = 'succeeded') "
        "AND s.status IN ('pending', 'running', 'passed') AND NOT EXISTS (SELECT 1 FROM stages p "
        "WHERE p.run = r.id AND p.index < s.index AND p.status <> 'passed') "
        "ORDER BY r.created_at DESC LIMIT 1",
        stage,
        run.app,
        run.created_at,
    )
    return _run(row) if row else None


def set_release(tx: Tx, run_id: str, release: str) -> None:
    """Remember which release a run built."""
    tx.execute("UPDATE runs SET release = %s WHERE id = %s", (release, run_id))


def set_status(tx: Tx, run_id: str, status: RunStatus, because: str) -> None:
    """Change where an open run is in its life."""
    tx.execute(
        "UPDATE runs SET status = %s, because = %s WHERE id = %s AND finished_at IS NULL",
        (status, because, run_id),
    )


def finish(tx: Tx, run_id: str, status: RunStatus, because: str, now: datetime) -> None:
    """End a run; stages that never began are skipped. An ended run stays as it ended."""
    tx.execute(
        "UPDATE runs SET status = %s, because = %s, finished_at = %s "
        "WHERE id = %s AND finished_at IS NULL",
        (status, because, now, run_id),
    )
    tx.execute(
        "UPDATE stages SET status = 'skipped' WHERE run = %s AND status = 'pending'", (run_id,)
    )


def stages(tx: Tx, run_id: str) -> tuple[StageState, ...]:
    """Return a run's stages in order."""
    return tuple(
        _stage(row)
        for row in many(tx, "SELECT * FROM stages WHERE run = %s ORDER BY index", run_id)
    )


def begin_stage(tx: Tx, run_id: str, index: int, now: datetime) -> None:
    """Mark a pending stage as running."""
    tx.execute(
        "UPDATE stages SET status = 'running', started_at = %s "
        "WHERE run = %s AND index = %s AND status = 'pending'",
        (now, run_id, index),
    )


def end_stage(
    tx: Tx, run_id: str, index: int, ended: tuple[StageStatus, str], now: datetime
) -> None:
    """Mark a stage as ended, with its status and sentence."""
    status, because = ended
    tx.execute(
        "UPDATE stages SET status = %s, because = %s, finished_at = %s "
        "WHERE run = %s AND index = %s AND status IN ('pending', 'running')",
        (status, because, now, run_id, index),
    )


def note_stage(tx: Tx, run_id: str, index: int, because: str) -> None:
    """Keep the newest sentence about a running stage."""
    tx.execute(
        "UPDATE stages SET because = %s WHERE run = %s AND index = %s AND status = 'running'",
        (because, run_id, index),
    )


def note_trouble(tx: Tx, run_id: str, index: int, because: str, now: datetime | None) -> None:
    """Keep what fails just now and since when; `now` None says that the trouble has passed."""
    if now is None:
        tx.execute(
            "UPDATE stages SET trouble_since = NULL WHERE run = %s AND index = %s", (run_id, index)
        )
        return
    tx.execute(
        "UPDATE stages SET because = %s, trouble_since = coalesce(trouble_since, %s) "
        "WHERE run = %s AND index = %s",
        (because, now, run_id, index),
    )


def _run(row: DictRow) -> Run:
    return Run(**row | {"status": RunStatus(row["status"]), "commit": Commit(**row["commit"])})


def _stage(row: DictRow) -> StageState:
    planned = PlannedStage(
        row["index"], row["name"], StageKind(row["kind"]), row["environment"], tuple(row["gates"])
    )
    return StageState(
        planned,
        row["leg"],
        StageStatus(row["status"]),
        row["started_at"],
        row["finished_at"],
        row["because"],
        row["trouble_since"],
    )
