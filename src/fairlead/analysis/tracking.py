"""How does a release perform while a monitor stage watches it? Window by window."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from fairlead.analysis.rollup import Part, floored


@dataclass(frozen=True, slots=True)
class Alarm:
    """What is told: a share of failed requests, a mean in milliseconds, so many windows running."""

    error_rate: float
    mean_ms: float
    windows: int
    min_samples: int


@dataclass(frozen=True, slots=True)
class Window:
    """What all components of a release did in one window; None where nobody asked or looked."""

    began: datetime
    seconds: float
    requests: int
    error_rate: float | None = None
    mean_ms: float | None = None


class Course(Enum):
    """How a window compares with what is told."""

    FINE = "fine"
    BEYOND = "beyond"
    UNKNOWN = "unknown"


def windows(
    parts: Sequence[Part], began: datetime, until: datetime, seconds: float
) -> list[Window]:
    """Return the windows from `began` on that were over at `until`; each second lies in one."""
    began, step = floored(began, 1), timedelta(seconds=seconds)
    number = max(0, (until - began) // step)
    mine: list[list[Part]] = [[] for _ in range(number)]
    for part in parts:
        at = (part.began - began) // step
        if 0 <= at < number:
            mine[at].append(part)
    return [_window(began + at * step, seconds, some) for at, some in enumerate(mine)]


def _window(began: datetime, seconds: float, parts: Sequence[Part]) -> Window:
    requests = sum(part.requests for part in parts)
    if not requests:
        return Window(began, seconds, 0)
    errors = sum(part.errors for part in parts)
    mean_ms = sum(part.total_ms for part in parts) / requests
    return Window(began, seconds, requests, errors / requests, mean_ms)


def course(window: Window, alarm: Alarm) -> Course:
    """Tell how a window compares; with too few requests that is not known."""
    rate, mean_ms = window.error_rate, window.mean_ms
    if rate is None or mean_ms is None or window.requests < alarm.min_samples:
        return Course.UNKNOWN
    beyond = rate > alarm.error_rate or mean_ms > alarm.mean_ms
    return Course.BEYOND if beyond else Course.FINE


def alarming(seen: Sequence[Window], alarm: Alarm) -> str:
    """Say what is wrong when so many windows running were beyond, at any time; empty if none."""
    running = 0
    for window in seen:
        running = running + 1 if course(window, alarm) is Course.BEYOND else 0
        if running == alarm.windows:
            return _told(window, alarm)
    return ""


def summary(seen: Sequence[Window], alarm: Alarm) -> str:
    """Say in one sentence how the whole time went."""
    courses = [course(window, alarm) for window in seen]
    beyond, unknown = courses.count(Course.BEYOND), courses.count(Course.UNKNOWN)
    if len(courses) == unknown:
        return f"nothing can be said: none of {len(seen)} windows had enough requests"
    rest = f", {unknown} had too few requests" if unknown else ""
    if not beyond:
        return f"no degradation in {len(seen) - unknown} windows{rest}"
    return f"{beyond} of {len(seen)} windows were beyond the limits{rest}"


def _told(window: Window, alarm: Alarm) -> str:
    return (
        f"{window.error_rate:.2%} errors (limit {alarm.error_rate * 100:.4g}%), "
        f"{window.mean_ms:.0f} ms mean (limit {alarm.mean_ms:.0f} ms) over {window.seconds:.0f} s "
        f"({window.requests} requests), {alarm.windows} windows running"
    )
