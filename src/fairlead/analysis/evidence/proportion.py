"""Do two releases fail equally often? E-values for two streams of counts.

Turner, Ly, Grünwald (2024), "Generic E-variables for exact sequential k-sample tests". Valid under
any drift that both share, any weight and any length of a block: only the same time is compared.
"""

from collections.abc import Sequence
from math import asin, log, sin, sqrt
from typing import NamedTuple

_SMALLEST = 1e-9


class Counts(NamedTuple):
    """What both releases did in one block: requests `n`, and `x` of them counted.

    The canary is the new release, stable the one before it, at the same time.
    """

    canary_n: int
    canary_x: int
    stable_n: int
    stable_x: int


class Bet(NamedTuple):
    """The rates that a bet expects, each between 0 and 1."""

    canary: float
    stable: float


def worse(counts: Counts, bet: Bet, tolerance: float = 0.0) -> float:
    """Return the log e-value of one block against "canary's rate <= stable's + tolerance".

    A block without requests of either release says nothing, and so does a bet that keeps the claim.
    """
    n_c, _, n_b, _ = counts
    if n_c == 0 or n_b == 0 or bet.canary <= bet.stable + tolerance:
        return 0.0
    if tolerance == 0:
        same = (n_c * bet.canary + n_b * bet.stable) / (n_c + n_b)
        return _against(counts, bet, same, same)
    return _against(counts, bet, *nearest(n_c, n_b, bet, tolerance))


def raised(
    counts: Counts, rate: float, odds: Sequence[float], tolerance: float = 0.0
) -> list[float]:
    """Return what `worse` says of each bet that the canary's odds are so many times stable's.

    `rate` is stable's as expected. Most environments tolerate nothing: the terms that these bets
    share are then computed once.
    """
    n_c, x_c, n_b, x_b = counts
    if tolerance or n_c == 0 or n_b == 0:
        return [worse(counts, worse_rates(rate, times), tolerance) for times in odds]
    bad, good = x_c + x_b, n_c + n_b - x_c - x_b
    of_stable = x_b * log(rate) + (n_b - x_b) * log(1 - rate)
    usual = rate / (1 - rate)
    found = []
    for times in odds:
        canary = usual * times / (1 + usual * times)
        same = (n_c * canary + n_b * rate) / (n_c + n_b)
        of_canary = x_c * log(canary) + (n_c - x_c) * log(1 - canary)
        found.append(of_canary + of_stable - bad * log(same) - good * log(1 - same))
    return found


def as_good(counts: Counts, rate: float, margin: float) -> float:
    """Return the log e-value of one block against "canary's rate >= stable's + margin".

    It bets that both have this `rate`.
    """
    n_c, _, n_b, _ = counts
    if n_c == 0 or n_b == 0 or margin >= 1:
        return 0.0
    bet = Bet(rate, rate)
    return _against(counts, bet, *nearest(n_c, n_b, bet, margin))


def _against(counts: Counts, bet: Bet, canary: float, stable: float) -> float:
    """Return the log likelihood ratio of the bet's rates over two others."""
    n_c, x_c, n_b, x_b = counts
    found = (n_c - x_c) * log((1 - bet.canary) / (1 - canary))
    found += (n_b - x_b) * log((1 - bet.stable) / (1 - stable))
    if x_c:
        found += x_c * log(bet.canary / canary)
    if x_b:
        found += x_b * log(bet.stable / stable)
    return found


def nearest(n_c: float, n_b: float, bet: Bet, margin: float) -> tuple[float, float]:
    """Return the rates (u + margin, u) that are hardest to tell from the bet's.

    They minimise n_c KL(canary) + n_b KL(stable), so the likelihood ratio against them is an
    e-value against every pair that keeps the margin. The canary's is the middle root of a cubic
    (Farrington and Manning 1990), moved here so that its three roots have the mean 0.
    """
    p, q, beside = bet.canary, bet.stable, n_b / n_c
    both = 1 + beside
    middle = (1 + (p + beside * q + margin * (1 + both)) / both) / 3
    linear = (margin * (margin + 2 * p + both) + p + beside * q) / both
    constant = -p * margin * (1 + margin) / both
    size = sqrt(max(_SMALLEST, middle * middle - linear / 3))
    turn = (constant + middle * linear - 2 * middle**3) / (2 * size**3)
    v = middle + 2 * size * sin(asin(min(1.0, max(-1.0, turn))) / 3)
    u = min(1 - margin - _SMALLEST, max(_SMALLEST, v - margin))
    return u + margin, u


def worse_rates(stable: float, odds: float) -> Bet:
    """Return the bet that the canary's odds of failing are so many times the stable ones."""
    times = stable / (1 - stable) * odds
    return Bet(times / (1 + times), stable)
