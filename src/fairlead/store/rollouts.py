"""How far a release has come in taking over an environment."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from psycopg.types.json import Jsonb
from pydantic import TypeAdapter

from fairlead.analysis.evidence.judge import Known
from fairlead.analysis.measurement import Counters, Reading
from fairlead.analysis.verdict import Finding, Verdict
from fairlead.store.database import Tx, one

_KNOWN = TypeAdapter(Known)


class Phase(StrEnum):
    """What a takeover is doing."""

    MIGRATING = "migrating"
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
    said; `since` when the phase or the step began; `known` what is known of a canary.
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
    known: Known | None = None


def find(tx: Tx, run: str, environment: str) -> RolloutState | None:
    """Return a takeover; None when the run has not begun to change the environment."""
    row = one(tx, "SELECT * FROM rollouts WHERE run = %s AND environment = %s", run, environment)
    if row is None:
        return None
    evidence = row.pop("evidence")
    state = RolloutState(**row)
    finding = row["finding"]
    return replace(
        state,
        phase=Phase(row["phase"]),
        opened=_reading(row["opened"]) if row["opened"] else None,
        finding=Finding(Verdict(finding["verdict"]), finding["because"]) if finding else None,
        known=_KNOWN.validate_python(evidence) if evidence else None,
    )


def save(tx: Tx, state: RolloutState) -> None:
    """Keep a takeover as it is now."""
    tx.execute(
        "INSERT INTO rollouts (run, environment, release, previous, phase, stage, step, since, "
        "unknown_since, opened, finding, because, evidence) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) "
        "ON CONFLICT (run, environment) DO UPDATE SET phase = EXCLUDED.phase, "
        "stage = EXCLUDED.stage, step = EXCLUDED.step, since = EXCLUDED.since, "
        "unknown_since = EXCLUDED.unknown_since, opened = EXCLUDED.opened, "
        "finding = EXCLUDED.finding, because = EXCLUDED.because, evidence = EXCLUDED.evidence",
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
            Jsonb(_KNOWN.dump_python(state.known, mode="json")) if state.known else None,
        ),
    )


def _written(reading: Reading) -> dict[str, Any]:
    counters = [
        [c.release, c.component, c.requests, c.errors, c.total_ms, c.buckets, c.started]
        for c in reading.counters
    ]
    return {"at": reading.taken_at.isoformat(), "epoch": reading.epoch, "counters": counters}


def _reading(data: dict[str, Any]) -> Reading:
    counters = tuple(_counters(*values) for values in data["counters"])
    return Reading(datetime.fromisoformat(data["at"]), data["epoch"], counters)


def _counters(
    release: str, component: str, requests: int, errors: int, total_ms: float, *more: Any
) -> Counters:
    # Servers before this one kept neither buckets nor the start.
    buckets = tuple(more[0]) if more else ()
    started = str(more[1]) if len(more) > 1 else ""
    return Counters(release, component, requests, errors, total_ms, buckets, started)
