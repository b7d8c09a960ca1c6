"""Do two releases fail equally often? E-values for two streams of counts.

Turner, Ly, Grünwald (2024), "Generic E-variables for exact sequential k-sample tests". Valid under
any drift that both share, any weight and any length of a block: only the same time is compared.
"""

from dataclasses import dataclass
from math import log

_SMALLEST = 1e-9
_NEAR_ENOUGH = 1e-10
_MOST_STEPS = 60


@dataclass(frozen=True, slots=True)
class Counts:
    """What both releases did in one block: requests `n`, and `x` of them counted.

    The canary is the new release, stable the one before it, at the same time.
    """

    canary_n: int
    canary_x: int
    stable_n: int
    stable_x: int


@dataclass(frozen=True, slots=True)
class Bet:
    """The rates that a bet expects, each between 0 and 1."""

    canary: float
    stable: float


def worse(counts: Counts, bet: Bet, tolerance: float = 0.0) -> float:
    """Return the log e-value of one block against "canary's rate <= stable's + tolerance".

    A block without requests of either release says nothing, and so does a bet that keeps the claim.
    """
    n_c, n_b = counts.canary_n, counts.stable_n
    if n_c == 0 or n_b == 0 or bet.canary <= bet.stable + tolerance:
        return 0.0
    if tolerance == 0:
        same = (n_c * bet.canary + n_b * bet.stable) / (n_c + n_b)
        return _against(counts, bet, same, same)
    return _against(counts, bet, *nearest(n_c, n_b, bet, tolerance))


def as_good(counts: Counts, rate: float, margin: float) -> float:
    """Return the log e-value of one block against "canary's rate >= stable's + margin".

    It bets that both have this `rate`.
    """
    n_c, n_b = counts.canary_n, counts.stable_n
    if n_c == 0 or n_b == 0 or margin >= 1:
        return 0.0
    bet = Bet(rate, rate)
    return _against(counts, bet, *nearest(n_c, n_b, bet, margin))


def _against(counts: Counts, bet: Bet, canary: float, stable: float) -> float:
    return _ratio(counts.canary_x, counts.canary_n, bet.canary, canary) + _ratio(
        counts.stable_x, counts.stable_n, bet.stable, stable
    )


def _ratio(x: int, n: int, bet: float, claim: float) -> float:
    """Return the log likelihood ratio of x in n under two rates."""
    bad = x * log(bet / claim) if x else 0.0
    return bad + (n - x) * log((1 - bet) / (1 - claim)) if n > x else bad


def nearest(n_c: float, n_b: float, bet: Bet, margin: float) -> tuple[float, float]:
    """Return the rates (u + margin, u) that are hardest to tell from the bet's.

    They minimise n_c KL(canary) + n_b KL(stable), so the likelihood ratio against them is an
    e-value against every pair that keeps the margin. Found by Newton's method, which halves the
    interval instead wherever it would leave it.
    """
    low, high = _SMALLEST, 1 - margin - _SMALLEST
    u = min(high, max(low, (n_c * (bet.canary - margin) + n_b * bet.stable) / (n_c + n_b)))
    for _ in range(_MOST_STEPS):
        v = u + margin
        room_c, room_b = v * (1 - v), u * (1 - u)
        off_c, off_b = v - bet.canary, u - bet.stable
        slope = n_c * off_c / room_c + n_b * off_b / room_b
        low, high = (low, u) if slope > 0 else (u, high)
        bend_c = (room_c - off_c * (1 - 2 * v)) / room_c**2
        bend_b = (room_b - off_b * (1 - 2 * u)) / room_b**2
        bend = n_c * bend_c + n_b * bend_b
        following = u - slope / bend if bend > 0 else low
        if abs(following - u) < _NEAR_ENOUGH:
            break
        u = following if low < following < high else (low + high) / 2
    return u + margin, u


def worse_rates(stable: float, odds: float) -> Bet:
    """Return the bet that the canary's odds of failing are so many times the stable ones."""
    times = stable / (1 - stable) * odds
    return Bet(times / (1 + times), stable)
