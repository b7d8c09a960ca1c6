"""How much do failures come in bursts? Evidence counts less by that factor.

The variance of bad counts over their mean (index of dispersion, Cox and Lewis 1966), at one poll
and at ten, each minute by itself so that a drift is no burst.
"""

from dataclasses import dataclass, replace

POLLS = 60
COARSE = 10
# A measured index is only known so well: below this it is taken for independence, above it counts
# with a margin.
INDEPENDENT = 1.25
MARGIN = 1.2
# Above this failures come so much together that clients should be counted rather than requests.
REMARKABLE = 3.0
# Before so many failures were seen nothing is known.
ENOUGH = 20


@dataclass(frozen=True, slots=True)
class Burst:
    """Stable's bad counts of the running minute, and sums over the minutes before."""

    minute: tuple[int, ...] = ()
    seen: float = 0.0
    fine: float = 0.0
    coarse: float = 0.0

    def after(self, errors: int) -> "Burst":
        """Return what is known after one more poll."""
        minute = (*self.minute, errors)
        if len(minute) < POLLS:
            return replace(self, minute=minute)
        groups = [sum(minute[i : i + COARSE]) for i in range(0, POLLS, COARSE)]
        return Burst(
            (),
            self.seen + sum(minute),
            self.fine + _spread(minute) * POLLS,
            self.coarse + _spread(groups) * len(groups),
        )

    @property
    def index(self) -> float:
        """Return the measured index of dispersion, at least 1; 1 while too little is known."""
        if self.seen < ENOUGH:
            return 1.0
        return max(1.0, self.fine / self.seen, self.coarse / self.seen)

    @property
    def phi(self) -> float:
        """Return the factor by which log evidence is divided."""
        index = self.index
        return 1.0 if index <= INDEPENDENT else index * MARGIN


def _spread(counts: tuple[int, ...] | list[int]) -> float:
    """Return the counts' variance."""
    mean = sum(counts) / len(counts)
    return sum((c - mean) ** 2 for c in counts) / (len(counts) - 1)
