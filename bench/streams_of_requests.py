"""What do two releases answer? Synthetic traffic, by seed, counted as the pipeline would count it.

Answer times are lognormal: median 40 ms, sigma 0.5. Both releases' error rates drift by the same
amount, half of stable's rate up and down within twenty minutes. The canary has one request in
twenty.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from math import exp, log, pi
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from fairlead.analysis.evidence.component import Arm
from fairlead.analysis.histogram import BOUNDS_MS, BUCKETS

WEIGHT, STABLE_EACH = 0.05, 19
MEDIAN_MS, SIGMA = 40.0, 0.5
DRIFT, DRIFT_S = 0.5, 1200.0
P99_MS = MEDIAN_MS * exp(SIGMA * NormalDist().inv_cdf(0.99))

Counts = NDArray[np.int64]
Rates = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Release:
    """How a release behaves: its error rate, how many times slower it is, in all or at p99.

    `beyond`: the slowest hundredth alone takes so many times as long.
    `burst` is the mean number of failures that come together; 1 is one by one.
    """

    rate: float = 0.005
    slower: float = 1.0
    tail: float = 1.0
    burst: float = 1.0
    beyond: float = 1.0


@dataclass(frozen=True, slots=True)
class Traffic:
    """Requests a second in total, seconds between two looks, and how many looks there are.

    `rps` 0 means one canary request a look, and 19 of stable, each fifth of a second.
    """

    rps: float
    poll_s: float
    looks: int
    drifts: bool = True


@dataclass(frozen=True, slots=True)
class Stream:
    """What both releases did, a row a look."""

    canary_n: Counts
    canary_x: Counts
    canary_times: Counts
    stable_n: Counts
    stable_x: Counts
    stable_times: Counts

    def blocks(self) -> Iterator[tuple[Arm, Arm]]:
        """Yield the canary's and stable's arm of every look."""
        rows = (self.canary_n, self.canary_x, self.canary_times)
        others = (self.stable_n, self.stable_x, self.stable_times)
        yield from zip(arms(*rows), arms(*others), strict=True)


def arms(n: Counts, x: Counts, times: Counts) -> Iterator[Arm]:
    """Yield one release's arm of every look."""
    yield from map(Arm, n.tolist(), x.tolist(), map(tuple, times.tolist()))


@lru_cache(maxsize=64)
def shares(slower: float, tail: float, beyond: float = 1.0) -> Rates:
    """Return which share of all answers falls into each bucket; they sum to 1."""
    normal = NormalDist(log(MEDIAN_MS), SIGMA)
    stretch = 1 + log(tail) / log(P99_MS / MEDIAN_MS)

    def up_to(ms: float) -> float:
        quick = ms / slower
        if quick > P99_MS:
            quick = max(P99_MS, quick / beyond)
        if quick <= MEDIAN_MS:
            return normal.cdf(log(quick))
        # The upper half is stretched until its 99th percentile is `tail` times as long.
        return normal.cdf(log(MEDIAN_MS) + log(quick / MEDIAN_MS) / stretch)

    edges = [0.0, *(up_to(ms) for ms in BOUNDS_MS), 1.0]
    found: Rates = np.diff(np.array(edges))
    found[found < 1e-12] = 0
    found /= found.sum()
    return found


def poll_s(rps: float) -> float:
    """Return the seconds between looks: one, or as many as bring a canary request, at most 15."""
    return min(15.0, max(1.0, float(-(-1 // (rps * WEIGHT)))))


def arrivals(chance: np.random.Generator, traffic: Traffic) -> tuple[Counts, Counts, Rates]:
    """Return the canary's and stable's requests of every look, and how far the error rate swings.

    The swing is a share of stable's rate, from -0.5 to 0.5.
    """
    looks = traffic.looks
    swing = np.zeros(looks)
    if traffic.drifts:
        at = np.arange(looks) * traffic.poll_s / DRIFT_S + chance.random()
        swing = DRIFT * np.sin(2 * pi * at)
    if not traffic.rps:
        return np.ones(looks, np.int64), np.full(looks, STABLE_EACH), swing
    mean = traffic.rps * traffic.poll_s
    return (
        chance.poisson(mean * WEIGHT, looks),
        chance.poisson(mean * (1 - WEIGHT), looks),
        swing,
    )


def answers(
    chance: np.random.Generator, release: Release, n: Counts, more: Rates
) -> tuple[Counts, Counts]:
    """Return bad answers and answer times of a release that got n requests a look.

    `more` is added to its error rate.
    """
    rate = np.clip(release.rate + more, 0, 1)
    if release.burst > 1:
        bursts = chance.binomial(n, rate / release.burst)
        sizes = bursts + chance.negative_binomial(np.maximum(bursts, 1), 1 / release.burst)
        bad = np.minimum(n, np.where(bursts > 0, sizes, 0))
    else:
        bad = chance.binomial(n, rate)
    expected = shares(release.slower, release.tail, release.beyond)
    filled = np.flatnonzero(expected)
    times = np.zeros((len(n), BUCKETS), np.int64)
    times[:, filled] = chance.multinomial(n, expected[filled])
    return bad, times


def stream(seed: tuple[int, ...], canary: Release, stable: Release, traffic: Traffic) -> Stream:
    """Return both releases' answers; the same seed gives the same answers."""
    chance = np.random.default_rng(seed)
    n_c, n_b, swing = arrivals(chance, traffic)
    return _answered(chance, (canary, stable), (n_c, n_b), swing * stable.rate)


def outage(seed: tuple[int, ...], traffic: Traffic, between: tuple[int, int]) -> Stream:
    """Return two equal releases that both fail in 60 % of all requests between two looks."""
    chance = np.random.default_rng(seed)
    n_c, n_b, swing = arrivals(chance, traffic)
    more = swing * Release().rate
    more[slice(*between)] = 0.6 - Release().rate
    return _answered(chance, (Release(), Release()), (n_c, n_b), more)


def _answered(
    chance: np.random.Generator,
    releases: tuple[Release, Release],
    n: tuple[Counts, Counts],
    more: Rates,
) -> Stream:
    canary, stable = (
        answers(chance, release, asked, more) for release, asked in zip(releases, n, strict=True)
    )
    return Stream(n[0], *canary, n[1], *stable)


def history(seed: tuple[int, ...], stable: Release, traffic: Traffic) -> Iterator[Arm]:
    """Yield what the stable release did while it had all the traffic."""
    chance = np.random.default_rng(seed)
    n_c, n_b, swing = arrivals(chance, traffic)
    n = n_c + n_b
    yield from arms(n, *answers(chance, stable, n, swing * stable.rate))


def running(counts: Counts, window: int) -> Counts:
    """Return the running sums over the last `window` looks."""
    total = np.cumsum(counts)
    before = np.zeros_like(total)
    before[window:] = total[:-window]
    return total - before
