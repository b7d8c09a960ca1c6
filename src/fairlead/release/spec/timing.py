"""Do the durations and limits of each environment leave room for each other?"""

from collections.abc import Iterator
from itertools import pairwise

from fairlead.release.spec.judgement import Judgement
from fairlead.release.spec.model import Environment, Spec, StrategyKind
from fairlead.release.spec.problem import KeyPath, Problem
from fairlead.release.spec.quantity import written_duration

_USUAL_STEPS = Environment.model_fields["steps"].default
_NEEDS_TIME = {
    "start_timeout": "nothing starts within 0s; allow more, such as 1m",
    "monitor_for": "watching for 0s sees nothing; allow more, such as 10m",
}


def unsound_times(spec: Spec) -> Iterator[Problem]:
    """Find windows that do not fit, steps that do not grow and limits that cannot be broken."""
    monitored = {stage.monitor for stage in spec.pipeline}
    for name, environment in spec.environments.items():
        here: KeyPath = ("environments", name)
        yield from _steps(environment, here)
        for key, sentence in _NEEDS_TIME.items():
            if getattr(environment, key) == 0:
                yield Problem((*here, key), sentence)
        yield from _holding(environment, here)
        if environment.judgement:
            yield from _judgement(environment.judgement, (*here, "judgement"))
        if name in monitored:
            yield from _monitoring(environment, here)


def _steps(environment: Environment, here: KeyPath) -> Iterator[Problem]:
    here, steps = (*here, "steps"), environment.steps
    if environment.strategy is not StrategyKind.CANARY:
        if steps != _USUAL_STEPS:
            remedy = "set strategy to canary or remove the steps"
            yield Problem(here, f"{environment.strategy} takes no steps; {remedy}")
        return
    if any(after <= before for before, after in pairwise(steps)):
        yield Problem(here, f"{steps} does not grow; each step must be larger than the one before")
    if steps and steps[0] == 100:
        yield Problem(here, f"{steps} tries nothing out; begin with less than 100, such as 5")
    if not steps or steps[-1] != 100:
        yield Problem(here, f"{steps} does not end at 100; add 100 as the last step")


def _holding(environment: Environment, here: KeyPath) -> Iterator[Problem]:
    hold, judgement = environment.hold, environment.judgement
    is_canary = environment.strategy is StrategyKind.CANARY
    if judgement is None:
        if is_canary:
            sentence = "a canary is judged, and nothing says how; add a judgement block"
            yield Problem((*here, "judgement"), sentence)
        elif hold > 0:
            sentence = "nothing says how the held weight is judged; add a judgement or remove hold"
            yield Problem((*here, "hold"), sentence)
        return
    if (is_canary or hold > 0) and hold < judgement.window:
        yield Problem((*here, "hold"), _too_short("hold", hold, judgement.window))


def _judgement(judgement: Judgement, here: KeyPath) -> Iterator[Problem]:
    if judgement.window == 0:
        yield Problem(
            (*here, "window"), "a window of 0s holds no requests; allow more, such as 30s"
        )
    if judgement.deadline < judgement.window:
        sentence = _too_short("deadline", judgement.deadline, judgement.window)
        yield Problem((*here, "deadline"), sentence)
    for key, limits in (("canary", judgement.canary), ("promoted", judgement.promoted)):
        if limits.error_rate >= 1:
            sentence = "no release fails more than 100% of requests; choose less, such as 2%"
            yield Problem((*here, key, "error_rate"), sentence)
        if limits.mean_latency == 0:
            sentence = "no release answers within 0s; allow more, such as 1s"
            yield Problem((*here, key, "mean_latency"), sentence)


def _monitoring(environment: Environment, here: KeyPath) -> Iterator[Problem]:
    judgement, watched = environment.judgement, environment.monitor_for
    if judgement is None:
        sentence = "a monitor stage watches this environment, and nothing says how to judge it"
        yield Problem((*here, "judgement"), f"{sentence}; add a judgement block")
    elif watched < judgement.window:
        yield Problem((*here, "monitor_for"), _too_short("monitor_for", watched, judgement.window))
    kept = environment.rollback_window
    if environment.strategy is not StrategyKind.ALL_AT_ONCE and kept < watched:
        sentence = (
            f"{written_duration(kept)} is shorter than monitor_for {written_duration(watched)}: "
            "the previous release would be gone while the new one is still watched; "
            f"make it at least {written_duration(watched)}"
        )
        yield Problem((*here, "rollback_window"), sentence)


def _too_short(key: str, length: float, window: float) -> str:
    needed = written_duration(window)
    return (
        f"{written_duration(length)} is shorter than judgement.window {needed}, so no window would "
        f"fit; make {key} at least {needed} or the window shorter"
    )
