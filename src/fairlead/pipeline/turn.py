"""One unit of work: look at a run, take its stage one move further, keep what came of it."""

import logging
from dataclasses import dataclass, replace
from datetime import timedelta

from fairlead.errors import FairleadError, Temporary
from fairlead.pipeline import ending, stages
from fairlead.pipeline.house import House
from fairlead.pipeline.scene import Failed, Outcome, Passed, Scene, Superseded, Wait
from fairlead.release.plan import StageKind
from fairlead.release.progress import Run, RunStatus, StageStatus, current
from fairlead.release.spec.model import Spec
from fairlead.store import environments, intentions, journal, queue, runs
from fairlead.store.database import Tx

log = logging.getLogger("fairlead.pipeline")

RETRY_S = 1.0
# Who waits for its turn is woken when it may be that; without that it looks so often.
QUEUE_LOOK_S = 1.0
FAULT_RETRY_S = 5.0
# Trouble that should pass but lasts this long is taken for permanent.
TROUBLE_LIMIT = timedelta(seconds=120)


@dataclass(frozen=True, slots=True)
class Next:
    """What follows a turn: another one in `wait_s` seconds; the end when that is None.

    `freed` says that the run has let go of what others may wait for.
    """

    wait_s: float | None = None
    freed: bool = False


def take(house: House, run_id: str) -> Next:
    """Take one turn of a run. Taking a turn twice equals once."""
    try:
        scene = _look(house, run_id)
        if isinstance(scene, Next):
            return scene
        return _keep(scene, _attempt(scene))
    except Temporary as error:
        log.warning("run %s waits: %s", run_id, error)
        return Next(wait_s=RETRY_S)
    except Exception:
        # What came of the turn could not be kept: nothing is given up, the next turn tries again.
        log.exception("run %s could not keep what came of its turn", run_id)
        return Next(wait_s=FAULT_RETRY_S)


def _look(house: House, run_id: str) -> Scene | Next:
    with house.database.begin() as tx:
        scene = _seen(house, tx, runs.get(tx, run_id))
        if scene is None:
            return Next()
        # Only what begins a stage is written here; to read a run keeps nobody else from it.
        return scene if scene.stage.status is StageStatus.RUNNING else _begun(house, tx, run_id)


def _begun(house: House, tx: Tx, run_id: str) -> Scene | Next:
    """Begin the stage that is pending, unless other runs go first or it was begun just now."""
    scene = _seen(house, tx, runs.lock(tx, run_id))
    if scene is None:
        return Next()
    if scene.stage.status is StageStatus.RUNNING:
        return scene
    if _waits_for_its_turn(scene, tx):
        return Next(wait_s=QUEUE_LOOK_S)
    _begin(scene, tx)
    return replace(scene, stage=replace(scene.stage, started_at=scene.now))


def _seen(house: House, tx: Tx, run: Run) -> Scene | None:
    """Return a run at the stage that it has come to; None when it has ended."""
    known = runs.stages(tx, run.id)
    stage = current(known)
    if run.ended or stage is None:
        return None
    return Scene(house, run, Spec.model_validate(run.spec), known, stage, house.clock())


def _begin(scene: Scene, tx: Tx) -> None:
    because = f"{scene.stage.planned.name} began"
    runs.begin_stage(tx, scene.run.id, scene.stage.planned.index, scene.now)
    # A rollback's own sentence is the reason somebody gave: it stays.
    told = scene.run.because if scene.run.kind == "rollback" else because
    runs.set_status(tx, scene.run.id, RunStatus.RUNNING, told)
    journal.append(tx, scene.event("stage.began", because, "stage/began"))


def _waits_for_its_turn(scene: Scene, tx: Tx) -> bool:
    """Tell whether other runs go first, and say so; who asks a person waits for nobody else."""
    if scene.stage.planned.kind is StageKind.APPROVE:
        return False
    first = queue.ahead(tx, scene.run, scene.environment)
    if first:
        where = f"in {scene.environment}" if scene.environment else "to build and check"
        told = f"run {first[0]} goes" if len(first) == 1 else f"runs {' and '.join(first)} go"
        because = f"waits for its turn {where}: {told} first"
        runs.set_status(tx, scene.run.id, RunStatus.QUEUED, because)
    return bool(first)


def _attempt(scene: Scene) -> Outcome:
    """Perform one move; an error that will not pass becomes the stage's failure."""
    try:
        outcome = stages.perform(scene)
    except Temporary as error:
        return _trouble(scene, str(error))
    except FairleadError as error:
        told = str(error)
        return _trouble(scene, told) if stages.is_going_back(scene) else Failed(told)
    except Exception as error:
        log.exception("run %s failed in %s", scene.run.id, scene.stage.planned.name)
        told = f"Fairlead itself failed ({type(error).__name__}): `fairlead logs server`"
        return _trouble(scene, told) if stages.is_going_back(scene) else Failed(told)
    if scene.stage.trouble_since:
        _trouble_is_over(scene)
    return outcome


def _trouble(scene: Scene, because: str) -> Outcome:
    since = scene.stage.trouble_since or scene.now
    # Users wait at the end of a way back: it is never given up, however long the trouble lasts.
    if scene.now - since > TROUBLE_LIMIT and not stages.is_going_back(scene):
        return Failed(f"{because} (for {(scene.now - since).total_seconds():.0f} s)")
    with scene.house.database.begin() as tx:
        runs.note_trouble(tx, scene.run.id, scene.stage.planned.index, because, scene.now)
    return Wait(RETRY_S)


def _trouble_is_over(scene: Scene) -> None:
    with scene.house.database.begin() as tx:
        runs.note_trouble(tx, scene.run.id, scene.stage.planned.index, "", None)


def _keep(scene: Scene, outcome: Outcome) -> Next:
    match outcome:
        case Wait(seconds):
            return Next(wait_s=seconds)
        case Passed(because):
            return _pass(scene, because)
        case Failed(because):
            going_back = ending.fail(scene, because)
            # At once, in the same turn: every millisecond on the way back is the users'.
            return take(scene.house, scene.run.id) if going_back else Next()
        case Superseded(because):
            ending.finish(scene, RunStatus.SUPERSEDED, because)
            return Next()


def _pass(scene: Scene, because: str) -> Next:
    """Keep that the stage is through, and begin the next one of its leg: nobody goes between."""
    planned, now = scene.stage.planned, scene.house.clock()
    later = [s for s in scene.stages if s.planned.index > planned.index]
    leaves = not any(s.leg == scene.stage.leg for s in later)
    with scene.house.database.begin() as tx:
        runs.lock(tx, scene.run.id)
        if intentions.first(tx, scene.run.id):
            # Somebody wants it to end, and said so while the stage came through: that goes first.
            return Next(wait_s=0)
        ended = (StageStatus.PASSED, because)
        runs.end_stage(tx, scene.run.id, planned.index, ended, now)
        if planned.environment and leaves:
            environments.release_hold(tx, scene.run.app, planned.environment, scene.run.id)
        journal.append(tx, scene.event("stage.passed", because, "stage/ended"))
        if not later:
            ending.record(tx, scene, RunStatus.SUCCEEDED, because)
        elif not leaves and later[0].planned.kind is not StageKind.APPROVE:
            _begin(replace(scene, stage=later[0], now=now), tx)
    if not later:
        scene.house.repository.discard(scene.run.id)
    return Next(wait_s=0, freed=leaves)
