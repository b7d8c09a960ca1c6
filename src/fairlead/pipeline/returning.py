"""A finished rollout goes back: a run of one stage that returns an environment to a release."""

from dataclasses import replace
from datetime import timedelta

from fairlead.analysis.verdict import Verdict
from fairlead.pipeline import edge, preparing, record
from fairlead.pipeline.scene import Failed, Outcome, Passed, Scene, Wait
from fairlead.release.release import Release
from fairlead.store import environments, journal, rollouts, slots
from fairlead.store.rollouts import Phase, RolloutState

LOOK_S = 0.1


def advance(scene: Scene) -> Outcome:
    """Take the way back one phase further: prove the target healthy, switch, keep the record."""
    target = preparing.get_release(scene.house, scene.run.app, scene.run.release)
    state = _state(scene)
    if state.phase is Phase.PREPARING:
        return _prove(scene, state, target)
    return _switch(scene, state, target)


def _state(scene: Scene) -> RolloutState:
    app, name = scene.run.app, scene.environment
    with scene.house.database.begin() as tx:
        state = rollouts.find(tx, scene.run.id, name)
        if state is not None:
            return state
        live = environments.get(tx, app, name).live
        state = RolloutState(
            run=scene.run.id,
            environment=name,
            release=scene.run.release,
            previous=live,
            phase=Phase.PREPARING,
            stage=scene.stage.planned.index,
            step=0,
            since=scene.now,
        )
        environments.hold(tx, app, name, scene.run.id)
        rollouts.save(tx, state)
        return state


def _prove(scene: Scene, state: RolloutState, target: Release) -> Outcome:
    preparing.start(scene.house, target, state.environment, revive=True)
    finding = preparing.health(scene.house, target, state.environment)
    waited = (scene.house.clock() - state.since).total_seconds()
    stays = f"traffic stays on {state.previous or 'what serves now'}"
    if finding.verdict is Verdict.UNHEALTHY:
        return Failed(f"release {target.id} is not fit to return to: {finding.because}; {stays}")
    if finding.verdict is Verdict.UNKNOWN:
        if waited > scene.policy.start_timeout:
            return Failed(f"release {target.id} did not get healthy: {finding.because}; {stays}")
        return Wait(LOOK_S)
    weights = {target.id: 100} | ({state.previous: 0} if state.previous != target.id else {})
    because = f"{state.environment} goes back to {target.id}: {scene.run.because}"
    shifting = replace(state, phase=Phase.SHIFTING, since=scene.now, because=because)
    with scene.house.database.begin() as tx:
        environments.set_weights(tx, scene.run.app, state.environment, weights, scene.now)
        rollouts.save(tx, shifting)
        journal.append(tx, scene.event("rollback.decided", because, "back/decided"))
    return _switch(scene, shifting, target)


def _switch(scene: Scene, state: RolloutState, target: Release) -> Outcome:
    edge.apply(scene.house, scene.run.app, state.environment)
    ms = round((scene.house.clock() - state.since) / timedelta(milliseconds=1), 1)
    app, name = scene.run.app, state.environment
    because = f"{name} is back on {target.id} ({ms:.0f} ms): {scene.run.because}"
    until = scene.now + timedelta(seconds=scene.policy.drain)
    with scene.house.database.begin() as tx:
        if state.previous != target.id:
            environments.set_live(tx, app, name, target.id, "")
            slots.stop_after(tx, app, name, state.previous, until)
        journal.append(tx, scene.event("traffic.returned", because, "returned", ms=ms))
    if state.previous and state.previous != target.id:
        left = preparing.get_release(scene.house, app, state.previous)
        with scene.house.database.begin() as tx:
            record.write_audit(tx, scene, left, "rolled_back", rollback_reason=scene.run.because)
    return Passed(because)
