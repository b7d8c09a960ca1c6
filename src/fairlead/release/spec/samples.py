"""Will enough requests arrive to judge a release, or would it be UNKNOWN for ever?"""

import math
from collections.abc import Iterator

from fairlead.analysis.evidence.power import enough_weight, minutes, to_prove
from fairlead.release import judging
from fairlead.release.component import ComponentKind
from fairlead.release.spec.evidence import sound
from fairlead.release.spec.judgement import Judgement
from fairlead.release.spec.model import Environment, Spec, StrategyKind
from fairlead.release.spec.problem import KeyPath, Problem
from fairlead.release.spec.quantity import written_duration


def too_few_samples(spec: Spec) -> Iterator[Problem]:
    """Find environments whose usual traffic cannot fill a window with `min_samples` requests."""
    monitored = {stage.monitor for stage in spec.pipeline}
    answers = any(c.kind is not ComponentKind.POSTGRES for c in spec.components.values())
    for name, environment in spec.environments.items():
        here: KeyPath = ("environments", name)
        is_canary = environment.strategy is StrategyKind.CANARY
        if not is_canary and name not in monitored:
            continue
        if not answers:
            sentence = "no component answers requests, so nothing can be judged here"
            yield Problem(here, f"{sentence}; add a static or functions component")
        elif is_canary and environment.traffic is None:
            sentence = "a canary needs to know how much traffic it can be judged by; add traffic"
            yield Problem((*here, "traffic"), f"{sentence}: {{requests_per_second: …}}")
        else:
            yield from _arriving(environment, (*here, "traffic"))
            yield from _proving(environment, (*here, "traffic"))


def _arriving(environment: Environment, here: KeyPath) -> Iterator[Problem]:
    judgement, traffic = environment.judgement, environment.traffic
    if judgement is None or traffic is None or judgement.window == 0 or not environment.steps:
        return
    is_canary = environment.strategy is StrategyKind.CANARY and judgement.by == "limits"
    step = min(environment.steps) if is_canary else 100
    rate = traffic.requests_per_second
    # Rounded, because 0.1 times 3 must not miss a limit of 0.3 by a binary hair.
    expected = round(rate * judgement.window * step / 100, 6)
    if expected < judgement.min_samples:
        window = written_duration(judgement.window)
        sentence = (
            f"{step}% of {rate:g} requests per second for {window} are {expected:g} requests, "
            f"fewer than min_samples {judgement.min_samples}, so every window would be UNKNOWN; "
            f"{_remedies(judgement, rate, step, is_canary)}"
        )
        yield Problem((*here, "requests_per_second"), sentence)


def _proving(environment: Environment, here: KeyPath) -> Iterator[Problem]:
    """Find a canary that cannot prove its release as good before its horizon."""
    plan = judging.canary(environment)
    if plan is None or environment.judgement is None:
        return
    asked = environment.judgement.evidence
    rules = judging.rules(asked)
    # What cannot be true at all is told by the key itself.
    if asked.at_horizon == "hold" or not sound(asked):
        return
    needed = plan.seconds(to_prove(plan, rules))
    if needed > asked.horizon:
        weight = enough_weight(plan, rules)
        larger = f"begin with {weight}%, " if weight else ""
        sentence = (
            f"at {plan.rate:g} requests per second a first step of {plan.weight:.0%} takes about "
            f"{minutes(needed)} to prove a release as good, longer than the horizon of "
            f"{written_duration(asked.horizon)}; {larger}make the horizon or mde larger, or set "
            "at_horizon to hold, so that a person decides"
        )
        yield Problem((*here, "requests_per_second"), sentence)


def _remedies(judgement: Judgement, rate: float, step: int, is_canary: bool) -> str:
    window = math.ceil(round(judgement.min_samples * 100 / (step * rate), 6))
    longer = f"make the window (and hold) at least {written_duration(float(window))}"
    if not is_canary:
        return longer.replace(" (and hold)", "")
    first = math.ceil(round(judgement.min_samples * 100 / (rate * judgement.window), 6))
    if first > 100:
        return f"{longer}; with this window no first step is large enough"
    return f"{longer}, or the first step at least {first}%"
