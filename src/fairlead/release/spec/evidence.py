"""Can what a canary must prove be proven, and can it fail?"""

from collections.abc import Iterator

from fairlead.release.spec.judgement import Evidence, Latency
from fairlead.release.spec.model import Environment, Spec, StrategyKind
from fairlead.release.spec.problem import KeyPath, Problem
from fairlead.release.spec.quantity import written_duration, written_share


def unsound_evidence(spec: Spec) -> Iterator[Problem]:
    """Find chances, margins and times that prove nothing."""
    for name, environment in spec.environments.items():
        judgement = environment.judgement
        if judgement is not None and judgement.by == "evidence":
            here: KeyPath = ("environments", name, "judgement", "evidence")
            yield from _chances(judgement.evidence, here)
            yield from _times(environment, judgement.evidence, here)


def sound(asked: Evidence) -> bool:
    """Tell whether the chances and margins can be computed with at all."""
    return not [*_chances(asked, ())]


def _chances(asked: Evidence, here: KeyPath) -> Iterator[Problem]:
    for key, most, usual in (("alpha", 0.5, "0.1%"), ("beta", 0.5, "5%")):
        chance = getattr(asked, key)
        if not 0 < chance <= most:
            sentence = f"a chance above 0% and at most {written_share(most)} is needed"
            yield Problem((*here, key), f"{sentence}, such as {usual}")
    if asked.mde <= asked.tolerance:
        yield Problem(
            (*here, "mde"),
            f"{written_share(asked.mde)} is not more than the tolerance of "
            f"{written_share(asked.tolerance)}: nothing could be proven; make it larger",
        )
    yield from _latency(asked.latency, (*here, "latency"))


def _latency(asked: Latency, here: KeyPath) -> Iterator[Problem]:
    for key in ("p50", "p90", "p99"):
        if getattr(asked, key) == 0:
            sentence = "no release can be shown to be slower by nothing; allow more, such as 1%"
            yield Problem((*here, key), sentence)
    if asked.unnoticed > 10:
        sentence = "an answer of more than 10s is noticed; allow less, such as 10ms"
        yield Problem((*here, "unnoticed"), sentence)


def _times(there: Environment, asked: Evidence, here: KeyPath) -> Iterator[Problem]:
    if not 0.1 <= asked.poll <= 15:
        yield Problem((*here, "poll"), "a look between every 100ms and every 15s is needed")
    if asked.blind < asked.poll:
        needed = written_duration(asked.poll)
        sentence = f"shorter than poll {needed}: every look would be too late"
        yield Problem((*here, "blind"), f"{written_duration(asked.blind)} is {sentence}")
    holds = there.hold if there.strategy is StrategyKind.CANARY else 0.0
    if asked.horizon <= max(holds, asked.poll):
        longest = written_duration(max(holds, asked.poll))
        yield Problem(
            (*here, "horizon"),
            f"{written_duration(asked.horizon)} is over before the first step was held {longest}; "
            "make it longer",
        )
