"""How did each release and component perform over a time, and how just as long before?"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from fairlead.analysis.performance import Performance, Span, performance
from fairlead.analysis.performance_report import Row, change, slowest, summary
from fairlead.analysis.rollup import Part, kept_from
from fairlead.reports.performance import EVERY_SECOND, since_live, source_of, told
from fairlead.reports.window import Window
from fairlead.store import environments, new_errors, rollups
from fairlead.store.new_errors import Fault
from fairlead.store.rollups import Place

MOST_FAULTS = 5
_COMPARED = ("avg_response_time", "p95", "error_rate", "requests_per_second")


@dataclass(frozen=True, slots=True)
class _Read:
    """What the database tells: the parts of the time, of the time before, and the faults."""

    live: str
    span: Span
    every_second: bool
    newest: datetime | None
    parts: list[Part]
    before: list[Part]
    faults: list[Fault]


def report(window: Window, place: Place, seconds: int, written: str) -> dict[str, Any]:
    """Return the numbers of a time, beside those before it; `written` is how the time was asked.

    A number is null while it is UNKNOWN, and a change is null where there is nothing to compare.
    """
    now = window.clock()
    since = kept_from(now - timedelta(seconds=seconds), now)
    earlier = kept_from(now - timedelta(seconds=2 * seconds), now)
    read = _read(window, place, (earlier, since, now))
    total = performance(read.parts, read.span, read.newest, every_second=read.every_second)
    # The newest of a time that is over cannot be old.
    before = performance(
        read.before, Span(earlier, since, since), read.newest, every_second=read.every_second
    )
    rows = _rows(read.parts, total, read.span, read.newest)
    slow = slowest(rows)
    return {
        "app": place[0],
        "environment": place[1],
        "time_window": written,
        "live": read.live,
        "since": read.span.since,
        "until": now,
        "total": told(total),
        "before": _of_the_past(before),
        "change": {name: change(told(total)[name], told(before)[name]) for name in _COMPARED},
        "components": [_row(row) for row in rows],
        "slowest": _row(slow) if slow else None,
        "errors": [asdict(fault) for fault in read.faults],
        "summary": summary(f"{place[1]} of {place[0]} in {written}", total, before, rows),
    }


def _read(window: Window, place: Place, times: tuple[datetime, datetime, datetime]) -> _Read:
    earlier, since, now = times
    with window.database.begin() as tx:
        source = source_of(tx, place)
        parts = rollups.within(tx, place, (since, now), source)
        return _Read(
            environments.get(tx, *place).live,
            since_live(tx, (place, source), Span(since, now, now), parts),
            source in EVERY_SECOND,
            rollups.newest(tx, place, source),
            parts,
            rollups.within(tx, place, (earlier, since), source),
            new_errors.newest(tx, place, since, MOST_FAULTS),
        )


def _rows(
    parts: Sequence[Part], total: Performance, span: Span, newest: datetime | None
) -> list[Row]:
    """Return a row for every component of every release that was asked anything, busiest first.

    They are UNKNOWN with the whole; a release that was there for a part of the time is not.
    """
    keys = sorted({(part.release, part.component) for part in parts if part.requests})
    rows = []
    for release, component in keys:
        mine = [part for part in parts if (part.release, part.component) == (release, component)]
        seen = performance(mine, span, newest, every_second=False)
        if not total.known:
            seen = Performance(total.because, seen.samples, seen.age_s)
        rows.append(Row(release, component, seen))
    return sorted(rows, key=lambda row: -row.seen.samples)


def _row(row: Row) -> dict[str, Any]:
    return {"release": row.release, "component": row.component} | _of_the_past(row.seen)


def _of_the_past(seen: Performance) -> dict[str, Any]:
    return {k: v for k, v in told(seen).items() if k != "newest_sample_age_s"}
