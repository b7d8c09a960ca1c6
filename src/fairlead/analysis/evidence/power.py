"""What can a canary find, and how long does it take? Said before it starts.

Wald's inequality for two samples: a test that is valid under any common drift needs on average at
least ln(1/alpha) / (KL(p1|p) + r KL(p0|p)) canary requests, p = (p1 + r p0) / (1 + r), r stable
requests beside each. What our bets need more than that was measured (`make bench NAME=judge`).
"""

from dataclasses import dataclass, replace
from math import ceil, inf, log

from fairlead.analysis.evidence.proportion import Bet, nearest
from fairlead.analysis.evidence.rules import Rules

# Times Wald's bound that the judge needs, all metrics and restarts on.
OVER_WALD = 1.4
# Weights that are proposed when the first one is too small.
USUAL_WEIGHTS = (1, 2, 5, 10, 15, 20, 25, 30, 40, 50)


@dataclass(frozen=True, slots=True)
class Plan:
    """A canary as planned: requests per second in all, weight and base error rate from 0 to 1.

    `phi` is how much bad answers come in bursts: evidence from errors counts less by that factor.
    """

    rate: float
    weight: float
    base: float
    phi: float = 1.0

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
            unseen.append(f"+{points:g}")
    if seen:
        told.append(f"it sees {', '.join(seen)}")
    if unseen:
        told.append(f"it cannot see {', '.join(unseen)} points within {minutes(rules.horizon_s)}")
    return told


def enough_weight(plan: Plan, rules: Rules) -> int | None:
    """Return the smallest usual weight in percent that proves a release in time; None for none."""
    for weight in USUAL_WEIGHTS:
        wider = replace(plan, weight=weight / 100)
        if weight / 100 > plan.weight and wider.seconds(to_prove(wider, rules)) <= rules.horizon_s:
            return weight
    return None


def minutes(seconds: float) -> str:
    """Write a time as people say it."""
    if seconds < 90:
        return f"{max(1, ceil(seconds))} s"
    return f"{seconds / 60:.0f} minutes" if seconds < 5400 else f"{seconds / 3600:.1f} hours"


def _help(plan: Plan, rules: Rules) -> str:
    weight = enough_weight(plan, rules)
    if weight is None:
        return "; no first weight would be enough"
    wider = replace(plan, weight=weight / 100)
    seconds = wider.seconds(to_prove(wider, rules))
    return f"; a first weight of {weight}% would do in {minutes(seconds)}"
