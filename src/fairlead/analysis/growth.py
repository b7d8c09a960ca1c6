"""How fast does a database grow, and when would it be full?

The slope is the median of all slopes between two sizes (Theil 1950, Sen 1968): a bulk load or a
table that is emptied once is a jump, and does not make a trend.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import floor, sqrt
from statistics import median

LEAST = timedelta(days=1)
LEAST_SIZES = 12
STALE = timedelta(hours=1)
# Sizes are taken evenly over the time, so that the last hours do not count more than the first.
MOST_SIZES = 120
_DAY_S = 86400.0
_TWO_SIDED_95 = 1.96


@dataclass(frozen=True, slots=True)
class Size:
    """How many bytes there were at a moment."""

    at: datetime
    bytes: int


@dataclass(frozen=True, slots=True)
class Growth:
    """Bytes a day, and the range that it lies in with 95 %; None while `because` says why.

    The range takes what is beside the line for independent from size to size; where a database
    grows in waves the truth may lie outside it.
    """

    bytes_a_day: float | None = None
    low: float | None = None
    high: float | None = None
    since: datetime | None = None
    sizes: int = 0
    because: str = ""


@dataclass(frozen=True, slots=True)
class Range:
    """What is expected, and between which bounds; None where there is no such bound."""

    expected: float | None
    low: float | None
    high: float | None


def growth(sizes: Sequence[Size], now: datetime) -> Growth:
    """Return how fast it grew until now, by sizes in the order of their time."""
    if not sizes:
        return Growth(because="its size was never seen")
    first, last = sizes[0].at, sizes[-1].at
    unknown = Growth(since=first, sizes=len(sizes))
    if now - last > STALE:
        told = f"its newest size is {_hours(now - last)} old: growth is told up to {_hours(STALE)}"
        return _because(unknown, told)
    if last - first < LEAST or len(sizes) < LEAST_SIZES:
        told = f"its size is known for {_hours(last - first)} ({len(sizes)} times): growth is told "
        return _because(unknown, f"{told}from {_hours(LEAST)} and {LEAST_SIZES} times on")
    return _slope(_evenly(sizes), unknown)


def after(known: Growth, bytes_now: int, days: float) -> Range | None:
    """Return how many bytes there would be after so many days; None when growth is not known."""
    if known.bytes_a_day is None or known.low is None or known.high is None:
        return None

    def grown(slope: float) -> float:
        return max(0.0, bytes_now + slope * days)

    return Range(grown(known.bytes_a_day), grown(known.low), grown(known.high))


def days_until(known: Growth, bytes_now: int, limit: int) -> Range | None:
    """Return in how many days a limit in bytes is reached; None when growth is not known.

    `low` is the earliest and `high` the latest day; None where it would never be reached.
    """
    if known.bytes_a_day is None or known.low is None or known.high is None:
        return None
    room = max(0, limit - bytes_now)

    def reached(slope: float) -> float | None:
        return 0.0 if not room else room / slope if slope > 0 else None

    return Range(reached(known.bytes_a_day), reached(known.high), reached(known.low))


def _slope(sizes: Sequence[Size], about: Growth) -> Growth:
    slopes = sorted(
        (b.bytes - a.bytes) / ((b.at - a.at).total_seconds() / _DAY_S)
        for number, a in enumerate(sizes)
        for b in sizes[number + 1 :]
        if b.at > a.at
    )
    count, pairs = len(sizes), len(slopes)
    spread = _TWO_SIDED_95 * sqrt(count * (count - 1) * (2 * count + 5) / 18)
    low = max(0, floor((pairs - spread) / 2) - 1)
    return Growth(median(slopes), slopes[low], slopes[pairs - 1 - low], about.since, about.sizes)


def _evenly(sizes: Sequence[Size]) -> list[Size]:
    """Return the last size of each of so many equal parts of the time."""
    first, whole = sizes[0].at, sizes[-1].at - sizes[0].at
    kept = {floor((one.at - first) / whole * (MOST_SIZES - 1)): one for one in sizes}
    return [*kept.values()]


def _because(known: Growth, because: str) -> Growth:
    return Growth(since=known.since, sizes=known.sizes, because=because)


def _hours(span: timedelta) -> str:
    return f"{span / timedelta(hours=1):.3g} h"
