"""Is a canary ever promoted on counters that are broken? Read as the pipeline reads them.

Each feed is whole for its first seconds, so that the judge knows something, and breaks then. The
release itself is healthy, and the counters of the release before stay whole.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from operator import add

from fairlead.analysis.evidence import judge
from fairlead.analysis.evidence.component import Arm
from fairlead.analysis.evidence.judge import Block, Known
from fairlead.analysis.evidence.rules import Rules
from fairlead.analysis.measurement import Counters, Reading, Unusable, difference
from fairlead.analysis.verdict import Verdict
from judging import HISTORIES, watched
from streams_of_requests import WEIGHT, Release, Traffic, stream

WHOLE = "whole"
BROKEN = (
    "missing",
    "not a number",
    "reset",
    "backwards",
    "frozen",
    "half missing",
    "stale stamp",
    "no answer",
    "more errors than requests",
)
BREAKS_AT, LOOKS, RPS = 20, 1800, 100.0
NEW, OLD, PARTS = "new", "old", ("web", "api")
BEGAN = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
RULES = Rules()


@dataclass(frozen=True, slots=True)
class Totals:
    """What one release answered since the source started; each of its components the same."""

    release: str
    arm: Arm

    def counters(self, parts: tuple[str, ...] = PARTS) -> tuple[Counters, ...]:
        """Return them as a source tells them."""
        n, x, buckets = self.arm
        return tuple(Counters(self.release, part, n, x, 40.0 * n, buckets) for part in parts)


def promoted_on(feed: str, number: int) -> bool:
    """Tell whether a healthy canary is promoted in its half hour, at any look."""
    learned = watched(number % HISTORIES, Release(), RPS, 1.0)
    known = Known(BEGAN, dict.fromkeys(PARTS, learned))
    before: Reading | None = None
    for look, now in enumerate(readings(feed, number)):
        at = BEGAN + timedelta(seconds=look)
        if before is not None or isinstance(now, Unusable):
            known = judge.look(known, blocks(before, now), RULES, WEIGHT, at)
        before = now if isinstance(now, Reading) else None
        if judge.told(known, RULES, at).verdict is Verdict.HEALTHY:
            return True
    return False


def blocks(before: Reading | None, now: Reading | Unusable) -> list[Block] | Unusable:
    """Return what both releases did between two readings, component by component."""
    if isinstance(now, Unusable) or before is None:
        return now if isinstance(now, Unusable) else Unusable("nothing was read before")
    canary, stable = (difference(before, now, release, PARTS) for release in (NEW, OLD))
    if isinstance(canary, Unusable):
        return canary
    if isinstance(stable, Unusable):
        return stable
    return [Block(one, other) for one, other in zip(canary, stable, strict=True)]


def readings(feed: str, number: int) -> Iterator[Reading | Unusable]:
    """Yield what the source says, second by second."""
    traffic = Traffic(RPS, 1.0, LOOKS)
    seen = list(stream((60, number), Release(), Release(), traffic).blocks())
    new, old = (accumulate(arms, _more) for arms in zip(*seen, strict=True))
    last: Totals | None = None
    for look, (canary, stable) in enumerate(zip(new, old, strict=True)):
        totals = Totals(NEW, canary)
        at = BEGAN + timedelta(seconds=look)
        whole = Reading(at, "first", (*totals.counters(), *Totals(OLD, stable).counters()))
        if look < BREAKS_AT or feed == WHOLE or last is None:
            last = totals
            yield whole
        else:
            yield broken(feed, whole, last, look)


def _more(total: Arm, arm: Arm) -> Arm:
    return Arm(total.n + arm.n, total.x + arm.x, tuple(map(add, total.buckets, arm.buckets)))


def broken(feed: str, whole: Reading, last: Totals, look: int) -> Reading | Unusable:
    """Return a reading as a broken feed has it; `last` is what it told when it was whole."""
    others = tuple(c for c in whole.counters if c.release != NEW)
    ours = tuple(c for c in whole.counters if c.release == NEW)
    told: tuple[Counters, ...] = ours
    match feed:
        case "missing":
            told = ()
        case "half missing":
            told = ours[:1]
        case "not a number":
            told = tuple(replace(c, total_ms=math.nan) for c in ours)
        case "frozen":
            told = last.counters()
        case "backwards":
            n, x, buckets = last.arm
            left = Arm(max(0, n - look), max(0, x - look), tuple(max(0, b - look) for b in buckets))
            told = Totals(NEW, left).counters()
        case "more errors than requests":
            told = tuple(replace(c, errors=c.errors + 10 * look * look) for c in ours)
        case "reset":
            return replace(whole, epoch=f"started at {look}")
        case "stale stamp":
            return replace(whole, taken_at=BEGAN + timedelta(seconds=BREAKS_AT - 1))
        case "no answer":
            return Unusable("the source does not answer")
        case _:
            raise ValueError(feed)
    return replace(whole, counters=(*told, *others))
