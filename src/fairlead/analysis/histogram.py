"""Into which buckets are answer times counted?

Exponential buckets of schema 3 as in Prometheus native histograms: each is 9 % wide.
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from itertools import accumulate
from math import log2

_A_DOUBLING = 8
_FIRST_MS, _DOUBLINGS = 0.25, 18
WIDTH = 2 ** (1 / _A_DOUBLING) - 1
# Upper bounds in milliseconds, from a quarter of one to over a minute; one bucket more is beyond.
BOUNDS_MS = tuple(_FIRST_MS * 2 ** (i / _A_DOUBLING) for i in range(_A_DOUBLING * _DOUBLINGS + 1))
BUCKETS = len(BOUNDS_MS) + 1


def bucket(ms: float) -> int:
    """Return the number of the bucket that an answer time falls into."""
    return bisect_left(BOUNDS_MS, ms)


def shifted(buckets: Sequence[int], by: int) -> tuple[int, ...]:
    """Return the counts as if every answer had been so many buckets quicker."""
    if by == 0 or not buckets:
        return tuple(buckets)
    return (sum(buckets[: by + 1]), *buckets[by + 1 :], *(0,) * by)


def floored(buckets: Sequence[int], floor: int) -> tuple[int, ...]:
    """Return the counts as if no answer had been quicker than the bucket `floor`."""
    if floor == 0 or not buckets:
        return tuple(buckets)
    return (*(0,) * floor, sum(buckets[: floor + 1]), *buckets[floor + 1 :])


def steps_of(share: float) -> int:
    """Return how many buckets quicker `share` (0.09 is 9 %) is, at least as much as asked."""
    return max(0, round(log2(1 + share) * _A_DOUBLING + 0.49)) if share > 0 else 0


def sparse(buckets: Sequence[int]) -> dict[str, int] | None:
    """Return the counts that are not 0 by the number of their bucket; None when none were told."""
    return {str(i): count for i, count in enumerate(buckets) if count} if buckets else None


def dense(counts: Mapping[str, int] | None) -> tuple[int, ...]:
    """Return the buckets that `sparse` wrote; empty when none were told."""
    if counts is None:
        return ()
    return tuple(int(counts.get(str(i), 0)) for i in range(BUCKETS))


def quantile(buckets: Sequence[float], share: float) -> int:
    """Return the first bucket up to which at least `share` of all fall; 0 when there are none."""
    wanted = share * sum(buckets)
    for number, up_to in enumerate(accumulate(buckets)):
        if up_to >= wanted:
            return number
    return 0


def percentile_ms(buckets: Sequence[int], share: float) -> float | None:
    """Return the answer time below which `share` of all answers fall; None when there are none.

    Within its bucket it is interpolated exponentially, as Prometheus does for native histograms.
    Beyond the last bound it is that bound: nothing more is known.
    """
    wanted, below = share * sum(buckets), 0
    for number, count in enumerate(buckets):
        if count and below + count >= wanted:
            part = (wanted - below) / count
            if number == 0:
                return BOUNDS_MS[0] * part
            if number == len(BOUNDS_MS):
                return BOUNDS_MS[-1]
            return BOUNDS_MS[number - 1] * float((1 + WIDTH) ** part)
        below += count
    return None
