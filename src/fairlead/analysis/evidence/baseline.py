"""What does the stable release usually do? Its own past, weighted by age.

Bets are tuned by it; what they prove does not depend on it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

HALF_LIFE_S = 300.0
# Until enough was seen a release is taken to fail this often, with the weight of so many requests.
USUAL_RATE, USUAL_WEIGHT = 0.005, 100.0
# The histogram that latency is bet on is taken anew so often.
REFRESH_S = 60.0


@dataclass(frozen=True, slots=True)
class Baseline:
    """Requests, errors and answer times of the past; `reference` is the histogram to bet on."""

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
        keep = 0.5 ** (seconds / HALF_LIFE_S)
        old = self.buckets or (0.0,) * len(buckets)
        course = tuple(keep * o + b for o, b in zip(old, buckets, strict=True)) if buckets else old
        stale = self.age_s + seconds >= REFRESH_S or sum(course) > 2 * sum(self.reference)
        return Baseline(
            keep * self.requests + n,
            keep * self.errors + x,
            course,
            course if stale else self.reference,
            0.0 if stale else self.age_s + seconds,
        )
