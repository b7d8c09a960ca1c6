"""What was counted, over which window?"""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Counters:
    """Totals since the source started. `total_ms` is the sum of all answer times.

    `buckets` counts the answers by their time, as `histogram` cuts it; empty when not told.
    `started` changes when these counters start anew, where the source knows that of each.
    """

    release: str
    component: str
    requests: int
    errors: int
    total_ms: float
    buckets: tuple[int, ...] = ()
    started: str = ""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A release whose counters were told, but cannot be believed, and why."""

    release: str
    because: str


@dataclass(frozen=True, slots=True)
class Reading:
    """All counters of one environment, read at one moment.

    `epoch` changes when the source starts anew and its counters with it; `source` is its name.
    """

    taken_at: datetime
    epoch: str
    counters: tuple[Counters, ...]
    source: str = "envoy"
    left_out: tuple[LeftOut, ...] = ()

    def of(self, release: str) -> dict[str, Counters]:
        """Return the counters of one release by component."""
        return {c.component: c for c in self.counters if c.release == release}


@dataclass(frozen=True, slots=True)
class Measurement:
    """What one component of one release did during one window."""

    release: str
    component: str
    began: datetime
    ended: datetime
    requests: int
    errors: int
    total_ms: float
    buckets: tuple[int, ...] = ()

    @property
    def seconds(self) -> float:
        """Return the window's length."""
        return (self.ended - self.began).total_seconds()

    @property
    def error_rate(self) -> float | None:
        """Return errors per request, 0 to 1; None when nothing was asked."""
        return self.errors / self.requests if self.requests else None

    @property
    def mean_ms(self) -> float | None:
        """Return the mean answer time in milliseconds; None when nothing was asked."""
        return self.total_ms / self.requests if self.requests else None


@dataclass(frozen=True, slots=True)
class Unusable:
    """Why two readings give no measurement."""

    because: str


def difference(
    before: Reading, after: Reading, release: str, components: tuple[str, ...]
) -> tuple[Measurement, ...] | Unusable:
    """Return what `release` did between two readings, one measurement a component.

    A restart of the source, a counter that ran backwards or is no number, more errors than requests
    or a component missing from a reading make the window unusable: silence and nonsense are not
    health, and a component that came back would bring along what it did long ago.
    """
    if before.epoch != after.epoch:
        return Unusable("the counters started anew during the window")
    if after.taken_at <= before.taken_at:
        return Unusable("the second reading is not newer than the first")
    was, now = before.of(release), after.of(release)
    found: list[Measurement] = []
    for component in components:
        if component not in now or component not in was:
            return Unusable(_missing(component, release, (after, before)))
        old, new = was[component], now[component]
        if old.started != new.started:
            return Unusable(f"the counters of {component} of release {release} started anew")
        measurement = Measurement(
            release,
            component,
            before.taken_at,
            after.taken_at,
            new.requests - old.requests,
            new.errors - old.errors,
            new.total_ms - old.total_ms,
            _grown(old.buckets, new.buckets),
        )
        if fault := _fault(measurement):
            return Unusable(fault)
        found.append(measurement)
    return tuple(found)


def _missing(component: str, release: str, readings: tuple[Reading, Reading]) -> str:
    why = [o.because for r in readings for o in r.left_out if o.release == release]
    return why[0] if why else f"no counters for {component} of release {release}"


def summed(windows: Iterable[Measurement]) -> tuple[Measurement, ...]:
    """Return windows of one release that follow each other as one, a measurement a component."""
    found: dict[str, Measurement] = {}
    for m in windows:
        before = found.get(m.component)
        found[m.component] = (
            replace(
                m,
                began=before.began,
                requests=before.requests + m.requests,
                errors=before.errors + m.errors,
                total_ms=before.total_ms + m.total_ms,
                buckets=_together(before.buckets, m.buckets),
            )
            if before
            else m
        )
    return tuple(found.values())


def _grown(old: tuple[int, ...], new: tuple[int, ...]) -> tuple[int, ...]:
    # Who did not tell before would tell everything since the start.
    return tuple(n - o for o, n in zip(old, new, strict=True)) if old and new else ()


def _together(one: tuple[int, ...], other: tuple[int, ...]) -> tuple[int, ...]:
    # Counts without times beside counts with them would make the times those of a few answers.
    return tuple(a + b for a, b in zip(one, other, strict=True)) if one and other else ()


def _fault(m: Measurement) -> str:
    # Comparing with "not a number" is always false, so nonsense would pass for a kept limit.
    if not math.isfinite(m.total_ms):
        return f"the answer times of {m.component} are not a number"
    if min(m.requests, m.errors, m.total_ms, *m.buckets) < 0:
        return f"the counters of {m.component} ran backwards"
    if m.errors > m.requests:
        return f"{m.component} counted more errors than requests"
    return ""
