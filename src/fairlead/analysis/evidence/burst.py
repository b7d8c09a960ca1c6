"""How much do failures come in bursts? Evidence counts less by that factor.

The variance of bad counts over their mean (index of dispersion, Cox and Lewis 1966), at one poll
and at ten. A drift or an outage is no burst: each minute is compared with itself, and the minutes
that spread most are left out.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
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
# Beyond this it is a finding of its own.
BURSTY = 3.0


class Sums(NamedTuple):
    """Some counts, as their number, their sum and the sum of their squares."""

    number: int
    total: int
    squares: int

    @classmethod
    def of(cls, counts: Sequence[int]) -> "Sums":
        """Return the sums of counts."""
        return cls(len(counts), sum(counts), sum(count * count for count in counts))

    @property
    def spread(self) -> float:
        """Return the counts' variance; 0 for fewer than two."""
        if self.number < 2:
            return 0.0
        return (self.squares - self.total * self.total / self.number) / (self.number - 1)


class Minute(NamedTuple):
    """Bad counts of one minute: their sum, and their variance times their number at both sizes."""

    seen: int
    fine: float
    coarse: float


@dataclass(frozen=True, slots=True)
class Burst:
    """Stable's bad counts of the running minute, and the minutes before.

    `phi` is the factor by which log evidence is divided: at least what was measured beforehand, or
    1 where too little was known.
    """

    running: tuple[int, ...] = ()
    minutes: tuple[Minute, ...] = ()
    phi: float = 1.0
    least: float = 1.0

    def after(self, errors: int) -> "Burst":
        """Return what is known after one more poll."""
        running = (*self.running, errors)
        if len(running) < POLLS:
            return replace(self, running=running)
        groups = tuple(sum(running[i : i + COARSE]) for i in range(0, POLLS, COARSE))
        over = minute(Sums.of(running), Sums.of(groups))
        minutes = (*self.minutes, over)[-MINUTES:]
        return Burst((), minutes, max(self.least, factor(index(minutes))), self.least)


def begun(phi: float) -> Burst:
    """Return what is known before the first poll, when `phi` was measured beforehand."""
    return Burst(phi=phi, least=phi)


def factor(measured: float) -> float:
    """Return by how much log evidence is divided at a measured index."""
    return 1.0 if measured <= INDEPENDENT else measured * MARGIN


def told(phi: float) -> str:
    """Say what bursts mean to a person; empty where they are small."""
    if phi <= BURSTY:
        return ""
    return (
        f"the bad answers arrive in bursts of about {phi:.0f}: proof takes {phi:.0f} times as "
        "long; count clients rather than retries"
    )


def minute(fine: Sums, coarse: Sums) -> Minute:
    """Return one minute from the sums at both sizes; where seconds are missing, as if none were."""
    seen = fine.total
    whole = seen / coarse.total if coarse.total else 0.0
    return Minute(seen, fine.spread * fine.number, coarse.spread * coarse.number * whole)


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
