"""Does the new release get the traffic that its weight promises? A sequential multinomial test.

Lindon and Malek (2022), "Anytime-valid inference for multinomial count data": a Bayes factor of a
Dirichlet prior around the promised shares, whose inverse is a p-value however often one looks.
"""

from collections.abc import Sequence
from math import exp, lgamma, log

CONCENTRATION = 100.0
# Users stay with their release, and some ask much more than others: the share may be off by this.
FACTOR = 2.0


def p_value(counts: Sequence[int], shares: Sequence[float]) -> float:
    """Return the p-value of the counts under the shares, which sum to 1; at most 1."""
    return min(1.0, exp(-_log_factor(counts, shares)))


def missing(canary: int, stable: int, weight: float, alpha: float) -> bool:
    """Tell whether the canary gets less than half, or more than twice, of its weight (0 to 1)."""
    total = canary + stable
    if total == 0 or not 0 < weight < 1:
        return False
    lowest, highest = weight / FACTOR, min(1 - (1 - weight) / FACTOR, weight * FACTOR)
    got = canary / total
    if lowest <= got <= highest:
        return False
    bound = lowest if got < lowest else highest
    return p_value((canary, stable), (bound, 1 - bound)) < alpha


def _log_factor(counts: Sequence[int], shares: Sequence[float]) -> float:
    total = sum(counts)
    dirichlet = lgamma(CONCENTRATION) - lgamma(CONCENTRATION + total)
    for count, share in zip(counts, shares, strict=True):
        alpha = CONCENTRATION * share
        dirichlet += lgamma(alpha + count) - lgamma(alpha)
    return dirichlet - sum(c * log(s) for c, s in zip(counts, shares, strict=True) if c)
