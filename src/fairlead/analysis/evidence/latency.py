"""Is one release slower than another? Bets on histogram buckets, non-decreasing in latency."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from math import exp, log
from statistics import NormalDist

from fairlead.analysis.histogram import quantile

# How steeply a bet expects the share of a bucket to grow with its normal score, and its stake.
TILTS = {0.1: 0.1, 0.2: 0.15, 0.4: 0.1, 0.8: 0.07, 1.6: 0.05}
# Beyond a quantile of stable the share is bet to be so many times as large, with its stake.
STEPS = {
    (0.5, 1.5): 0.042,
    (0.9, 1.5): 0.042,
    (0.9, 3.0): 0.08,
    (0.97, 1.5): 0.042,
    (0.97, 3.0): 0.08,
    (0.97, 10.0): 0.042,
    (0.99, 1.5): 0.042,
    (0.99, 3.0): 0.08,
    (0.99, 10.0): 0.08,
}
PRIOR = (*TILTS.values(), *STEPS.values())
BETS = len(PRIOR)
# Fewer stable answers than this tell no quantiles to bet on.
ENOUGH = 50
_NORMAL = NormalDist()

Buckets = Sequence[int]


@dataclass(frozen=True, slots=True)
class Step:
    """A bet that the share beyond a bucket is `above` times stable's, and `below` times before."""

    bucket: int
    above: float
    below: float
    log_above: float
    log_below: float


@dataclass(frozen=True, slots=True)
class Mark:
    """A quantile of stable's past: its bucket, and the share of answers that fell beyond it."""

    bucket: int
    beyond: float


@dataclass(frozen=True, slots=True)
class Bets:
    """All bets for one reference: for each tilt its factor in every bucket, and the steps."""

    tilts: tuple[tuple[float, ...], ...]
    steps: tuple[Step, ...]


@lru_cache(maxsize=512)
def bets(reference: tuple[float, ...]) -> Bets:
    """Return the bets that suit the stable release's past histogram."""
    total = sum(reference)
    shares = [count / total for count in reference]
    scores = _scores(shares, total)
    tilts = []
    for tilt in TILTS:
        raw = [exp(tilt * score) for score in scores]
        mean = sum(p * g for p, g in zip(shares, raw, strict=True))
        tilts.append(tuple(g / mean for g in raw))
    return Bets(tuple(tilts), tuple(_steps(shares)))


@lru_cache(maxsize=512)
def marks(reference: tuple[float, ...], quantiles: tuple[float, ...]) -> tuple[Mark, ...]:
    """Return where the quantiles lie in stable's past; half of one answer more is beyond each."""
    total = sum(reference)
    found = []
    for asked in quantiles:
        at = quantile(reference, asked)
        found.append(Mark(at, (sum(reference[at + 1 :]) + 0.5) / (total + 1)))
    return tuple(found)


def _scores(shares: Sequence[float], total: float) -> list[float]:
    """Return each bucket's normal score; the outermost are as far out as the sample is large."""
    edge = 1 / (2 * max(total, 2.0))
    middle = [upper - share / 2 for share, upper in zip(shares, accumulate(shares), strict=True)]
    return [_NORMAL.inv_cdf(min(1 - edge, max(edge, at))) for at in middle]


def _steps(shares: Sequence[float]) -> list[Step]:
    found = []
    for q, times in STEPS:
        at = quantile(shares, q)
        rest = max(1e-4, sum(shares[at + 1 :]))
        above = min(times, 0.95 / rest)
        below = (1 - above * rest) / (1 - rest)
        found.append(Step(at, above, below, log(above), log(below)))
    return found


def slower(canary: Buckets, stable: Buckets, reference: tuple[float, ...]) -> list[float]:
    """Return each bet's log e-value of one block against "the canary is not slower"."""
    n_c, n_b = sum(canary), sum(stable)
    if n_c == 0 or n_b == 0 or sum(reference) < ENOUGH:
        return [0.0] * BETS
    found = bets(reference)
    share, rest = n_c / (n_c + n_b), n_b / (n_c + n_b)
    filled = [(j, c, c + b) for j, (c, b) in enumerate(zip(canary, stable, strict=True)) if c or b]
    logs = []
    for tilt in found.tilts:
        earned = 0.0
        for j, c, both in filled:
            earned -= both * log(share * tilt[j] + rest)
            if c:
                earned += c * log(tilt[j])
        logs.append(earned)
    beyond_c, beyond_b = _beyond(canary, found.steps), _beyond(stable, found.steps)
    for step in found.steps:
        c_above = beyond_c[step.bucket]
        above = c_above + beyond_b[step.bucket]
        logs.append(
            c_above * step.log_above
            + (n_c - c_above) * step.log_below
            - above * log(share * step.above + rest)
            - (n_c + n_b - above) * log(share * step.below + rest)
        )
    return logs


def _beyond(buckets: Buckets, steps: Sequence[Step]) -> dict[int, int]:
    return {at: beyond(buckets, at) for at in {step.bucket for step in steps}}


def beyond(buckets: Buckets, at: int) -> int:
    """Return how many answers fell beyond a bucket."""
    return sum(buckets[at + 1 :])
