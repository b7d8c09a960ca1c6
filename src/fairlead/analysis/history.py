"""What does a release usually do? Its seconds folded into minutes, and what an hour of them tells.

A second that was not seen is missing, never zero: it counts neither as time nor as silence.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import zip_longest

from fairlead.analysis.evidence import burst
from fairlead.analysis.evidence.baseline import Baseline
from fairlead.analysis.evidence.burst import COARSE, Sums
from fairlead.analysis.measurement import Measurement

# A window of this length is a second; a longer one is a gap, and says nothing of bursts.
SHORTEST_S, LONGEST_S = 0.5, 1.5
# The newest hour tells how much arrives and fails; fewer seconds than these tell nothing.
RECENT = timedelta(hours=1)
ENOUGH_S = 600.0
# Burstiness needs an hour of samples, and is looked for in this much of the past.
LOOKED_BACK = timedelta(hours=6)
HOUR_S = 3600.0


@dataclass(frozen=True, slots=True)
class Minute:
    """What one component of one release did in the `seconds` of a minute that were seen.

    `buckets` counts its answers by their time. `fine` and `coarse` hold the bad answers of each
    second and of each ten seconds running, as sums.
    """

    release: str
    component: str
    began: datetime
    seconds: float
    requests: int
    errors: int
    buckets: tuple[int, ...]
    fine: Sums
    coarse: Sums


@dataclass(frozen=True, slots=True)
class Running:
    """A minute that is not over; `courses` are the bad answers of seconds without a gap."""

    release: str
    component: str
    began: datetime
    ended: datetime
    seconds: float = 0.0
    requests: int = 0
    errors: int = 0
    buckets: tuple[int, ...] = ()
    courses: tuple[tuple[int, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Learned:
    """What a component usually does; `phi` is None where too little is known of its bursts."""

    seconds: float
    requests: int
    errors: int
    buckets: tuple[int, ...]
    phi: float | None


@dataclass(frozen=True, slots=True)
class Usual:
    """What an environment usually does: requests per second, share that fails, burstiness.

    `requests` is how many of them told it.
    """

    requests: int
    requests_per_second: float
    error_rate: float
    phi: float


def after(known: Running | None, seen: Measurement) -> tuple[Running, Minute | None]:
    """Return the running minute after one more window, and the minute before it once it is over."""
    began = seen.ended.replace(second=0, microsecond=0)
    fresh = Running(seen.release, seen.component, began, seen.began)
    if known is None:
        return _with(fresh, seen), None
    if (known.release, known.began) == (seen.release, began):
        return _with(known, seen), None
    return _with(fresh, seen), closed(known)


def closed(known: Running) -> Minute:
    """Return a minute as it is kept."""
    tens = [
        sum(course[i : i + COARSE])
        for course in known.courses
        for i in range(0, len(course) - COARSE + 1, COARSE)
    ]
    return Minute(
        known.release,
        known.component,
        known.began,
        known.seconds,
        known.requests,
        known.errors,
        known.buckets,
        Sums.of([count for course in known.courses for count in course]),
        Sums.of(tens),
    )


def learned(minutes: Sequence[Minute], stable: str, now: datetime) -> dict[str, Learned]:
    """Return what each component usually does, by its own minutes of the `stable` release.

    While that is too young, what other releases of the component did counts as well. A component of
    which too little was seen is left out.
    """
    found = {}
    for component in dict.fromkeys(minute.component for minute in minutes):
        every = [minute for minute in minutes if minute.component == component]
        own = [minute for minute in every if minute.release == stable]
        newest = [_since(some, now - RECENT) for some in (own, every)]
        recent = newest[0] if _seconds(newest[0]) >= ENOUGH_S else newest[1]
        if _seconds(recent) < ENOUGH_S:
            continue
        found[component] = Learned(
            _seconds(recent),
            sum(minute.requests for minute in recent),
            sum(minute.errors for minute in recent),
            _added(minute.buckets for minute in recent),
            _phi(own if _seconds(own) >= HOUR_S else every),
        )
    return found


def usual(known: Mapping[str, Learned]) -> Usual | None:
    """Return what all components together usually do; None when nothing is known."""
    if not known:
        return None
    requests = sum(one.requests for one in known.values())
    errors = sum(one.errors for one in known.values())
    return Usual(
        requests,
        sum(one.requests / one.seconds for one in known.values()),
        Baseline(requests, errors).rate,
        max(one.phi or 1.0 for one in known.values()),
    )


def _with(known: Running, seen: Measurement) -> Running:
    if not SHORTEST_S <= seen.seconds <= LONGEST_S:
        return replace(known, ended=seen.began)
    follows = known.ended == seen.began and known.courses
    courses = known.courses if follows else (*known.courses, ())
    return replace(
        known,
        ended=seen.ended,
        seconds=known.seconds + seen.seconds,
        requests=known.requests + seen.requests,
        errors=known.errors + seen.errors,
        buckets=_added((known.buckets, seen.buckets)),
        courses=(*courses[:-1], (*courses[-1], seen.errors)),
    )


def _phi(minutes: Sequence[Minute]) -> float | None:
    if _seconds(minutes) < HOUR_S:
        return None
    counted = tuple(burst.minute(one.fine, one.coarse) for one in minutes)
    return burst.factor(burst.index(counted))


def _since(minutes: Iterable[Minute], when: datetime) -> list[Minute]:
    return [minute for minute in minutes if minute.began >= when]


def _seconds(minutes: Iterable[Minute]) -> float:
    return sum(minute.seconds for minute in minutes)


def _added(many: Iterable[Sequence[int]]) -> tuple[int, ...]:
    return tuple(sum(counts) for counts in zip_longest(*many, fillvalue=0))
