"""How far is a run, what did each stage and gate say, and what does it ask?"""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from fairlead.analysis.measurement import Measurement
from fairlead.errors import NotFound
from fairlead.release.approval import Question
from fairlead.release.progress import Run, StageState
from fairlead.reports import sboms
from fairlead.reports.window import Window
from fairlead.store import (
    approvals,
    gate_results,
    horizons,
    journal,
    measurements,
    rollouts,
    runs,
)
from fairlead.store.database import Tx
from fairlead.store.rollouts import RolloutState

# A canary is looked at every second: a page needs the newest, the record has them all.
SHOWN_WINDOWS = 240


def history(window: Window, app: str, limit: int) -> list[dict[str, Any]]:
    """Return the newest runs first."""
    with window.database.begin() as tx:
        return [summary(tx, run) for run in runs.newest(tx, app, limit)]


def run(window: Window, run_id: str) -> dict[str, Any]:
    """Return everything about one run."""
    with window.database.begin() as tx:
        found = runs.get(tx, run_id)
        stages = runs.stages(tx, run_id)
        results = gate_results.of_run(tx, run_id)
        told = summary(tx, found)
        told["stages"] = [_stage(stage) for stage in stages]
        told["gates"] = [asdict(result) for result in results]
        told["rollouts"] = _rollouts(tx, found, stages, window.clock())
        told["packages"] = sboms.changes(tx, run_id)
        question = approvals.open_question(tx, found, stages)
        told["question"] = _question(question) if question else None
        told["performance"] = performance(tx, run_id)
        told["at_horizon"] = waiting(tx, found, window.clock())
    return told


def waiting(tx: Tx, found: Run, now: datetime) -> dict[str, Any] | None:
    """Return what a canary waits for at its horizon, and the choices; None when nothing does."""
    waits = horizons.waiting(tx, found, now)
    return asdict(waits) | {"choices": [*waits.choices]} if waits else None


def taken_over(tx: Tx, run_id: str, stages: tuple[StageState, ...]) -> list[RolloutState]:
    """Return the takeovers of a run, in the order of its stages."""
    names = dict.fromkeys(s.planned.environment for s in stages if s.planned.environment)
    found = [rollouts.find(tx, run_id, name) for name in names]
    return [state for state in found if state is not None]


def gate_log(window: Window, run_id: str, stage: int, gate: str) -> bytes:
    """Return what a gate has printed so far."""
    path = window.runner.log(f"{run_id}.{stage}.{gate}")
    if not path.is_file():
        raise NotFound(f"there is no output of {gate} in stage {stage} of run {run_id}")
    return path.read_bytes()


def summary(tx: Tx, found: Run) -> dict[str, Any]:
    """Return a run in short."""
    stages = runs.stages(tx, found.id)
    now = next((s for s in stages if s.status == "running"), None)
    return {
        "id": found.id,
        "app": found.app,
        "kind": found.kind,
        "release": found.release,
        "commit": asdict(found.commit),
        "status": found.status,
        "because": now.because or found.because if now else found.because,
        "stage": now.planned.name if now else "",
        "submitted_by": found.submitted_by,
        "created_at": found.created_at,
        "finished_at": found.finished_at,
    }


def _stage(stage: StageState) -> dict[str, Any]:
    planned = stage.planned
    return {
        "index": planned.index,
        "name": planned.name,
        "kind": planned.kind,
        "environment": planned.environment,
        "gates": [*planned.gates],
        "status": stage.status,
        "started_at": stage.started_at,
        "finished_at": stage.finished_at,
        "because": stage.because,
    }


def _rollouts(
    tx: Tx, found: Run, stages: tuple[StageState, ...], now: datetime
) -> list[dict[str, Any]]:
    span = (found.created_at, found.finished_at or now)
    told = []
    for state in taken_over(tx, found.id, stages):
        name = state.environment
        seen = measurements.during(tx, found.app, name, state.release, span)
        told.append(
            {
                "environment": name,
                "release": state.release,
                "previous": state.previous,
                "phase": state.phase,
                "step": state.step,
                "verdict": state.finding.verdict.name if state.finding else None,
                "because": state.finding.because if state.finding else state.because,
                "windows": [_window(m) for m in seen[-SHOWN_WINDOWS:]],
            }
        )
    return told


def _window(m: Measurement) -> dict[str, Any]:
    told = asdict(m)
    del told["buckets"]
    return told


def performance(tx: Tx, run_id: str) -> list[dict[str, Any]]:
    """Return what monitor stages reported at their end, window by window."""
    return [
        {
            "environment": entry.event.environment,
            "because": entry.event.because,
            "limits": entry.event.data["limits"],
            "windows": entry.event.data["windows"],
        }
        for entry in journal.of_kind(tx, run_id, "performance.told")
    ]


def _question(question: Question) -> dict[str, Any]:
    return {
        "release": question.release,
        "environment": question.environment,
        "plan_hash": question.plan_hash,
        "role": question.role,
        "asked_at": question.asked_at,
        "expires_at": question.expires_at,
        "author_email": question.author_email,
        "submitter": question.submitter,
        "canary": [*question.canary],
        "database": [*question.database],
    }
