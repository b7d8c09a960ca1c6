"""Which kind of stage is it, and who performs it?"""

from collections.abc import Callable

from fairlead.pipeline import (
    approving,
    building,
    contracting,
    gates,
    going_back,
    jobs,
    returning,
    takeover,
)
from fairlead.pipeline.scene import Failed, Outcome, Scene, Superseded
from fairlead.release.plan import StageKind
from fairlead.release.progress import StageStatus
from fairlead.store import intentions, rollouts, runs
from fairlead.store.database import Tx
from fairlead.store.rollouts import Phase, RolloutState

ON_THE_WAY_BACK = (Phase.GOING_BACK, Phase.RETURNING, Phase.BACK, Phase.ABANDONED)


def perform(scene: Scene) -> Outcome:
    """Take the stage one move further; a way back that has begun goes before everything."""
    with scene.house.database.begin() as tx:
        state = rollouts.find(tx, scene.run.id, scene.environment)
        unwanted = _unwanted(scene, tx) or _newer(scene, tx)
    if state and state.phase in ON_THE_WAY_BACK:
        return going_back.advance(scene, state)
    if unwanted and not (state and _has_decided_to_return(scene, state)):
        return unwanted
    return _PERFORMERS[scene.stage.planned.kind](scene)


def is_going_back(scene: Scene) -> bool:
    """Tell whether the environment is on its way back and has not arrived."""
    with scene.house.database.begin() as tx:
        state = rollouts.find(tx, scene.run.id, scene.environment)
    return state is not None and _has_decided_to_return(scene, state)


def _has_decided_to_return(scene: Scene, state: RolloutState) -> bool:
    shifts_back = scene.stage.planned.kind is StageKind.ROLLBACK and state.phase is Phase.SHIFTING
    return shifts_back or state.phase in (Phase.GOING_BACK, Phase.RETURNING)


def _unwanted(scene: Scene, tx: Tx) -> Failed | None:
    """Return why the run should not go on: somebody wants it to end."""
    wanted = intentions.first(tx, scene.run.id)
    if wanted is None:
        return None
    what = "rolled it back" if wanted.kind == "rollback" else "stopped it"
    return Failed(f"{wanted.person} {what}: {wanted.reason}")


def _gates(scene: Scene) -> Outcome:
    works = gates.works(scene, scene.stage.planned.gates)
    known = jobs.begin(scene, works, gates.environment(scene))
    unhealthy = takeover.watch(scene) if scene.environment else None
    return unhealthy or jobs.collect(scene, works, known)


_PERFORMERS: dict[StageKind, Callable[[Scene], Outcome]] = {
    StageKind.COMMIT: building.check_out,
    StageKind.BUILD: building.build,
    StageKind.GATES: _gates,
    StageKind.APPROVE: approving.advance,
    StageKind.ROLLBACK: returning.advance,
    StageKind.CONTRACT: contracting.advance,
    StageKind.DEPLOY: takeover.advance,
    StageKind.CANARY: takeover.advance,
    StageKind.PROMOTE: takeover.advance,
    StageKind.MONITOR: takeover.advance,
}


def _has_not_begun(scene: Scene) -> bool:
    """Tell whether the run still waits for its turn: queued for a leg, or for an approval."""
    first = not any(
        s.leg == scene.stage.leg and s.planned.index < scene.stage.planned.index
        for s in scene.stages
    )
    waiting = scene.stage.status is StageStatus.PENDING
    return scene.stage.leg > 0 and (
        scene.stage.planned.kind is StageKind.APPROVE or (first and waiting)
    )


def _newer(scene: Scene, tx: Tx) -> Superseded | None:
    if not _has_not_begun(scene):
        return None
    newer = runs.newer_at(tx, scene.run, scene.stage.planned.index)
    if newer is None:
        return None
    return Superseded(f"the newer release {newer.release} (run {newer.id}) goes instead")
