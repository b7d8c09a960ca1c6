"""What will be done with a release, in which order?"""

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from fairlead.release.release import canonical
from fairlead.release.spec.model import Spec, Stage


class StageKind(StrEnum):
    """What a stage does."""

    COMMIT = "commit"
    BUILD = "build"
    GATES = "gates"
    DEPLOY = "deploy"
    APPROVE = "approve"
    CANARY = "canary"
    PROMOTE = "promote"
    MONITOR = "monitor"
    ROLLBACK = "rollback"
    CONTRACT = "contract"


CHANGES_TRAFFIC = {StageKind.DEPLOY, StageKind.CANARY, StageKind.PROMOTE, StageKind.ROLLBACK}


@dataclass(frozen=True, slots=True)
class PlannedStage:
    """One stage in its place. `environment` is the one it changes or tests, or empty."""

    index: int
    name: str
    kind: StageKind
    environment: str = ""
    gates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Leg:
    """Stages that hold one environment together, or none."""

    environment: str
    stages: tuple[PlannedStage, ...]


def stages(spec: Spec) -> tuple[PlannedStage, ...]:
    """Return every stage of a run; gates after a deploy belong to that environment."""
    planned = [
        PlannedStage(0, "commit", StageKind.COMMIT),
        PlannedStage(1, "build", StageKind.BUILD),
    ]
    environment = ""
    for index, stage in enumerate(spec.pipeline, start=2):
        kind, named = _kind(stage)
        if kind is not StageKind.GATES:
            environment = "" if kind is StageKind.APPROVE else named
        where = named if kind is StageKind.APPROVE else environment
        planned.append(PlannedStage(index, stage.stage, kind, where, tuple(stage.gates or ())))
    return tuple(planned)


def legs(planned: tuple[PlannedStage, ...]) -> tuple[Leg, ...]:
    """Cut the stages where the environment they hold changes. An approval holds none."""
    cut: list[Leg] = []
    for stage in planned:
        held = "" if stage.kind is StageKind.APPROVE else stage.environment
        asks = StageKind.APPROVE in (stage.kind, cut[-1].stages[-1].kind if cut else None)
        if cut and cut[-1].environment == held and not asks:
            cut[-1] = Leg(held, (*cut[-1].stages, stage))
        else:
            cut.append(Leg(held, (stage,)))
    return tuple(cut)


def rollback_stages(environment: str) -> tuple[PlannedStage, ...]:
    """Return the one stage of a run that only goes back."""
    return (PlannedStage(0, "rollback", StageKind.ROLLBACK, environment),)


def contract_stages(environment: str) -> tuple[PlannedStage, ...]:
    """Return the one stage of a run that takes away what no release needs any more."""
    return (PlannedStage(0, "contract", StageKind.CONTRACT, environment),)


def plan_hash(spec: dict[str, Any], digests: tuple[str, ...]) -> str:
    """Return the SHA-256 (hex) that an approval is bound to: the whole plan and every byte."""
    return hashlib.sha256(canonical({"spec": spec, "digests": [*digests]}).encode()).hexdigest()


def _kind(stage: Stage) -> tuple[StageKind, str]:
    named = {
        StageKind.DEPLOY: stage.deploy,
        StageKind.APPROVE: stage.approve,
        StageKind.CANARY: stage.canary,
        StageKind.PROMOTE: stage.promote,
        StageKind.MONITOR: stage.monitor,
    }
    for kind, environment in named.items():
        if environment is not None:
            return kind, environment
    return StageKind.GATES, ""
