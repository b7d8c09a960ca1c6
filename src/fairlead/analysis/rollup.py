"""Which rows together tell a window, each request once? Seconds, minutes, hours and days.

A window is told by the coarsest rows that lie within it, and by finer ones at its edges and for
what is not rolled up yet; so its cost grows with its length in days, never with its requests. Tens
of minutes and quarters of a day keep the edges short, whatever the hour.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from fairlead.analysis import sketch
from fairlead.analysis.sketch import Sketch

GRAINS_S = (1, 60, 600, 3600, 21_600, 86_400)
# How long rows of each grain are kept once they are rolled up; older windows begin at the next one.
KEPT = {
    1: timedelta(hours=2),
    60: timedelta(days=7),
    600: timedelta(days=7),
    3600: timedelta(days=400),
    21_600: timedelta(days=400),
    86_400: timedelta.max,
}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Part:
    """What one component of one release did in the span of `grain` seconds that began at `began`.

    `seen_s` is how many of those seconds a source told about; several parts of one span add up.
    """

    release: str
    component: str
    source: str
    grain: int
    began: datetime
    seen_s: float
    requests: int
    errors: int
    total_ms: float
    sketch: Sketch


@dataclass(frozen=True, slots=True)
class Range:
    """Rows of a grain that began in `[since, until)`."""

    grain: int
    since: datetime
    until: datetime


def floored(when: datetime, grain_s: int) -> datetime:
    """Return the beginning of the span that a moment lies in."""
    return when - (when - _EPOCH) % timedelta(seconds=grain_s)


def ranges(since: datetime, until: datetime) -> list[Range]:
    """Return which rows tell `[since, until)` where all is rolled up that can be.

    The edges are rounded down to whole seconds.
    """
    return _ranges(floored(since, 1), floored(until, 1), len(GRAINS_S) - 1)


def _ranges(since: datetime, until: datetime, level: int) -> list[Range]:
    """Return the rows of this grain that lie within, and finer ones for all the rest."""
    if since >= until:
        return []
    grain = GRAINS_S[level]
    if level == 0:
        return [Range(grain, since, until)]
    step = timedelta(seconds=grain)
    inner, end = floored(since + step - timedelta(seconds=1), grain), floored(until, grain)
    if inner >= end:
        return _ranges(since, until, level - 1)
    edges = _ranges(since, inner, level - 1) + _ranges(end, until, level - 1)
    return [Range(grain, inner, end), *edges]


def rolled(parts: Iterable[Part], grain: int) -> list[Part]:
    """Return parts as coarser ones, one a release, component, source and span."""
    found: dict[tuple[str, str, str, datetime], list[Part]] = {}
    for part in parts:
        key = (part.release, part.component, part.source, floored(part.began, grain))
        found.setdefault(key, []).append(part)
    return [_together(key, same, grain) for key, same in found.items()]


def _together(key: tuple[str, str, str, datetime], same: list[Part], grain: int) -> Part:
    release, component, source, began = key
    return Part(
        release,
        component,
        source,
        grain,
        began,
        min(float(grain), seen_s(same)),
        sum(part.requests for part in same),
        sum(part.errors for part in same),
        sum(part.total_ms for part in same),
        sketch.added(part.sketch for part in same),
    )


def seen_s(parts: Iterable[Part]) -> float:
    """Return how many seconds were seen; those that several releases tell about count once."""
    found: dict[datetime, float] = {}
    for part in parts:
        found[part.began] = max(found.get(part.began, 0.0), part.seen_s)
    return sum(found.values())


def kept_from(since: datetime, now: datetime) -> datetime:
    """Return the beginning of a window, rounded down to the finest grain that is still kept."""
    age = now - since
    return floored(since, next(grain for grain, kept in KEPT.items() if age <= kept))
