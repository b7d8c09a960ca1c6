"""A release takes over an environment: prepare, smoke, step by step, then it is live."""

from dataclasses import replace
from datetime import timedelta

from fairlead.analysis.evidence import judge
from fairlead.analysis.verdict import Verdict
from fairlead.pipeline import (
    databases,
    deciding,
    edge,
    gates,
    jobs,
    observing,
    personal_data,
    preparing,
    record,
    sboms,
    tracking,
    waiting,
)
from fairlead.pipeline.scene import Failed, Outcome, Passed, Scene, Wait
from fairlead.pipeline.waiting import LOOK_S
from fairlead.release.plan import StageKind
from fairlead.release.release import Release
from fairlead.rollout.decide import (
    Advance,
    AskHuman,
    Finish,
    RollBack,
)
from fairlead.rollout.decide import Wait as Hold
from fairlead.store import environments, journal, rollouts
from fairlead.store.rollouts import Phase, RolloutState


def advance(scene: Scene) -> Outcome:
    """Take the stage's takeover one phase further."""
    release = preparing.get_release(scene.house, scene.run.app, scene.run.release)
    state = _state(scene, release)
    if state is None:
        passed = Passed(f"release {release.id} is live in {scene.environment} already")
        return sboms.tell(scene, release) or passed
    match state.phase:
        case Phase.MIGRATING | Phase.PREPARING:
            return _make_ready(scene, state, release)
        case Phase.SMOKING:
            return _smoke(scene, state)
        case Phase.SHIFTING:
            return _shift(scene, state)
        case Phase.STEPPING:
            return _step(scene, state, release)
        case _:
            return Failed(f"{state.environment} is going back: {state.because}")


def watch(scene: Scene) -> Failed | None:
    """Look after a release that has traffic while other work of its leg goes on."""
    with scene.house.database.begin() as tx:
        state = rollouts.find(tx, scene.run.id, scene.environment)
    if state is None or state.phase is not Phase.STEPPING:
        return None
    release = preparing.get_release(scene.house, scene.run.app, scene.run.release)
    state = observing.observe(scene, state, release)
    where, finding = scene.environment, state.finding
    if finding and finding.verdict is Verdict.UNHEALTHY:
        return Failed(f"the new release is unhealthy in {where}: {finding.because}")
    blind_s = (scene.now - state.unknown_since).total_seconds() if state.unknown_since else 0.0
    if finding and blind_s > waiting.deadline(scene):
        return Failed(f"no usable measurements in {where} for {blind_s:.0f} s: {finding.because}")
    return None


def _state(scene: Scene, release: Release) -> RolloutState | None:
    """Return the takeover of this leg, begun or carried over from the stage before.

    None when there is nothing to take over: the very release is live there.
    """
    index = scene.stage.planned.index
    with scene.house.database.begin() as tx:
        state = rollouts.find(tx, scene.run.id, scene.environment)
        if state is None:
            there = environments.find(tx, scene.run.app, scene.environment)
            if there and there.live == release.id and there.weights.get(release.id) == 100:
                return None
            return record.begin_rollout(scene, tx, release)
        if state.stage == index:
            return state
        watched_already = 1 if scene.stage.planned.kind is StageKind.MONITOR else 0
        state = replace(
            state, stage=index, step=watched_already, phase=Phase.STEPPING, since=scene.now
        )
        if watched_already:
            # The window that was opened when it got all traffic counts, what was found does not.
            state = replace(state, finding=None, unknown_since=None)
        rollouts.save(tx, state)
        return state


def _make_ready(scene: Scene, state: RolloutState, release: Release) -> Outcome:
    """Change the database first: the new release may need what is added, the old one must not."""
    if state.phase is Phase.MIGRATING:
        outcome = databases.perform(scene, release, databases.MIGRATE)
        if not isinstance(outcome, Passed):
            return outcome
        state = replace(state, phase=Phase.PREPARING, since=scene.house.clock())
        waiting = databases.waiting(scene, release)
        with scene.house.database.begin() as tx:
            environments.set_waiting(tx, scene.run.app, state.environment, waiting)
            rollouts.save(tx, state)
    return _prepare(scene, state, release)


def _prepare(scene: Scene, state: RolloutState, release: Release) -> Outcome:
    preparing.start(scene.house, release, state.environment)
    if wait := sboms.tell(scene, release):
        return wait
    finding = preparing.health_soon(scene.house, release, state.environment)
    waited = (scene.house.clock() - state.since).total_seconds()
    limit = scene.policy.start_timeout
    if finding.verdict is Verdict.UNHEALTHY:
        return Failed(f"release {release.id} did not start: {finding.because}")
    if finding.verdict is Verdict.UNKNOWN:
        if waited > limit:
            return Failed(
                f"release {release.id} was not healthy within {limit:.0f} s: {finding.because}"
            )
        return Wait(0)
    edge.apply(scene.house, scene.run.app, state.environment)
    because = f"release {release.id} is ready in {state.environment}, without traffic yet"
    with scene.house.database.begin() as tx:
        rollouts.save(tx, replace(state, phase=Phase.SMOKING, since=scene.now))
        journal.append(tx, scene.event("release.ready", because, "ready"))
    return Wait(0)


