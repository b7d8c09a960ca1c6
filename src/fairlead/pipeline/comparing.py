"""Is the new release as good as the one before it? One poll of the edge, one look at the evidence.

While both have traffic they are compared; a release that has all of it is watched.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from fairlead.analysis.evidence import judge
from fairlead.analysis.evidence.judge import Block, Known
from fairlead.analysis.measurement import Measurement, Reading, Unusable, difference
from fairlead.analysis.verdict import Finding, Verdict
from fairlead.pipeline import limits, preparing, remembering
from fairlead.pipeline.scene import Scene
from fairlead.release import judging
from fairlead.release.release import Release
from fairlead.release.spec.judgement import Judgement
from fairlead.store import journal, measurements, rollouts
from fairlead.store.rollouts import RolloutState

# A canary that is asked seldom is waited for, but not longer than this for one request.
LONGEST_POLL_S = 15.0
# So long lies between two false alarms after promotion, on average.
RUN_LENGTH_S = 30 * 86400.0


def begin(scene: Scene, state: RolloutState, reading: Reading) -> Known:
    """Return what is known before the first look: what the release before did until now.

    It is kept and told at once, so that the record has what the judge began with.
    """
    history, phi = remembering.usual(scene, state, reading)
    known = judge.seeded(scene.now, history, judging.rules(_asked(scene).evidence), phi)
    event = remembering.told(scene, state, history, phi)
    with scene.house.database.begin() as tx:
        rollouts.save(tx, replace(state, known=known))
        journal.append(tx, event)
    return known


def next_poll_in(scene: Scene, state: RolloutState) -> float:
    """Return the seconds until the next look, as the file asks for it."""
    if state.opened is None:
        return 0.0
    due = state.opened.taken_at + timedelta(seconds=_asked(scene).evidence.poll)
    return (due - scene.house.clock()).total_seconds()


def look(
    scene: Scene, state: RolloutState, canary: tuple[Release, int], reading: Reading | Unusable
) -> RolloutState:
    """Return the takeover after one poll of a canary: a release and its weight in percent.

    One that has seen no canary request yet is left to grow.
    """
    opened, known, asked = state.opened, state.known, _asked(scene)
    if opened is None or known is None:
        return state
    seen = _seen(state, opened, canary[0], reading)
    blocks = seen if isinstance(seen, Unusable) else _blocks(*seen)
    waited = (scene.now - opened.taken_at).total_seconds()
    if isinstance(blocks, list) and waited < LONGEST_POLL_S and not _both_asked(blocks):
        return state
    rules = judging.rules(asked.evidence)
    known = judge.look(known, blocks, rules, canary[1] / 100, scene.now)
    if isinstance(seen, tuple) and isinstance(reading, Reading):
        _measured(scene, state, [*seen[0], *seen[1]])
        known, _ = limits.within(scene, state, known, reading)
    finding = limits.beside_evidence(scene, known, judge.told(known, rules, scene.now))
    if state.unknown_since is None or known.blind_since is None:
        _tell(scene, state, known, finding)
    usable = None if isinstance(reading, Unusable) else reading
    return replace(state, opened=usable, known=known, finding=finding)


def watch(
    scene: Scene, state: RolloutState, release: Release, reading: Reading | Unusable
) -> RolloutState:
    """Return the takeover after one poll of a release that has all traffic."""
    opened, known, asked = state.opened, state.known, _asked(scene)
    if opened is None or known is None:
        return state
    names = tuple(a.component for a in preparing.runnable(release))
    if isinstance(reading, Unusable):
        return _unseen(scene, state, known, reading)
    seen = difference(opened, reading, release.id, names)
    if isinstance(seen, Unusable):
        return _unseen(scene, state, known, seen)
    _measured(scene, state, seen)
    looks = RUN_LENGTH_S / asked.evidence.poll
    known = judge.watched(known, seen, judging.rules(asked.evidence), looks)
    known, of_window = limits.within(scene, state, known, reading, promoted=True)
    finding = state.finding if of_window is None else of_window
    if known.rolled_back:
        finding = Finding(Verdict.UNHEALTHY, known.rolled_back)
    if finding is not None and finding is not state.finding:
        _tell(scene, state, known, finding)
    silent = finding is not None and finding.verdict is Verdict.UNKNOWN
    known = replace(known, blind_since=(known.blind_since or scene.now) if silent else None)
    return replace(state, opened=reading, known=known, finding=finding)


def _unseen(scene: Scene, state: RolloutState, known: Known, why: Unusable) -> RolloutState:
    blind = replace(known, blind_since=known.blind_since or scene.now, window=None)
    finding = Finding(Verdict.UNKNOWN, why.because)
    return replace(state, opened=None, known=blind, finding=finding)


def _asked(scene: Scene) -> Judgement:
    judgement = scene.policy.judgement
    assert judgement is not None
    return judgement


def _seen(
    state: RolloutState, opened: Reading, release: Release, reading: Reading | Unusable
) -> tuple[tuple[Measurement, ...], tuple[Measurement, ...]] | Unusable:
    """Return what both releases did since the last look: the new one, and the one before."""
    if isinstance(reading, Unusable):
        return reading
    names = tuple(a.component for a in preparing.runnable(release))
    shared = tuple(name for name in names if name in reading.of(state.previous))
    canary = difference(opened, reading, release.id, names)
    if isinstance(canary, Unusable):
        return canary
    stable = difference(opened, reading, state.previous, shared)
    return stable if isinstance(stable, Unusable) else (canary, stable)


def _blocks(
    canary: tuple[Measurement, ...], stable: tuple[Measurement, ...]
) -> list[Block] | Unusable:
    # What the release before does not have cannot be worse than there: its limits still hold.
    beside = {m.component: m for m in stable}
    found = [Block(m, beside[m.component]) for m in canary if m.component in beside]
    return found or Unusable("the release before has none of these components to compare with")


def _both_asked(blocks: list[Block]) -> bool:
    canary, stable = (b.canary.requests for b in blocks), (b.stable.requests for b in blocks)
    return any(canary) and any(stable)


def _measured(scene: Scene, state: RolloutState, both: Sequence[Measurement]) -> None:
    with scene.house.database.begin() as tx:
        measurements.add(tx, scene.run.app, state.environment, both)


def _tell(scene: Scene, state: RolloutState, known: Known, finding: Finding) -> None:
    """Journal one look: the counts, the e-values and the sentence."""
    told = {
        name: {
            "canary": [*one.canary],
            "stable": [*one.stable],
            "worse": {"errors": one.errors.total, "latency": one.latency.total},
            "as_good": [round(log, 3) for log in one.as_good],
            "detector": one.detector.total,
            "phi": round(one.burst.phi, 3),
        }
        for name, one in known.components.items()
    }
    effect = f"step{state.step}/judged/{scene.now.isoformat()}"
    asked = _asked(scene).evidence
    numbers: dict[str, Any] = {
        "value": judge.value(known),
        "alpha": asked.alpha,
        "beta": asked.beta,
        "evidence": told,
    }
    numbers |= {"verdict": finding.verdict.name} | limits.noted(known)
    event = scene.event("release.judged", finding.because, effect, **numbers)
    with scene.house.database.begin() as tx:
        journal.append(tx, event)
