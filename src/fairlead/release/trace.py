"""How is a run told as a trace? One span for it, one for each stage that began, one for each gate.

Made from the record when the run has ended; what it is called follows from the run, so that a trace
that is told twice is the same one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from fairlead.release.progress import Run, RunStatus, StageState, StageStatus

_GOOD = {RunStatus.SUCCEEDED.value, StageStatus.PASSED.value}
_BAD = {
    RunStatus.FAILED.value,
    RunStatus.ROLLED_BACK.value,
    StageStatus.FAILED.value,
    "unknown",
}


@dataclass(frozen=True, slots=True)
class Span:
    """Something that took a time. `name` says what; `key` is its own, `parent` is that of another.

    `good` is None where it neither succeeded nor failed; `because` is its sentence.
    """

    key: str
    parent: str
    name: str
    began: datetime
    ended: datetime
    good: bool | None
    because: str
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ran:
    """One gate of one stage, as it is kept."""

    stage: int
    gate: str
    status: str
    because: str
    began: datetime
    ended: datetime | None


class Traces(Protocol):
    """Whoever keeps traces. Sending one twice changes nothing more.

    Errors: `Temporary` when it does not take them.
    """

    def send(self, run: str, spans: Sequence[Span]) -> None:
        """Hand over the spans of a run that has ended."""
        ...


def spans(run: Run, stages: Sequence[StageState], gates: Sequence[Ran]) -> list[Span]:
    """Return a run that has ended as spans; stages that never began are left out."""
    ended = run.finished_at or run.created_at
    told = {
        "fairlead.run": run.id,
        "fairlead.app": run.app,
        "fairlead.kind": run.kind,
        "fairlead.release": run.release,
        "fairlead.status": run.status.value,
        "vcs.ref.head.revision": run.sha,
    }
    whole = Span(
        run.id, "", f"{run.kind} {run.app}", run.created_at, ended, _good(run.status.value),
        run.because, told,
    )  # fmt: skip
    return [
        whole,
        *(_stage(run.id, stage, ended) for stage in stages if stage.started_at),
        *(_gate(run.id, gate, ended) for gate in gates),
    ]


def _stage(run: str, stage: StageState, ended: datetime) -> Span:
    planned = stage.planned
    told = {"fairlead.kind": planned.kind.value, "fairlead.status": stage.status.value}
    told |= {"fairlead.environment": planned.environment} if planned.environment else {}
    return Span(
        _key(run, planned.index), run, f"stage {planned.name}", stage.started_at or ended,
        stage.finished_at or ended, _good(stage.status.value), stage.because, told,
    )  # fmt: skip


def _gate(run: str, gate: Ran, ended: datetime) -> Span:
    stage = _key(run, gate.stage)
    return Span(
        f"{stage}/{gate.gate}", stage, f"gate {gate.gate}", gate.began, gate.ended or ended,
        _good(gate.status), gate.because, {"fairlead.status": gate.status},
    )  # fmt: skip


def _key(run: str, stage: int) -> str:
    return f"{run}/{stage}"


def _good(status: str) -> bool | None:
    return True if status in _GOOD else False if status in _BAD else None
