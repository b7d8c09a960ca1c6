"""What does a window of rolled-up rows say? Numbers, or why there are none; never an invented 0."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from fairlead.analysis import sketch
from fairlead.analysis.rollup import Part, seen_s

# Who has told nothing for so long is not listened to any more.
STALE_S = 60.0
# A source that tells every second must have told about this share of the window.
ENOUGH_SEEN = 0.5
# Percentiles are told while no more requests than this share, or than a few, are without a time.
MOST_UNTIMED = 0.2
A_FEW = 2


@dataclass(frozen=True, slots=True)
class Span:
    """A window `[since, until)` as it is told at `now`."""

    since: datetime
    until: datetime
    now: datetime

    @property
    def seconds(self) -> float:
        """Return its length."""
        return (self.until - self.since).total_seconds()


@dataclass(frozen=True, slots=True)
class Performance:
    """What was measured in a window. Times are milliseconds, `error_rate` is a share (0.02 is 2 %).

    Every number is None while it is UNKNOWN; `because` says why, or what the numbers rest on.
    `samples` counts the requests that were told about, `age_s` is how old the newest of them is.
    """

    because: str
    samples: int
    age_s: float | None
    mean_ms: float | None = None
    p50_ms: float | None = None
    p95_ms: float | None = None
    p99_ms: float | None = None
    error_rate: float | None = None
    requests_per_second: float | None = None

    @property
    def known(self) -> bool:
        """Tell whether there are numbers."""
        return self.error_rate is not None


def performance(
    parts: Sequence[Part], span: Span, newest: datetime | None, *, every_second: bool
) -> Performance:
    """Return what the parts of a window say.

    `newest` is when the newest second began that the source has told about, in the window or not.
    `every_second` says that the source tells about every second, also when nobody asks anything: a
    window of which it has told less than half is UNKNOWN.
    """
    samples = sum(part.requests for part in parts)
    age_s = None if newest is None else max(0.0, (span.now - newest).total_seconds() - 1)
    if why := _unknown(parts, span, (samples, age_s), every_second=every_second):
        return Performance(why, samples, age_s)
    times = sketch.added(part.sketch for part in parts)
    told = _all_timed(parts)
    return Performance(
        because=f"{samples} requests in {span.seconds:.0f} s",
        samples=samples,
        age_s=age_s,
        mean_ms=sum(part.total_ms for part in parts) / samples,
        p50_ms=sketch.percentile_ms(times, 0.5) if told else None,
        p95_ms=sketch.percentile_ms(times, 0.95) if told else None,
        p99_ms=sketch.percentile_ms(times, 0.99) if told else None,
        error_rate=sum(part.errors for part in parts) / samples,
        requests_per_second=samples / span.seconds,
    )


def _all_timed(parts: Sequence[Part]) -> bool:
    """Tell whether the times are those of nearly all requests of each component.

    A source may count a request a moment before its time, so that a window that goes on now has a
    few more or fewer of them.
    """
    counted: dict[tuple[str, str], tuple[int, int]] = {}
    for part in parts:
        requests, timed = counted.get((part.release, part.component), (0, 0))
        timed += sketch.total(part.sketch)
        counted[part.release, part.component] = requests + part.requests, timed
    return all(
        abs(requests - timed) <= max(A_FEW, MOST_UNTIMED * requests)
        for requests, timed in counted.values()
    )


def _unknown(
    parts: Sequence[Part], span: Span, known: tuple[int, float | None], *, every_second: bool
) -> str:
    """Say why the window has no numbers; empty when it has."""
    samples, age_s = known
    if age_s is None:
        return "nothing was ever measured here"
    if age_s > STALE_S:
        return f"the newest measurement is {age_s:.0f} s old, older than {STALE_S:.0f} s"
    if not parts:
        return f"nothing was measured in these {span.seconds:.0f} s"
    seen = seen_s(parts)
    if every_second and seen < ENOUGH_SEEN * span.seconds:
        return f"only {seen:.0f} of {span.seconds:.0f} s were seen"
    return "" if samples else f"nobody asked anything in these {span.seconds:.0f} s"
