"""How much do failures come in bursts? Evidence counts less by that factor.

The variance of bad counts over their mean (index of dispersion, Cox and Lewis 1966), at one poll
and at ten. A drift or an outage is no burst: each minute is compared with itself, and the minutes
that spread most are left out.
"""

from dataclasses import dataclass
from operator import attrgetter
from typing import NamedTuple

POLLS = 60
COARSE = 10
# What is known of an hour; of it so many minutes are left out, where an outage began or ended.
MINUTES, LEFT_OUT = 60, 0.1
# A measured index is only known so well: below this it is taken for independence, above it counts
# with a margin.
INDEPENDENT = 1.25
MARGIN = 1.2
# Before so many failures were seen nothing is known.
ENOUGH = 20


class Minute(NamedTuple):
    """Bad counts of one minute: their sum, and their variance times their number at both sizes."""

    seen: int
    fine: float
    coarse: float


@dataclass(frozen=True, slots=True)
class Burst:
    """Stable's bad counts of the running minute, and the minutes before.

    `phi` is the factor by which log evidence is divided, at least 1; 1 while too little is known.
    """

    running: tuple[int, ...] = ()
    minutes: tuple[Minute, ...] = ()
    phi: float = 1.0

    def after(self, errors: int) -> "Burst":
        """Return what is known after one more poll."""
        running = (*self.running, errors)
        if len(running) < POLLS:
            return Burst(running, self.minutes, self.phi)
        groups = tuple(sum(running[i : i + COARSE]) for i in range(0, POLLS, COARSE))
        fine, coarse = _spread(running) * POLLS, _spread(groups) * len(groups)
        minutes = (*self.minutes, Minute(sum(running), fine, coarse))[-MINUTES:]
        measured = index(minutes)
        return Burst((), minutes, 1.0 if measured <= INDEPENDENT else measured * MARGIN)


def index(minutes: tuple[Minute, ...]) -> float:
    """Return the measured index of dispersion, at least 1; 1 while too little is known."""
    kept = _usual(minutes)
    seen = sum(minute.seen for minute in kept)
    if seen < ENOUGH:
        return 1.0
    fine, coarse = sum(minute.fine for minute in kept), sum(minute.coarse for minute in kept)
    return max(1.0, fine / seen, coarse / seen)


def _usual(minutes: tuple[Minute, ...]) -> list[Minute]:
    """Return the minutes without those that spread most."""
    dropped = round(len(minutes) * LEFT_OUT)
    return sorted(minutes, key=attrgetter("coarse"))[: len(minutes) - dropped]


def _spread(counts: tuple[int, ...]) -> float:
    """Return the counts' variance."""
    mean = sum(counts) / len(counts)
    return sum((c - mean) ** 2 for c in counts) / (len(counts) - 1)
