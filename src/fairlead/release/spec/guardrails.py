"""Can a guard-rail be read, can it be broken, and will enough arrive to ask it?"""

from collections.abc import Iterator

from fairlead.analysis.expression import NAMES
from fairlead.analysis.expression_text import Unsound, parsed
from fairlead.analysis.outcome import pointless
from fairlead.release.spec.judgement import Guardrail, Judgement
from fairlead.release.spec.model import Environment, Spec, StrategyKind
from fairlead.release.spec.problem import KeyPath, Problem, not_one_of
from fairlead.release.spec.quantity import written_duration


def unsound_guardrails(spec: Spec) -> Iterator[Problem]:
    """Find expressions that say nothing, and counts that no release could reach."""
    for name, environment in spec.environments.items():
        judgement = environment.judgement
        if judgement is None:
            continue
        for called, written in judgement.guardrails.items():
            here: KeyPath = ("environments", name, "judgement", "guardrails", called)
            yield from _expression(written, (*here, "unhealthy_if"))
            yield from _windows(written, judgement, (*here, "windows"))
            yield from _samples(written, environment, judgement, (*here, "min_samples"))


def _expression(written: Guardrail, here: KeyPath) -> Iterator[Problem]:
    found = parsed(written.unhealthy_if)
    if isinstance(found, Unsound):
        yield Problem(here, not_one_of(found.name, NAMES) if found.name else found.because)
    elif why := pointless(found):
        yield Problem(here, why)


def _windows(written: Guardrail, judgement: Judgement, here: KeyPath) -> Iterator[Problem]:
    lasts = written.windows * judgement.window
    if lasts > judgement.deadline:
        yield Problem(
            here,
            f"{written.windows} windows of {written_duration(judgement.window)} last longer than "
            f"the deadline of {written_duration(judgement.deadline)}, which would come first; make "
            "them fewer or the deadline longer",
        )


def _samples(
    written: Guardrail, environment: Environment, judgement: Judgement, here: KeyPath
) -> Iterator[Problem]:
    traffic = environment.traffic
    if traffic is None or judgement.window == 0 or not environment.steps:
        return
    is_canary = environment.strategy is StrategyKind.CANARY
    step = min(environment.steps) if is_canary else 100
    expected = round(traffic.requests_per_second * judgement.window * step / 100, 6)
    if expected < written.min_samples:
        yield Problem(
            here,
            f"{step}% of {traffic.requests_per_second:g} requests per second for "
            f"{written_duration(judgement.window)} are {expected:g} requests, fewer than "
            f"{written.min_samples}, so every window would be UNKNOWN; make it smaller, or the "
            "window longer",
        )
