"""The way back: prove the release before healthy, give it all traffic, then let the bad one go."""

from dataclasses import replace
from datetime import timedelta

from fairlead.analysis.verdict import Verdict
from fairlead.pipeline import edge, preparing, record
from fairlead.pipeline.scene import Failed, Outcome, Scene, Wait
from fairlead.store import environments, journal, rollouts
from fairlead.store.rollouts import Phase, RolloutState

LOOK_S = 0.1
# After this long without a healthy release to return to, a person has to act.
PATIENCE_S = 300.0


def begin(scene: Scene, state: RolloutState, because: str) -> None:
    """Note that the environment goes back, and why; a release without traffic is just let go."""
    if not _has_traffic(scene, state):
        record.abandoned(scene, replace(state, because=because))
        return
    decided = scene.house.clock()
    going = replace(state, phase=Phase.GOING_BACK, since=decided, because=because)
    told = f"{state.environment} goes back to {state.previous or 'no release'}: {because}"
    with scene.house.database.begin() as tx:
        rollouts.save(tx, going)
        journal.append(tx, scene.event("rollback.decided", told, "back/decided"))


def advance(scene: Scene, state: RolloutState) -> Outcome:
    """Take the way back one phase further; its end is the end of the stage, never a pass."""
    if state.phase in (Phase.BACK, Phase.ABANDONED):
        return Failed(state.because)
    if state.phase is Phase.GOING_BACK:
        waiting = _prove(scene, state)
        if waiting is not None:
            return waiting
        weights = {state.release: 0} | ({state.previous: 100} if state.previous else {})
        state = replace(state, phase=Phase.RETURNING)
        with scene.house.database.begin() as tx:
            environments.set_weights(tx, scene.run.app, state.environment, weights, scene.now)
            rollouts.save(tx, state)
    return _return(scene, state)


def _prove(scene: Scene, state: RolloutState) -> Outcome | None:
    """Return None once the release before is healthy; until then traffic stays where it is."""
    if not state.previous:
        return None
    target = preparing.get_release(scene.house, scene.run.app, state.previous)
    preparing.start(scene.house, target, state.environment, revive=True)
    finding = preparing.health(scene.house, target, state.environment)
    if finding.verdict is Verdict.HEALTHY:
        return None
    waited = (scene.now - state.since).total_seconds()
    because = f"{state.environment} cannot go back to {state.previous}: {finding.because}"
    if waited < PATIENCE_S or finding.verdict is Verdict.UNKNOWN:
        record.note(scene, because)
        return Wait(LOOK_S)
    release = preparing.get_release(scene.house, scene.run.app, state.release)
    because += (
        "; traffic stays as it is; deploy a good commit, or "
        f"`fairlead rollback {state.environment} --to RELEASE`"
    )
    record.failed(scene, release, because)
    return Failed(because)


def _has_traffic(scene: Scene, state: RolloutState) -> bool:
    with scene.house.database.begin() as tx:
        weights = environments.get(tx, scene.run.app, state.environment).weights
    return weights.get(state.release, 0) > 0


def _return(scene: Scene, state: RolloutState) -> Outcome:
    edge.apply(scene.house, scene.run.app, state.environment)
    done = scene.house.clock()
    release = preparing.get_release(scene.house, scene.run.app, state.release)
    ms = round((done - state.since) / timedelta(milliseconds=1), 1)
    record.returned(scene, state, release, ms)
    return Failed(state.because)
