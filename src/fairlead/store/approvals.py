"""Answers to the question whether a run may go on."""

from dataclasses import replace

from fairlead.analysis.history import Usual, usual
from fairlead.release.approval import (
    REHEARSE,
    Answer,
    Approval,
    Question,
    changes_database,
    question_of,
)
from fairlead.release.plan import StageKind
from fairlead.release.progress import Run, StageState, StageStatus
from fairlead.release.release import Release
from fairlead.store import environments, gate_results, history, journal, releases
from fairlead.store.database import Tx, one
from fairlead.store.history import Place


def add(tx: Tx, approval: Approval) -> bool:
    """Keep an answer; False when the question was answered before."""
    cursor = tx.execute(
        "INSERT INTO approvals (run, environment, plan_hash, answer, person, reason, at) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT (run, environment) DO NOTHING",
        (
            approval.run,
            approval.environment,
            approval.plan_hash,
            approval.answer,
            approval.by,
            approval.reason,
            approval.at,
        ),
    )
    return cursor.rowcount == 1


def find(tx: Tx, run: str, environment: str) -> Approval | None:
    """Return the answer; None when nobody has answered."""
    row = one(tx, "SELECT * FROM approvals WHERE run = %s AND environment = %s", run, environment)
    if row is None:
        return None
    return Approval(
        row["run"],
        row["environment"],
        row["plan_hash"],
        Answer(row["answer"]),
        row["person"],
        row["reason"],
        row["at"],
    )


def open_question(tx: Tx, run: Run, stages: tuple[StageState, ...]) -> Question | None:
    """Return what a run asks people now; None when it asks nothing or was answered.

    Nothing is asked before the record says what changes, in the packages and in the database.
    """
    for stage in stages:
        asks = stage.planned.kind is StageKind.APPROVE and stage.status is StageStatus.RUNNING
        release = releases.find(tx, run.app, run.release) if asks and not run.ended else None
        if release is not None and find(tx, run.id, stage.planned.environment) is None:
            asked = question(tx, run, stage, release)
            if asked is None or not _says_what_changes(tx, run.id, stage):
                return None
            if not changes_database(run, stage, release):
                return asked
            return _with_database(tx, asked, stage)
    return None


def question(tx: Tx, run: Run, stage: StageState, release: Release) -> Question | None:
    """Return what an approval stage asks, whether or not it can be answered yet."""
    rehearsed = gate_results.of_stage(tx, run.id, stage.planned.index).get(REHEARSE)
    ended = rehearsed.finished_at if rehearsed else None
    return question_of(run, stage, release, _measured(tx, run, stage), ended)


def _says_what_changes(tx: Tx, run: str, stage: StageState) -> bool:
    """Tell whether the record says what of the packages changes there: nobody answers before."""
    told = journal.of_kind(tx, run, "packages.compared")
    return any(entry.event.environment == stage.planned.environment for entry in told)


def _with_database(tx: Tx, asked: Question, stage: StageState) -> Question | None:
    """Return the question with what the migration was seen to do; None until it was seen."""
    rehearsed = gate_results.of_stage(tx, asked.run, stage.planned.index).get(REHEARSE)
    if rehearsed is None or rehearsed.status != "passed":
        return None
    told = rehearsed.because.removeprefix(f"{REHEARSE} passed: ")
    return replace(asked, database=(*told.split("; "),))


def _measured(tx: Tx, run: Run, stage: StageState) -> Usual | None:
    """Return what usually arrived before it was asked: who looks twice reads the same."""
    asked_at = stage.started_at or run.created_at
    place = environments.find(tx, run.app, stage.planned.environment)
    if place is None:
        return None
    return usual(history.of(tx, Place(run.app, place.name, place.live), asked_at))
