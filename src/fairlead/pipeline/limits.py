"""Does a release keep within its fixed limits and guard-rails? Asked when a window is over."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from fairlead.analysis import check, guardrail
from fairlead.analysis.evidence.judge import Known
from fairlead.analysis.measurement import Measurement, Reading, Unusable, summed
from fairlead.analysis.verdict import Finding, Verdict
from fairlead.pipeline.scene import Scene
from fairlead.release import judging
from fairlead.release.spec.judgement import Judgement
from fairlead.store import measurements
from fairlead.store.rollouts import RolloutState

# A fixed limit is broken when so many windows running are over it: one may be chance.
WINDOWS_RUNNING = 2


def within(
    scene: Scene, state: RolloutState, known: Known, reading: Reading, *, promoted: bool = False
) -> tuple[Known, Finding | None]:
    """Judge by the limits when their window is over: what is known then, and what was found.

    A canary beside a release that is over the same limits is not what is wrong.
    """
    asked = _asked(scene)
    # Windows begin and end with a reading, so that no poll is counted in two of them.
    began = known.window or (state.opened or reading).taken_at
    known = replace(known, window=began)
    if (reading.taken_at - began).total_seconds() < asked.window:
        return known, None
    window = _since(scene, state, state.release, known)
    beside = () if promoted else _since(scene, state, state.previous, known)
    limits = judging.limits(asked, promoted=promoted)
    found = check.judge(window, limits, scene.now)
    excused = bool(beside) and check.judge(beside, limits, scene.now).verdict is Verdict.UNHEALTHY
    over = known.over + 1 if found.verdict is Verdict.UNHEALTHY and not excused else 0
    known = replace(known, window=reading.taken_at, over=over)
    if over >= WINDOWS_RUNNING and not known.rolled_back:
        told = f"{found.because}, {over} windows running"
        known = replace(known, rolled_back=told)
    if found.verdict is Verdict.UNHEALTHY:
        found = Finding(Verdict.UNKNOWN, f"{found.because}: the next window will tell")
    known, guarded = guard(scene, known, window, beside)
    if guarded and guarded.verdict is Verdict.UNHEALTHY and not known.rolled_back:
        known = replace(known, rolled_back=guarded.because)
    return known, guardrail.joined(found, guarded)


def guard(
    scene: Scene,
    known: Known,
    window: Sequence[Measurement] | Unusable,
    beside: Sequence[Measurement],
) -> tuple[Known, Finding | None]:
    """Count one window of a release by the guard-rails, and say what they say then.

    `beside` is what the release before did, empty when it has no traffic.
    """
    guardrails = judging.guardrails(_asked(scene))
    tallies = {}
    for one in guardrails:
        before = known.guardrails.get(one.name, guardrail.Tally())
        tallies[one.name] = guardrail.counted(
            one, before, guardrail.seen(one, window, beside, scene.now)
        )
    told = guardrail.told(guardrails, tallies)
    unknown = told is not None and told.verdict is Verdict.UNKNOWN
    since = (known.unguarded_since or scene.now) if unknown else None
    return replace(known, guardrails=tallies, unguarded_since=since), told


def begun_anew(known: Known) -> Known:
    """Return what is known when windows begin anew: they never span two weights."""
    tallies = guardrail.reopened(known.guardrails)
    return replace(known, window=None, guardrails=tallies, unguarded_since=None)


def beside_evidence(scene: Scene, known: Known, finding: Finding) -> Finding:
    """Return the worse of what the evidence says and what the guard-rails say.

    Evidence that is still gathered needs no word about windows that are still open.
    """
    is_open = all(tally.is_open for tally in known.guardrails.values())
    if finding.verdict is Verdict.UNHEALTHY or (is_open and finding.verdict is Verdict.UNKNOWN):
        return finding
    told = guardrail.told(judging.guardrails(_asked(scene)), known.guardrails)
    return guardrail.joined(finding, told)


def noted(known: Known | None) -> dict[str, Any]:
    """Return what each guard-rail said last, for the journal; nothing where there are none."""
    tallies = known.guardrails if known else {}
    told = {name: t.finding.because for name, t in tallies.items() if t.finding}
    return {"guardrails": told} if told else {}


def _since(
    scene: Scene, state: RolloutState, release: str, known: Known
) -> tuple[Measurement, ...]:
    if known.window is None:
        return ()
    with scene.house.database.begin() as tx:
        windows = measurements.since(tx, scene.run.app, state.environment, release, known.window)
    return summed(windows)


def _asked(scene: Scene) -> Judgement:
    judgement = scene.policy.judgement
    assert judgement is not None
    return judgement
