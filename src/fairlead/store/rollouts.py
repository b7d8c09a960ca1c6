"""How far a release has come in taking over an environment."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from psycopg.types.json import Jsonb

from fairlead.analysis.measurement import Counters, Reading
from fairlead.analysis.verdict import Finding, Verdict
from fairlead.store.database import Tx, one


class Phase(StrEnum):
    """What a takeover is doing."""

    PREPARING = "preparing"
    SMOKING = "smoking"
    STEPPING = "stepping"
    SHIFTING = "shifting"
    GOING_BACK = "going_back"
    RETURNING = "returning"
    BACK = "back"
    ABANDONED = "abandoned"


@dataclass(frozen=True, slots=True)
class RolloutState:
    """One takeover as it is kept.

    `opened` is the reading with which the open window began; `finding` what the last closed window
    said; `since` when the phase or the step began.
    """

    run: str
    environment: str
    release: str
    previous: str
    phase: Phase
    stage: int
    step: int
    since: datetime
    unknown_since: datetime | None = None
    opened: Reading | None = None
    finding: Finding | None = None
    because: str = ""


def find(tx: Tx, run: str, environment: str) -> RolloutState | None:
    """Return a takeover; None when the run has not begun to change the environment."""
    row = one(tx, "SELECT * FROM rollouts WHERE run = %s AND environment = %s", run, environment)
    if row is None:
        return None
    state = RolloutState(**row)
    finding = row["finding"]
    return replace(
        state,
        phase=Phase(row["phase"]),
        opened=_reading(row["opened"]) if row["opened"] else None,
        finding=Finding(Verdict(finding["verdict"]), finding["because"]) if finding else None,
    )


def save(tx: Tx, state: RolloutState) -> None:
    """Keep a takeover as it is now."""
    tx.execute(
        "INSERT INTO rollouts (run, environment, release, previous, phase, stage, step, since, "
        "unknown_since, opened, finding, because) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) "
        "ON CONFLICT (run, environment) DO UPDATE SET phase = EXCLUDED.phase, "
        "stage = EXCLUDED.stage, step = EXCLUDED.step, since = EXCLUDED.since, "
        "unknown_since = EXCLUDED.unknown_since, opened = EXCLUDED.opened, "
        "finding = EXCLUDED.finding, because = EXCLUDED.because",
        (
            state.run,
            state.environment,
            state.release,
            state.previous,
            state.phase,
            state.stage,
            state.step,
            state.since,
            state.unknown_since,
            Jsonb(_written(state.opened)) if state.opened else None,
            Jsonb({"verdict": int(state.finding.verdict), "because": state.finding.because})
            if state.finding
            else None,
            state.because,
        ),
    )


def _written(reading: Reading) -> dict[str, Any]:
    counters = [
        [c.release, c.component, c.requests, c.errors, c.total_ms] for c in reading.counters
    ]
    return {"at": reading.taken_at.isoformat(), "epoch": reading.epoch, "counters": counters}


def _reading(data: dict[str, Any]) -> Reading:
    counters = tuple(Counters(*values) for values in data["counters"])
    return Reading(datetime.fromisoformat(data["at"]), data["epoch"], counters)
