"""What do other rules decide on the same streams? Each returns the second of its rollback, or none.

The rules are simplified to what is documented of them; every one looks at all counts it asks for.
"""

from collections.abc import Callable
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from fairlead.analysis.evidence.proportion import Bet, Counts, worse
from fairlead.analysis.evidence.share import p_value
from streams_of_requests import WEIGHT, Stream, running

ALPHA = 0.001
LOOK_S, FIRST_S = 30.0, 60.0
FIVE_MINUTES_S, ONE_MINUTE_S = 300.0, 60.0
# Buckets' middles are not needed: all answers lie far below the runbook's second of mean latency.
RUNBOOK_RATE, FLAGGER_RATE, FLAGGER_FAILED = 0.02, 0.01, 5
KAYENTA_SAMPLE_S, KAYENTA_Z, KAYENTA_RATIO = 10.0, 2.326, 1.25

Rule = Callable[[Stream, float], float | None]


def _rate(x: NDArray[np.int64], n: NDArray[np.int64], window: int) -> NDArray[np.float64]:
    """Return the error rate of the last looks; 0 where nothing was asked, as the runbook has it."""
    asked = running(n, window)
    return running(x, window) / np.maximum(1, asked)


def _looks(stream: Stream, poll_s: float, first_s: float) -> range:
    """Return the numbers of the looks at which a rule that runs each 30 s decides."""
    every = max(1, round(LOOK_S / poll_s))
    return range(max(every, round(first_s / poll_s)) - 1, len(stream.canary_n), every)


def _first(bad: NDArray[np.bool_], looks: range, poll_s: float, needed: int = 1) -> float | None:
    """Return the second at which the rule was broken for the `needed`-th time."""
    hits = [look for look in looks if bad[look]]
    return (hits[needed - 1] + 1) * poll_s if len(hits) >= needed else None


def runbook(stream: Stream, poll_s: float) -> float | None:
    """Roll back above 2 % of the whole service over five minutes, looked at each 30 s."""
    window = round(FIVE_MINUTES_S / poll_s)
    x, n = stream.canary_x + stream.stable_x, stream.canary_n + stream.stable_n
    return _first(_rate(x, n, window) > RUNBOOK_RATE, _looks(stream, poll_s, LOOK_S), poll_s)


def runbook_on_canary(stream: Stream, poll_s: float) -> float | None:
    """Use the same limit on the canary's own answers."""
    window = round(FIVE_MINUTES_S / poll_s)
    rate = _rate(stream.canary_x, stream.canary_n, window)
    return _first(rate > RUNBOOK_RATE, _looks(stream, poll_s, LOOK_S), poll_s)


def flagger(stream: Stream, poll_s: float) -> float | None:
    """Roll back at the fifth check in which less than 99 % of the canary's minute succeeded."""
    window = max(1, round(ONE_MINUTE_S / poll_s))
    rate = _rate(stream.canary_x, stream.canary_n, window)
    looks = _looks(stream, poll_s, FIRST_S)
    return _first(rate > FLAGGER_RATE, looks, poll_s, FLAGGER_FAILED)


def kayenta(stream: Stream, poll_s: float) -> float | None:
    """Roll back when Mann-Whitney at 98 % finds the rates of ten seconds higher, by a quarter."""
    size = max(1, round(KAYENTA_SAMPLE_S / poll_s))
    canary = _samples(stream.canary_x, stream.canary_n, size)
    stable = _samples(stream.stable_x, stream.stable_n, size)
    for look in _looks(stream, poll_s, FIRST_S):
        known = (look + 1) // size
        one, other = canary[:known], stable[:known]
        more = one.mean() > KAYENTA_RATIO * other.mean()
        if more and mann_whitney(one, other) > KAYENTA_Z:
            return (look + 1) * poll_s
    return None


def _samples(x: NDArray[np.int64], n: NDArray[np.int64], size: int) -> NDArray[np.float64]:
    whole = len(n) // size * size
    asked = n[:whole].reshape(-1, size).sum(1)
    found: NDArray[np.float64] = x[:whole].reshape(-1, size).sum(1) / np.maximum(1, asked)
    return found


def mann_whitney(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Return the normal score of "one is larger", corrected for ties."""
    both = np.concatenate([one, other])
    _, which, ties = np.unique(both, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(ties) - (ties - 1) / 2)[which]
    m, n = len(one), len(other)
    u = ranks[:m].sum() - m * (m + 1) / 2
    total = m + n
    tied = float((ties**3 - ties).sum()) / (total * (total - 1))
    variance = m * n / 12 * (total + 1 - tied)
    return float((u - m * n / 2) / sqrt(variance)) if variance > 0 else 0.0


def lindon_malek(stream: Stream, poll_s: float) -> float | None:
    """Roll back when more of the bad answers are the canary's than its weight, at each look."""
    x_c, x_b = np.cumsum(stream.canary_x), np.cumsum(stream.stable_x)
    before = 0
    for look, (c, b) in enumerate(zip(x_c.tolist(), x_b.tolist(), strict=True)):
        changed, before = c + b != before, c + b
        above = c > WEIGHT * (c + b)
        if changed and above and p_value((c, b), (WEIGHT, 1 - WEIGHT)) < ALPHA:
            return (look + 1) * poll_s
    return None


def knowing(bet: Bet) -> Rule:
    """Return the sequential test that is told both rates beforehand."""

    def sprt(stream: Stream, poll_s: float) -> float | None:
        log_e, rows = (
            0.0,
            np.stack([stream.canary_n, stream.canary_x, stream.stable_n, stream.stable_x], 1),
        )
        for look, row in enumerate(rows.tolist()):
            log_e += worse(Counts(*row), bet)
            if log_e >= np.log(1 / ALPHA):
                return (look + 1) * poll_s
        return None

    return sprt


RIVALS: dict[str, Rule] = {
    "runbook, whole service": runbook,
    "runbook, canary only": runbook_on_canary,
    "Flagger 5 x 99 %": flagger,
    "Kayenta-like each 30 s": kayenta,
    "Lindon-Malek multinomial": lindon_malek,
    "told the truth (SPRT)": knowing(Bet(0.025, 0.005)),
}
