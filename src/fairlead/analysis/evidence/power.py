"""What can a canary find, and how long does it take? Said before it starts.

Wald's inequality for two samples: a test that is valid under any common drift needs on average at
least ln(1/alpha) / (KL(p1|p) + r KL(p0|p)) canary requests, p = (p1 + r p0) / (1 + r), r stable
requests beside each. What our bets need more than that was measured (`make bench NAME=judge`).
"""

from dataclasses import dataclass, replace
from math import ceil, floor, inf, log

from fairlead.analysis.evidence.proportion import Bet, nearest
from fairlead.analysis.evidence.rules import Rules

# Times Wald's bound that the judge needs, all metrics and restarts on.
OVER_WALD = 1.4
# Weights that are proposed when the first one is too small.
USUAL_WEIGHTS = (1, 2, 5, 10, 15, 20, 25, 30, 40, 50)
# Before the first look a release may give no more than this share of `max_bad`.
FIRST_LOOK = 0.1
# Counters are looked at no more often than this.
LEAST_POLL_S = 0.1


@dataclass(frozen=True, slots=True)
class Plan:
    """A canary as planned: requests per second in all, weight and base error rate from 0 to 1.

    `phi` is how much bad answers come in bursts: evidence from errors counts less by that factor.
    `poll` is the seconds between two looks.
    """

    rate: float
    weight: float
    base: float
    phi: float = 1.0
    poll: float = 1.0

    @property
    def beside(self) -> float:
        """Return the stable requests beside each canary request."""
        return (1 - self.weight) / self.weight

    def seconds(self, canary_requests: float) -> float:
        """Return how long so many canary requests take to arrive."""
        return canary_requests / (self.rate * self.weight)


def kl(p: float, q: float) -> float:
    """Return the Kullback-Leibler divergence of two Bernoulli rates, in nats."""
    bad = p * log(p / q) if p else 0.0
    return bad + (1 - p) * log((1 - p) / (1 - q)) if p < 1 else bad


def wald(base: float, worse: float, beside: float, alpha: float) -> float:
    """Return the canary requests that no valid test can do without, to find `worse`."""
    mean = (worse + beside * base) / (1 + beside)
    told = kl(worse, mean) + beside * kl(base, mean)
    return log(1 / alpha) / told if told > 0 else inf


def to_find(plan: Plan, regression: float, rules: Rules) -> float:
    """Return about how many canary requests it takes to find so much more errors; inf for none."""
    worse = min(1.0, plan.base + regression)
    if worse <= plan.base + rules.tolerance:
        return inf
    return plan.phi * OVER_WALD * wald(plan.base, worse, plan.beside, rules.alpha)


def to_prove(plan: Plan, rules: Rules) -> float:
    """Return about how many canary requests it takes to prove a release as good."""
    errors = plan.phi * _proof(plan.base, rules.mde, plan.beside, rules.beta)
    slower = (_proof(1 - m.quantile, m.margin, plan.beside, rules.beta) for m in rules.slower)
    return max(errors, *slower)


def _proof(share: float, margin: float, beside: float, beta: float) -> float:
    share = max(share, 1e-6)
    if margin >= 1 - share:
        return 1.0
    canary, stable = nearest(1, beside, Bet(share, share), margin)
    told = kl(share, canary) + beside * kl(share, stable)
    return log(1 / beta) / told if told > 0 else inf


def sentences(plan: Plan, rules: Rules) -> list[str]:
    """Say what this canary can find within its horizon, what it cannot, and what would help."""
    at = f"at {plan.rate:g} requests/s and {plan.weight:.0%}"
    proof = plan.seconds(to_prove(plan, rules))
    told = [
        f"{at} it takes about {minutes(proof)} to prove a release as good"
        + ("" if proof <= rules.horizon_s else f", longer than its horizon{_help(plan, rules)}")
    ]
    seen, unseen = [], []
    for points in (10.0, 2.0, 0.5):
        seconds = plan.seconds(to_find(plan, points / 100, rules))
        if seconds <= rules.horizon_s:
            seen.append(f"+{points:g} points in about {minutes(seconds)}")
        else:
            unseen.append(points)
    if seen:
        told.append(f"it sees {', '.join(seen)}")
    return [*told, *_unseen(plan, unseen, rules), *_cost(plan, rules)]


def enough_weight(plan: Plan, rules: Rules) -> int | None:
    """Return the smallest usual weight in percent that proves a release in time; None for none."""
    for weight in USUAL_WEIGHTS:
        wider = replace(plan, weight=weight / 100)
        if weight / 100 > plan.weight and wider.seconds(to_prove(wider, rules)) <= rules.horizon_s:
            return weight
    return None


def seeing_weight(plan: Plan, regression: float, rules: Rules) -> tuple[int, float] | None:
    """Return the smallest usual weight in percent that finds so much more errors in time.

    With it come the seconds that it takes; None where no weight does.
    """
    for weight in USUAL_WEIGHTS:
        wider = replace(plan, weight=weight / 100)
        seconds = wider.seconds(to_find(wider, regression, rules))
        if weight / 100 > plan.weight and seconds <= rules.horizon_s:
            return weight, seconds
    return None


def minutes(seconds: float) -> str:
    """Write a time as people say it."""
    if seconds < 90:
        return f"{max(1, ceil(seconds))} s"
    return f"{seconds / 60:.0f} minutes" if seconds < 5400 else f"{seconds / 3600:.1f} hours"


def _unseen(plan: Plan, unseen: list[float], rules: Rules) -> list[str]:
    """Say what cannot be seen, each with the first weight that would see it."""
    within = f"points within {minutes(rules.horizon_s)}"
    told, never = [], []
    for points in unseen:
        if found := seeing_weight(plan, points / 100, rules):
            weight, seconds = found
            would = f"a first weight of {weight}% would in {minutes(seconds)}"
            told.append(f"it cannot see +{points:g} {within}; {would}")
        else:
            never.append(f"+{points:g}")
    return [*told, f"it cannot see {', '.join(never)} {within}"] if never else told


def _cost(plan: Plan, rules: Rules) -> list[str]:
    """Say what a release that fails every call costs before anybody can know."""
    # Rounded, because 0.1 times 3 must not be over 0.3 by a binary hair.
    bad, most = round(plan.rate * plan.weight * plan.poll, 6), FIRST_LOOK * rules.max_bad
    if bad <= most:
        return []
    told = (
        f"a release that fails every call gives about {bad:,.0f} bad answers before the first "
        f"look, over {FIRST_LOOK:.0%} of max_bad {rules.max_bad:g}"
    )
    weight = floor(round(100 * most / (plan.rate * plan.poll), 6))
    tenths = floor(round(most / (plan.rate * plan.weight) / LEAST_POLL_S, 6))
    ways = [f"a first weight of {weight}%"] if weight >= 1 else []
    ways += [f"a poll of {_written(tenths * LEAST_POLL_S)}"] if tenths >= 1 else []
    if ways:
        return [f"{told}; {' or '.join(ways)} would stay within it"]
    least = _written(LEAST_POLL_S)
    return [f"{told}; nothing smaller than 1% or a poll of {least} can be written"]


def _written(seconds: float) -> str:
    """Write a poll as the file does."""
    return f"{seconds * 1000:.0f}ms" if seconds < 1 else f"{seconds:.3g}s"


def _help(plan: Plan, rules: Rules) -> str:
    weight = enough_weight(plan, rules)
    if weight is None:
        return "; no first weight would be enough"
    wider = replace(plan, weight=weight / 100)
    seconds = wider.seconds(to_prove(wider, rules))
    return f"; a first weight of {weight}% would do in {minutes(seconds)}"
