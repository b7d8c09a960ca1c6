"""How does a run end? First the way back where users may have met the release, then the record."""

from fairlead.pipeline import going_back, jobs, sboms
from fairlead.pipeline.scene import Scene
from fairlead.release.plan import StageKind
from fairlead.release.progress import RunStatus, StageStatus
from fairlead.store import environments, intentions, journal, rollouts, runs
from fairlead.store.database import Tx
from fairlead.store.rollouts import Phase


def fail(scene: Scene, because: str) -> bool:
    """Begin the way back when one is needed, and say so; otherwise end the run."""
    with scene.house.database.begin() as tx:
        state = rollouts.find(tx, scene.run.id, scene.environment)
        wanted = intentions.first(tx, scene.run.id)
    has_own_end = scene.stage.planned.kind is StageKind.ROLLBACK
    if state is None or has_own_end or state.phase is Phase.ABANDONED:
        status = RunStatus.STOPPED if wanted else RunStatus.FAILED
    elif state.phase is Phase.BACK:
        status = RunStatus.ROLLED_BACK
    elif state.phase in (Phase.GOING_BACK, Phase.RETURNING):
        status = RunStatus.FAILED
    else:
        going_back.begin(scene, state, because)
        return True
    finish(scene, status, because)
    return False


def finish(scene: Scene, status: RunStatus, because: str) -> None:
    """End the run: what still runs of it, its hold on the environment, its record, its checkout."""
    jobs.stop(scene)
    sboms.leave(scene)
    with scene.house.database.begin() as tx:
        record(tx, scene, status, because)
    scene.house.repository.discard(scene.run.id)


def record(tx: Tx, scene: Scene, status: RunStatus, because: str) -> None:
    """Keep the end of the run, in the transaction that ends its last stage."""
    app, planned, now = scene.run.app, scene.stage.planned, scene.house.clock()
    if status is not RunStatus.SUCCEEDED:
        ended = (StageStatus.FAILED, because)
        runs.end_stage(tx, scene.run.id, planned.index, ended, now)
    if scene.environment:
        environments.release_hold(tx, app, scene.environment, scene.run.id)
    runs.finish(tx, scene.run.id, status, because, now)
    journal.append(tx, scene.event(f"run.{status}", because, "run/ended"))