def _smoke(scene: Scene, state: RolloutState) -> Outcome:
    works = gates.works(scene, tuple(scene.policy.smoke))
    if works:
        outcome = jobs.advance(scene, works, gates.environment(scene))
        if not isinstance(outcome, Passed):
            return outcome
    with scene.house.database.begin() as tx:
        rollouts.save(tx, replace(state, phase=Phase.STEPPING, since=scene.now))
    return Wait(0)


def _step(scene: Scene, state: RolloutState, release: Release) -> Outcome:
    state = observing.observe(scene, state, release)
    decision = deciding.decide(scene, state)
    tracking.look(scene, state, ended=isinstance(decision.move, RollBack | Finish))
    match decision.move:
        case RollBack():
            return Failed(decision.because)
        case Hold():
            record.note(scene, decision.because)
            return Wait(waiting.look_again_while_held(scene, state, _hold(scene, state)))
        case AskHuman():
            record.asked(scene, state, decision.because)
            return Wait(waiting.look_again_in(scene, state))
        case Finish():
            if scene.stage.planned.kind in (StageKind.DEPLOY, StageKind.PROMOTE):
                kept = personal_data.keep_report(scene)
                if isinstance(kept, Wait):
                    return kept
                record.promoted(scene, state, release, decision.because)
            return Passed(decision.because)
        case Advance(weight):
            return _go_on(scene, state, weight, decision.because)


def _doubt_of_the_way_back(scene: Scene, state: RolloutState) -> str:
    """Return why the release before could not take the traffic back now; empty when it could."""
    if not state.previous:
        return ""
    previous = preparing.get_release(scene.house, scene.run.app, state.previous)
    finding = preparing.health(scene.house, previous, state.environment)
    if finding.verdict is not Verdict.HEALTHY:
        preparing.start(scene.house, previous, state.environment, revive=True)
        finding = preparing.health(scene.house, previous, state.environment)
    healthy = finding.verdict is Verdict.HEALTHY
    return "" if healthy else f"the way back is not ready: {finding.because}"


def _go_on(scene: Scene, state: RolloutState, weight: int, because: str) -> Outcome:
    """Take the step once the way back is ready.

    A release before that does not come up within `start_timeout` holds the new one no longer: its
    users are on the bad side already.
    """
    doubt = _doubt_of_the_way_back(scene, state)
    held_s = (scene.now - state.since).total_seconds()
    if doubt and held_s < _hold(scene, state) + scene.policy.start_timeout:
        record.note(scene, f"holding: {doubt}")
        return Wait(LOOK_S)
    told = f"{because}; {doubt}, and staying there helps nobody" if doubt else because
    return _decide_shift(scene, state, weight, told)


def _hold(scene: Scene, state: RolloutState) -> float:
    """Return how long the step that the release is at is held, in seconds."""
    plan = deciding.stage_steps(scene, state)
    return plan[state.step - 1].hold_s if state.step else 0.0


def _decide_shift(scene: Scene, state: RolloutState, weight: int, because: str) -> Outcome:
    weights = {state.release: weight}
    if state.previous:
        weights[state.previous] = 100 - weight
    effect = f"step{state.step + 1}/decided"
    known = state.known
    if known is not None and waiting.promotion(scene, state):
        known = judge.sent_on(known, scene.now)
    shifting = replace(
        state, phase=Phase.SHIFTING, step=state.step + 1, because=because, known=known
    )
    with scene.house.database.begin() as tx:
        environments.set_weights(tx, scene.run.app, state.environment, weights, scene.now)
        rollouts.save(tx, shifting)
        journal.append(tx, scene.event("traffic.decided", because, effect, weights=weights))
    return _shift(scene, shifting)


def _shift(scene: Scene, state: RolloutState) -> Outcome:
    began = scene.house.clock()
    done = edge.apply(scene.house, scene.run.app, state.environment)
    ended = scene.house.clock()
    weight = done.weights().get(state.release, 0)
    ms = round((ended - began) / timedelta(milliseconds=1), 1)
    because = f"release {state.release} serves {weight}% of {state.environment}"
    stepping = replace(
        state, phase=Phase.STEPPING, since=ended, opened=None, finding=None, unknown_since=None
    )
    with scene.house.database.begin() as tx:
        rollouts.save(tx, stepping)
        event = scene.event(
            "traffic.shifted", because, f"step{state.step}/shifted", ms=ms, weights=done.weights()
        )
        journal.append(tx, event)
    observing.begin(scene, stepping)
    return Wait(0)
