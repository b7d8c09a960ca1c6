"""What does the stable release usually do? Its own past, weighted by age.

Bets are tuned by it; what they prove does not depend on it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from operator import add

HALF_LIFE_S = 300.0
# Until enough was seen a release is taken to fail this often, with the weight of so many requests.
USUAL_RATE, USUAL_WEIGHT = 0.005, 100.0
# The histogram that latency is bet on is taken anew so often.
REFRESH_S = 60.0


@dataclass(frozen=True, slots=True)
class Baseline:
    """Requests and errors of the past; `reference` is the histogram of answer times to bet on.

    `buckets` counts the answers since the reference was taken, `age_s` ago.
    """

    requests: float = 0.0
    errors: float = 0.0
    buckets: tuple[float, ...] = ()
    reference: tuple[float, ...] = ()
    age_s: float = 0.0

    @property
    def rate(self) -> float:
        """Return the share of requests that fails, above 0 and below 1."""
        usual = USUAL_RATE * USUAL_WEIGHT
        rate = (self.errors + usual) / (self.requests + USUAL_WEIGHT)
        return min(0.99, max(1e-6, rate))

    def after(self, seconds: float, n: int, x: int, buckets: Sequence[int]) -> "Baseline":
        """Return what is known after a block; the block itself was bet on before."""
        age, keep = self.age_s + seconds, 0.5 ** (seconds / HALF_LIFE_S)
        new, reference = _sum(self.buckets, buckets), self.reference
        if age >= REFRESH_S or sum(new) > sum(reference):
            aged = 0.5 ** (age / HALF_LIFE_S)
            age, new, reference = 0.0, (), _sum([aged * old for old in reference], new)
        return Baseline(keep * self.requests + n, keep * self.errors + x, new, reference, age)


def _sum(one: Sequence[float], other: Sequence[float]) -> tuple[float, ...]:
    """Add two histograms; one that is empty was not told."""
    if one and other:
        return tuple(map(add, one, other))
    return tuple(one or other)
