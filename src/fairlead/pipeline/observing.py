"""How is the new release doing? Slots and windows of measurements, never overlapping."""

from dataclasses import replace

from fairlead.analysis.check import judge
from fairlead.analysis.guardrail import joined
from fairlead.analysis.measurement import Measurement, Reading, Unusable, difference
from fairlead.analysis.verdict import Finding, Verdict
from fairlead.errors import Temporary
from fairlead.pipeline import comparing, limits, preparing
from fairlead.pipeline.scene import Scene
from fairlead.release import judging
from fairlead.release.release import Release
from fairlead.release.spec.judgement import Judgement
from fairlead.store import environments, journal, measurements, rollouts
from fairlead.store.rollouts import RolloutState


def begin(scene: Scene, state: RolloutState) -> None:
    """Open the first window of a weight as soon as the release has it, where it is judged."""
    if scene.policy.judgement is not None and state.previous and _weight(scene, state) > 0:
        _open(scene, state)


def observe(scene: Scene, state: RolloutState, release: Release) -> RolloutState:
    """Return the takeover with what is known now; an open window is closed when its time is up.

    A release that has no traffic, or none before it to return to, is told by its slots alone.
    `finding` is None while the first window of a step is still open and the slots are healthy.
    """
    slots_now = preparing.health(scene.house, release, state.environment)
    if slots_now.verdict is not Verdict.HEALTHY:
        return _found(scene, state, slots_now)
    judgement = scene.policy.judgement
    if judgement is None or not state.previous or _weight(scene, state) == 0:
        return _found(scene, state, slots_now)
    if state.opened is None:
        return _open(scene, state)
    if judgement.by == "evidence":
        return _weigh(scene, state, release)
    if (scene.now - state.opened.taken_at).total_seconds() < judgement.window:
        return state
    return _close(scene, state, release, judgement)


def compared(scene: Scene, state: RolloutState) -> bool:
    """Tell whether both releases have traffic, so that the judge compares them."""
    judgement = scene.policy.judgement
    if judgement is None or judgement.by != "evidence" or not state.previous:
        return False
    return 0 < _weight(scene, state) < 100


def _weigh(scene: Scene, state: RolloutState, release: Release) -> RolloutState:
    """Look at the evidence when the next poll is due."""
    if comparing.next_poll_in(scene, state) > 0:
        return state
    weight, reading = _weight(scene, state), _read(scene, state)
    if weight < 100:
        seen = comparing.look(scene, state, (release, weight), reading)
    else:
        seen = comparing.watch(scene, state, release, reading)
    if seen is state:
        return state
    known = seen.known
    blind = [s for s in (known.blind_since, known.unguarded_since) if s] if known else []
    return _save(scene, replace(seen, unknown_since=min(blind, default=None)))


def _open(scene: Scene, state: RolloutState) -> RolloutState:
    reading = _read(scene, state)
    if isinstance(reading, Unusable):
        return _found(scene, state, Finding(Verdict.UNKNOWN, reading.because))
    known = state.known or comparing.begin(scene, state, reading)
    # Nor does a window of the limits span a time when nothing was seen.
    return _save(scene, replace(state, opened=reading, known=limits.begun_anew(known)))


def _close(
    scene: Scene, state: RolloutState, release: Release, judgement: Judgement
) -> RolloutState:
    opened, reading = state.opened, _read(scene, state)
    if opened is None or isinstance(reading, Unusable):
        because = reading.because if isinstance(reading, Unusable) else "no window is open"
        return _found(scene, replace(state, opened=None), Finding(Verdict.UNKNOWN, because))
    components = tuple(a.component for a in preparing.runnable(release))
    window = difference(opened, reading, release.id, components)
    promoted = _weight(scene, state) == 100
    finding = judge(window, judging.limits(judgement, promoted=promoted), scene.now)
    beside = _keep_stable(scene, state, opened, reading)
    known = state.known or comparing.begin(scene, state, opened)
    known, guarded = limits.guard(scene, known, window, () if promoted else beside)
    finding, state = joined(finding, guarded), replace(state, opened=reading, known=known)
    _keep(scene, state, window, finding)
    return _found(scene, state, finding)


def _found(scene: Scene, state: RolloutState, finding: Finding) -> RolloutState:
    unknown = finding.verdict is Verdict.UNKNOWN
    since = (state.unknown_since or scene.now) if unknown else None
    return _save(scene, replace(state, finding=finding, unknown_since=since))


def _save(scene: Scene, state: RolloutState) -> RolloutState:
    with scene.house.database.begin() as tx:
        rollouts.save(tx, state)
    return state


def _keep(
    scene: Scene, state: RolloutState, window: tuple[Measurement, ...] | Unusable, finding: Finding
) -> None:
    effect = f"step{state.step}/judged/{scene.now.isoformat()}"
    with scene.house.database.begin() as tx:
        if not isinstance(window, Unusable):
            measurements.add(tx, scene.run.app, state.environment, window)
        told = {"verdict": finding.verdict.name} | limits.noted(state.known)
        journal.append(tx, scene.event("release.judged", finding.because, effect, **told))


def _keep_stable(
    scene: Scene, state: RolloutState, opened: Reading, reading: Reading
) -> tuple[Measurement, ...]:
    """Keep what the release before did in the same window, for the page and for later judges."""
    components = tuple(opened.of(state.previous))
    window = difference(opened, reading, state.previous, components)
    if not components or isinstance(window, Unusable):
        return ()
    with scene.house.database.begin() as tx:
        measurements.add(tx, scene.run.app, state.environment, window)
    return window


def _read(scene: Scene, state: RolloutState) -> Reading | Unusable:
    try:
        return scene.house.source.read(scene.run.app, state.environment)
    except Temporary as error:
        return Unusable(str(error))


def _weight(scene: Scene, state: RolloutState) -> int:
    """Return the share of users that the release has, in percent."""
    with scene.house.database.begin() as tx:
        edge = environments.get(tx, scene.run.app, state.environment)
    return edge.weights.get(state.release, 0)
