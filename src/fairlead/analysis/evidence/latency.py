"""Is one release slower than another? Bets on histogram buckets, non-decreasing in latency."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from math import exp, inf, log
from operator import add, mul, sub
from statistics import NormalDist
from typing import NamedTuple, TypeVar

from fairlead.analysis.histogram import quantile

# How steeply a bet expects the share of a cell to grow with its normal score, from which score on,
# and its stake. The first find answers that are slower throughout, the last two the slower half.
TILTS = {
    (0.18, -inf): 0.24,
    (0.35, -inf): 0.11,
    (0.8, -inf): 0.09,
    (1.6, -inf): 0.08,
    (0.8, 1.28): 0.08,
    (1.5, 1.28): 0.14,
}
# Beyond a quantile of stable the share is bet to be so many times as large, with its stake: for
# the few answers that take very long.
STEPS = {
    (0.99, 3.0): 0.04,
    (0.99, 10.0): 0.04,
    (0.999, 3.0): 0.05,
    (0.999, 10.0): 0.09,
    (0.999, 30.0): 0.04,
}
PRIOR = (*TILTS.values(), *STEPS.values())
BETS = len(PRIOR)
# Buckets between two of stable's quantiles are bet on as one cell: two fifths of a standard
# deviation wide where answers are usual, so little is lost. The quantiles of steps are among them.
CUTS = (0.08, 0.22, 0.36, 0.5, 0.64, 0.78, 0.9, 0.96, 0.99, 0.997, 0.999)
# Fewer stable answers than this tell no quantiles to bet on; fewer beyond one, nothing about it.
ENOUGH, ENOUGH_BEYOND = 50, 5
_NORMAL = NormalDist()

Buckets = Sequence[int]
Count = TypeVar("Count", int, float)


class Step(NamedTuple):
    """A bet that the share beyond a cell is `above` times stable's, and `below` times before."""

    cell: int
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
    """All bets for one reference: for each tilt its factor in every cell, and the steps.

    `edges` holds the last bucket of each cell, `logs` the logs of the tilts' factors.
    """

    edges: tuple[int, ...]
    tilts: tuple[tuple[float, ...], ...]
    logs: tuple[tuple[float, ...], ...]
    steps: tuple[Step, ...]


@lru_cache(maxsize=512)
def bets(reference: tuple[float, ...]) -> Bets:
    """Return the bets that suit the stable release's past histogram."""
    total = sum(reference)
    cuts = {quantile(reference, cut) for cut in CUTS}
    edges = tuple(sorted(cuts | {len(reference) - 1}))
    shares = [count / total for count in _cells(reference, edges)]
    scores = _scores(shares, total)
    tilts = []
    for steepness, begins in TILTS:
        raw = [exp(steepness * max(score, begins)) for score in scores]
        mean = sum(p * g for p, g in zip(shares, raw, strict=True))
        tilts.append(tuple(g / mean for g in raw))
    logs = tuple(tuple(map(log, tilt)) for tilt in tilts)
    return Bets(edges, tuple(tilts), logs, tuple(_steps(shares, total)))


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
    """Return each cell's normal score; the outermost are as far out as the sample is large."""
    edge = 1 / (2 * max(total, 2.0))
    middle = [upper - share / 2 for share, upper in zip(shares, accumulate(shares), strict=True)]
    return [_NORMAL.inv_cdf(min(1 - edge, max(edge, at))) for at in middle]


def _steps(shares: Sequence[float], total: float) -> list[Step]:
    found = []
    for q, times in STEPS:
        at = quantile(shares, q)
        rest = max(1e-4, sum(shares[at + 1 :]))
        known = total * (1 - q) >= ENOUGH_BEYOND
        above = min(times, 0.95 / rest) if known else 1.0
        below = (1 - above * rest) / (1 - rest)
        found.append(Step(at, above, below, log(above), log(below)))
    return found


def slower(canary: Buckets, stable: Buckets, reference: tuple[float, ...]) -> list[float]:
    """Return each bet's log e-value of one block against "the canary is not slower"."""
    if sum(reference) < ENOUGH or not (any(canary) and any(stable)):
        return [0.0] * BETS
    found = bets(reference)
    of_canary, of_stable = _cells(canary, found.edges), _cells(stable, found.edges)
    both = list(map(add, of_canary, of_stable))
    return _tilted(found, of_canary, both) + _stepped(found.steps, of_canary, both)


def _cells(buckets: Sequence[Count], edges: Sequence[int]) -> list[Count]:
    """Return how many answers fell into each cell."""
    up_to = list(accumulate(buckets))
    ends: list[Count] = [up_to[edge] for edge in edges]
    return list(map(sub, ends, (0, *ends)))


def _tilted(bets: Bets, canary: Sequence[int], both: Sequence[int]) -> list[float]:
    """Return the log e-value of each tilt; `both` counts the answers of both releases."""
    share = sum(canary) / sum(both)
    rest = 1 - share
    found = []
    for factors, logs in zip(bets.tilts, bets.logs, strict=True):
        mixed = [share * factor + rest for factor in factors]
        found.append(sum(map(mul, canary, logs)) - sum(map(mul, both, map(log, mixed))))
    return found


def _stepped(steps: Sequence[Step], canary: Sequence[int], both: Sequence[int]) -> list[float]:
    """Return the log e-value of each step; `both` counts the answers of both releases."""
    up_to_c, up_to = list(accumulate(canary)), list(accumulate(both))
    n_c, n = up_to_c[-1], up_to[-1]
    share, rest = n_c / n, (n - n_c) / n
    logs = []
    for cell, above, below, log_above, log_below in steps:
        low_c, low = up_to_c[cell], up_to[cell]
        logs.append(
            (n_c - low_c) * log_above
            + low_c * log_below
            - (n - low) * log(share * above + rest)
            - low * log(share * below + rest)
        )
    return logs


def beyond(buckets: Buckets, at: int) -> int:
    """Return how many answers fell beyond a bucket."""
    return sum(buckets[at + 1 :])
