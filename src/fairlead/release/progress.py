"""How far has a run come, and which stage is next?"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from fairlead.release.plan import PlannedStage, StageKind
from fairlead.release.release import Commit


class RunStatus(StrEnum):
    """Where a run is in its life."""

    QUEUED = "queued"
    RUNNING = "running"
    WAITING = "waiting"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    ROLLED_BACK = "rolled_back"
    STOPPED = "stopped"
    SUPERSEDED = "superseded"


class StageStatus(StrEnum):
    """Where a stage is in its life."""

    PENDING = "pending"
    RUNNING = "running"
    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"


ENDED = frozenset(
    {
        RunStatus.SUCCEEDED,
        RunStatus.FAILED,
        RunStatus.ROLLED_BACK,
        RunStatus.STOPPED,
        RunStatus.SUPERSEDED,
    }
)


@dataclass(frozen=True, slots=True)
class Run:
    """One release going through the pipeline, or one environment going back.

    `spec` is fairlead.yaml as plain data, as it was at the commit. `release` is empty until built
    for a deployment, and the release to return to for a rollback.
    """

    id: str
    app: str
    kind: str
    commit: Commit
    release: str
    repository: str
    spec: dict[str, Any]
    status: RunStatus
    because: str
    submitted_by: str
    submitter_email: str
    created_at: datetime
    finished_at: datetime | None

    @property
    def sha(self) -> str:
        """Return the commit's full name."""
        return self.commit.sha

    @property
    def ended(self) -> bool:
        """Tell whether nothing more will happen."""
        return self.status in ENDED


@dataclass(frozen=True, slots=True)
class StageState:
    """One stage of a run, as far as it came.

    `trouble_since` is when something outside last began to fail in a way that may pass.
    """

    planned: PlannedStage
    leg: int
    status: StageStatus
    started_at: datetime | None
    finished_at: datetime | None
    because: str
    trouble_since: datetime | None = None


def current(stages: tuple[StageState, ...]) -> StageState | None:
    """Return the stage that is running or next; None when the run is through."""
    open_ones = (StageStatus.PENDING, StageStatus.RUNNING)
    return next((stage for stage in stages if stage.status in open_ones), None)


def is_last_of_environment(stages: tuple[StageState, ...], stage: StageState) -> bool:
    """Tell whether no later stage of the run changes or tests the stage's environment."""
    later = (s for s in stages if s.planned.index > stage.planned.index)
    return not any(
        s.planned.environment == stage.planned.environment
        and s.planned.kind is not StageKind.APPROVE
        for s in later
    )


def ending(kind: str, changed_traffic: bool, stopped: bool) -> RunStatus:
    """Say how a run ends that did not get through."""
    if kind in ("rollback", "contract"):
        return RunStatus.FAILED
    if changed_traffic:
        return RunStatus.ROLLED_BACK
    return RunStatus.STOPPED if stopped else RunStatus.FAILED
