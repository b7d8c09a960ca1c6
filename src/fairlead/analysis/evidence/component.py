"""What is proven about one component? Its errors and its answer times, against stable's."""

from dataclasses import dataclass, field, replace
from typing import NamedTuple

from fairlead.analysis.evidence import latency, proportion
from fairlead.analysis.evidence.baseline import Baseline
from fairlead.analysis.evidence.burst import Burst
from fairlead.analysis.evidence.detector import Detector, reference_rate
from fairlead.analysis.evidence.proportion import Counts
from fairlead.analysis.evidence.rules import ERRORS_SHARE, HELD_BACK, LATENCY_SHARE, Rules
from fairlead.analysis.evidence.wealth import Wealth, begun
from fairlead.analysis.histogram import floored, shifted

# The canary's odds of failing are bet to be so many times the stable ones.
ODDS = (1.5, 2.0, 3.0, 5.0, 10.0, 25.0, 100.0)
PRIOR = (0.04, 0.21, 0.05, 0.25, 0.02, 0.41, 0.02)
# Evidence against a release may grow without end; it says no more than "no" below this.
LEAST_LOG = -50.0


class Arm(NamedTuple):
    """What one release did in one block; `buckets` counts its answers by their time."""

    n: int
    x: int
    buckets: tuple[int, ...] = ()


class Poll(NamedTuple):
    """What both releases did in the same seconds."""

    canary: Arm
    stable: Arm
    seconds: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that has to be kept between two looks.

    `errors` and `latency` are capitals against "not worse"; `as_good` holds log e-values against
    "worse by the margin": errors first, then each quantile of the answer times; `detector` watches
    a release that has all traffic.
    """

    canary: tuple[int, int] = (0, 0)
    stable: tuple[int, int] = (0, 0)
    errors: Wealth = field(default_factory=lambda: begun(len(ODDS)))
    latency: Wealth = field(default_factory=lambda: begun(latency.BETS))
    as_good: tuple[float, ...] = ()
    baseline: Baseline = field(default_factory=Baseline)
    burst: Burst = field(default_factory=Burst)
    detector: Detector = field(default_factory=Detector)

    @property
    def total(self) -> float:
        """Return the merged e-value that the component is worse."""
        staked = ERRORS_SHARE * self.errors.total + LATENCY_SHARE * self.latency.total
        return HELD_BACK + staked

    @property
    def excess(self) -> float:
        """Return how many answers were bad beyond what stable would have given."""
        (n_c, x_c), (n_b, x_b) = self.canary, self.stable
        return x_c - n_c * x_b / n_b if n_b else float(x_c)


def after(known: Evidence, poll: Poll, rules: Rules, unspent: float) -> Evidence:
    """Return what is known after one poll; `unspent` is the prior mass that stays in the pocket."""
    canary, stable = poll.canary, poll.stable
    counts = Counts(canary.n, canary.x, stable.n, stable.x)
    phi, rate = known.burst.phi, known.baseline.rate
    errors = [log / phi for log in proportion.raised(counts, rate, ODDS, rules.tolerance)]
    quicker = floored(shifted(canary.buckets, rules.buckets), rules.floor)
    beside = floored(stable.buckets, rules.floor)
    slower = latency.slower(quicker, beside, known.baseline.reference)
    return replace(
        known,
        canary=(known.canary[0] + canary.n, known.canary[1] + canary.x),
        stable=(known.stable[0] + stable.n, known.stable[1] + stable.x),
        errors=known.errors.after(errors, PRIOR, unspent),
        latency=known.latency.after(slower, latency.PRIOR, unspent),
        as_good=_as_good(known, counts, (quicker, beside), rules),
        baseline=known.baseline.after(poll.seconds, stable.n, stable.x, beside),
        burst=known.burst.after(stable.x),
    )


def alone(known: Evidence, arm: Arm, rules: Rules) -> Evidence:
    """Return what is known after one poll of a release that has all traffic."""
    before = known.baseline
    reference = reference_rate(before.requests, before.errors, rules.tolerance)
    return replace(known, detector=known.detector.after(arm.n, arm.x, reference, known.burst.phi))


def _as_good(
    known: Evidence, counts: Counts, buckets: tuple[tuple[int, ...], tuple[int, ...]], rules: Rules
) -> tuple[float, ...]:
    """Return the log e-values that the canary is not worse by the margins."""
    quicker, stable = buckets
    found = [proportion.as_good(counts, known.baseline.rate, rules.mde) / known.burst.phi]
    marks = latency.marks(known.baseline.reference, tuple(m.quantile for m in rules.slower))
    n_c, n_b = sum(quicker), sum(stable)
    for asked, mark in zip(rules.slower, marks, strict=True):
        beyond_c, beyond_b = (
            latency.beyond(quicker, mark.bucket),
            latency.beyond(stable, mark.bucket),
        )
        beyond = Counts(n_c, beyond_c, n_b, beyond_b)
        found.append(proportion.as_good(beyond, mark.beyond, asked.margin))
    before = known.as_good or (0.0,) * len(found)
    return tuple(max(LEAST_LOG, b + f) for b, f in zip(before, found, strict=True))
