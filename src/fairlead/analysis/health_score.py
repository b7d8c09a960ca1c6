"""How well is an environment? 100 points, less what each of six parts costs; UNKNOWN hides nothing.

Every part has points of its own, from 100 to 0, and a weight: the most that it can cost. Points
fall along straight lines between three values: up to the first all are there, at the second half
of them, from the third on none. At the second, errors and answer times are at the environment's
limit and cost 15: a score below 85 says that a limit is broken, or several parts are near theirs.
The runbook asks for 85.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from fairlead.analysis.performance import Performance
from fairlead.analysis.verdict import Finding, Verdict

ERRORS, LATENCY, SLOTS, FRESHNESS = "errors", "latency", "slots", "freshness"
NEW_ERRORS, DATABASE = "new_errors", "database"
WEIGHTS = {
    ERRORS: 30.0,
    LATENCY: 30.0,
    SLOTS: 20.0,
    NEW_ERRORS: 10.0,
    FRESHNESS: 5.0,
    DATABASE: 5.0,
}
# Of fewer requests a single failure would say too much.
LEAST_REQUESTS = 20
_AGES_S = (10.0, 35.0, 60.0)
_FAULTS = (0.0, 2.5, 5.0)
_CONNECTIONS = (0.8, 0.9, 1.0)
# What costs less is not worth a word.
_WORTH_TELLING = 0.05


@dataclass(frozen=True, slots=True)
class Limits:
    """What an environment may do: `error_rate` is a share, `mean_ms` milliseconds.

    From the score `healthy` on it is healthy.
    """

    error_rate: float = 0.05
    mean_ms: float = 2000.0
    healthy: float = 85.0


@dataclass(frozen=True, slots=True)
class ServingSlot:
    """A slot of a release that gets `weight` percent of the traffic, and how it is."""

    component: str
    weight: int
    finding: Finding


@dataclass(frozen=True, slots=True)
class Absent:
    """A part that this environment does not have; it costs nothing and is told."""

    because: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """A part that it should have and of which nothing is known."""

    because: str


@dataclass(frozen=True, slots=True)
class Seen:
    """What a score rests on.

    `new_errors` counts the faults that only the releases in traffic have; `connections` is the
    share of those that the environment's database allows which are taken.
    """

    performance: Performance
    slots: Sequence[ServingSlot] | Unknown
    new_errors: int | Absent | Unknown
    connections: float | Absent | Unknown


@dataclass(frozen=True, slots=True)
class Part:
    """One part: `score` is its points, None while UNKNOWN, or where it is absent and weighs 0."""

    name: str
    weight: float
    score: float | None
    because: str

    @property
    def cost(self) -> float:
        """Return how many of the 100 points it costs."""
        return 0.0 if self.score is None else self.weight * (100.0 - self.score) / 100.0

    @property
    def unknown(self) -> bool:
        """Tell whether it should be known and is not."""
        return self.score is None and self.weight > 0


@dataclass(frozen=True, slots=True)
class HealthScore:
    """`score` is 0 to 100, None while any part is UNKNOWN; `because` names what decides.

    From `healthy` on the environment is healthy.
    """

    score: float | None
    parts: tuple[Part, ...]
    because: str
    healthy: float

    @property
    def verdict(self) -> Verdict:
        """Return it in one word."""
        if self.score is None:
            return Verdict.UNKNOWN
        return Verdict.HEALTHY if self.score >= self.healthy else Verdict.UNHEALTHY


def health_score(seen: Seen, limits: Limits) -> HealthScore:
    """Return the score of what was seen; one part that is UNKNOWN makes all of it UNKNOWN."""
    parts = (
        *_performed(seen.performance, limits),
        _slots(seen.slots),
        _new_errors(seen.new_errors),
        _freshness(seen.performance),
        _database(seen.connections),
    )
    if any(part.unknown for part in parts):
        return HealthScore(None, parts, _why_unknown(parts), limits.healthy)
    score = 100.0 - sum(part.cost for part in parts)
    told = min(100.0, max(0.0, round(score, 2)))
    return HealthScore(told, parts, _why(parts), limits.healthy)


def nowhere(because: str, limits: Limits) -> HealthScore:
    """Return the score of a place of which nothing at all can be known."""
    parts = tuple(Part(name, weight, None, because) for name, weight in WEIGHTS.items())
    return HealthScore(None, parts, because, limits.healthy)


def _performed(told: Performance, limits: Limits) -> tuple[Part, Part]:
    why = "" if told.known else told.because
    if not why and told.samples < LEAST_REQUESTS:
        why = f"only {told.samples} requests, fewer than {LEAST_REQUESTS}"
    if why or told.error_rate is None or told.mean_ms is None:
        return _unknown(ERRORS, why), _unknown(LATENCY, why)
    rate, ms = told.error_rate, told.mean_ms
    failed = f"{rate:.2%} failed of {told.because}, the limit is {limits.error_rate:.2%}"
    took = f"{ms:.0f} ms on average, the limit is {limits.mean_ms:.0f} ms"
    slow = (limits.mean_ms / 4, limits.mean_ms, 2 * limits.mean_ms)
    return (
        _known(ERRORS, _points(rate, (0.0, limits.error_rate, 2 * limits.error_rate)), failed),
        _known(LATENCY, _points(ms, slow), took),
    )


def _slots(told: Sequence[ServingSlot] | Unknown) -> Part:
    """Judge by the share of the traffic that a healthy slot takes, where that is least."""
    if isinstance(told, Unknown):
        return _unknown(SLOTS, told.because)
    unknown = [slot.finding.because for slot in told if slot.finding.verdict is Verdict.UNKNOWN]
    if unknown or not sum(slot.weight for slot in told):
        return _unknown(SLOTS, "; ".join(unknown) or "no slot with traffic is known")
    shares = {name: _healthy(told, name) for name in {slot.component for slot in told}}
    least = min(shares.values())
    ill = [slot.finding.because for slot in told if slot.finding.verdict is Verdict.UNHEALTHY]
    return _known(SLOTS, 100.0 * least, "; ".join(ill) or _all_answer(len(told)))


def _all_answer(slots: int) -> str:
    return "the only one answers" if slots == 1 else f"all {slots} answer"


def _healthy(told: Iterable[ServingSlot], component: str) -> float:
    mine = [slot for slot in told if slot.component == component]
    well = sum(slot.weight for slot in mine if slot.finding.verdict is Verdict.HEALTHY)
    return well / (sum(slot.weight for slot in mine) or 1)


def _new_errors(told: int | Absent | Unknown) -> Part:
    if not isinstance(told, int):
        return _without(NEW_ERRORS, told)
    faults = "1 fault" if told == 1 else f"{told} faults"
    because = f"{faults} that no release before had" if told else "none that is new"
    return _known(NEW_ERRORS, _points(told, _FAULTS), because)


def _freshness(told: Performance) -> Part:
    age = told.age_s
    if age is None or age > _AGES_S[-1]:
        return _unknown(FRESHNESS, told.because)
    return _known(FRESHNESS, _points(age, _AGES_S), f"the newest measurement is {age:.0f} s old")


def _database(told: float | Absent | Unknown) -> Part:
    if isinstance(told, Absent | Unknown):
        return _without(DATABASE, told)
    return _known(DATABASE, _points(told, _CONNECTIONS), f"{told:.0%} of its connections are taken")


def _points(value: float, along: tuple[float, float, float]) -> float:
    """Return 100 points up to the first value, 50 at the second, none from the third on."""
    best, half, worst = along
    if value <= half:
        return 100.0 if value <= best else 100.0 - 50.0 * (value - best) / (half - best)
    return 0.0 if value >= worst else 50.0 * (worst - value) / (worst - half)


def _known(name: str, score: float, because: str) -> Part:
    return Part(name, WEIGHTS[name], min(100.0, max(0.0, round(score, 2))), because)


def _unknown(name: str, because: str) -> Part:
    return Part(name, WEIGHTS[name], None, because)


def _without(name: str, told: Absent | Unknown) -> Part:
    return Part(name, 0.0 if isinstance(told, Absent) else WEIGHTS[name], None, told.because)


def _why(parts: Sequence[Part]) -> str:
    costly = [part for part in parts if part.cost >= _WORTH_TELLING]
    if not costly:
        return "every part is as it should be"
    costly.sort(key=lambda part: -part.cost)
    return "; ".join(
        f"{_title(part)} cost {part.cost:.1f} of {part.weight:g} ({part.because})"
        for part in costly
    )


def _why_unknown(parts: Sequence[Part]) -> str:
    """Say of which parts nothing is known; parts with the same reason share a sentence."""
    reasons: dict[str, list[str]] = {}
    for part in parts:
        if part.unknown:
            reasons.setdefault(part.because, []).append(_title(part))
    return "; ".join(f"{' and '.join(names)}: {why}" for why, names in reasons.items())


def _title(part: Part) -> str:
    return part.name.replace("_", " ")
