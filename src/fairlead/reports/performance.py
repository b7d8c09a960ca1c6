"""How did an environment perform over a time?"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from fairlead.analysis.performance import ENOUGH_SEEN, Performance, Span, performance
from fairlead.analysis.rollup import Part, floored, kept_from, seen_s
from fairlead.errors import Refused
from fairlead.reports.window import Window
from fairlead.store import audit, rollups, runs
from fairlead.store.database import Tx
from fairlead.store.rollups import Place, Slice

_WRITTEN = re.compile(r"(\d{1,6})([smhd])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
LONGEST_S = 400 * 86400
# A line of little bars in a terminal is not longer.
SLICES = 30
# Sources that tell about all the time that passes, also when nobody asks anything.
EVERY_SECOND = ("envoy", "prometheus", "http")


def seconds_of(written: str) -> int:
    """Return the seconds of a window that is written as `30s`, `5m`, `2h` or `30d`."""
    found = _WRITTEN.fullmatch(written)
    seconds = int(found[1]) * _SECONDS[found[2]] if found else 0
    if not 0 < seconds <= LONGEST_S:
        raise Refused("time_window must be written as 30s, 5m, 2h or 30d, 400d at most")
    return seconds


def measured(window: Window, place: Place, seconds: int, release: str = "") -> Performance:
    """Return how an environment, or one release there, performed until now."""
    return measured_by(window, place, (seconds, source(window, place)), release)


def measured_by(
    window: Window, place: Place, asked: tuple[int, str], release: str = ""
) -> Performance:
    """Return the same of so many seconds, as one source tells it."""
    now, (seconds, source) = window.clock(), asked
    since = kept_from(now - timedelta(seconds=seconds), now)
    with window.database.begin() as tx:
        newest = rollups.newest(tx, place, source)
        parts = rollups.within(tx, place, (since, now), source, release)
        span = since_live(tx, (place, source), Span(since, now, now), parts)
    return performance(parts, span, newest, every_second=source in EVERY_SECOND)


def since_live(tx: Tx, told: tuple[Place, str], span: Span, parts: Sequence[Part]) -> Span:
    """Return a window without the time before anything was live there: nothing was to be seen.

    It makes a difference, and is asked, only where a source that tells every second saw little.
    """
    place, source = told
    enough = seen_s(parts) >= ENOUGH_SEEN * span.seconds
    if not parts or enough or source not in EVERY_SECOND:
        return span
    first = audit.first_live(tx, place)
    if first is None or first <= span.since:
        return span
    return replace(span, since=min(floored(first, 1), span.until - timedelta(seconds=1)))


def course(window: Window, place: Place, seconds: int, release: str = "") -> list[dict[str, Any]]:
    """Return how it went, in at most so many equal slices; null where nothing is known."""
    number = min(SLICES, seconds)
    length = timedelta(seconds=seconds / number)
    # The second that goes on is not told yet.
    since = floored(window.clock(), 1) - number * length
    with window.database.begin() as tx:
        seen = rollups.course(tx, place, (since, length, number), source_of(tx, place), release)
    known = {one.n: one for one in seen}
    return [_slice(known.get(n), since + n * length, length) for n in range(number)]


def _slice(seen: Slice | None, began: datetime, length: timedelta) -> dict[str, Any]:
    asked = seen is not None and seen.requests > 0
    return {
        "began": began,
        "requests_per_second": seen.requests / length.total_seconds() if seen else None,
        "error_rate": 100 * seen.errors / seen.requests if seen and asked else None,
        "avg_response_time": seen.total_ms / seen.requests if seen and asked else None,
    }


def source(window: Window, place: Place) -> str:
    """Return where the numbers of an environment come from."""
    with window.database.begin() as tx:
        return source_of(tx, place)


def source_of(tx: Tx, place: Place) -> str:
    """Return where the numbers of an environment come from, by the file it was changed with."""
    return source_in(policy_of(tx, place))


def policy_of(tx: Tx, place: Place) -> dict[str, Any]:
    """Return what the file with which an environment was changed says of it, as plain data."""
    app, environment = place
    run = runs.newest_of_environment(tx, app, environment)
    return dict(run.spec.get("environments", {}).get(environment, {}))


def source_in(policy: Mapping[str, Any]) -> str:
    """Return where an environment's numbers come from."""
    return str((policy.get("metrics") or {}).get("from", "envoy"))


def told(seen: Performance) -> dict[str, Any]:
    """Return the numbers in the words of the runbook: percent, milliseconds, null for UNKNOWN."""
    return {
        "avg_response_time": seen.mean_ms,
        "p50": seen.p50_ms,
        "p95": seen.p95_ms,
        "p99": seen.p99_ms,
        "error_rate": None if seen.error_rate is None else seen.error_rate * 100,
        "requests_per_second": seen.requests_per_second,
        "samples": seen.samples,
        "newest_sample_age_s": seen.age_s,
        "because": seen.because,
    }
