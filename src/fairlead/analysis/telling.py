"""What did a counter that only ever grows do since it was told last? Or can that not be known?"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from fairlead.analysis import buckets
from fairlead.analysis.rollup import Part, floored
from fairlead.analysis.sketch import Sketch

# What was done in a longer time cannot be told as that of one second.
LONGEST = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Total:
    """What a series had counted at a moment, since it began. `failed` is of all of it."""

    series: bytes
    process: bytes
    release: str
    component: str
    source: str
    began: datetime
    at: datetime
    requests: int
    total_ms: float
    failed: bool
    sketch: Sketch


@dataclass(frozen=True, slots=True)
class Before:
    """What was known of a series when it was told last."""

    at: datetime
    requests: int
    total_ms: float
    sketch: Sketch


def since(total: Total, before: Before | None, process_at: datetime | None) -> Part | None:
    """Return what was done since the series was told last, as of the second it was told.

    `process_at` is when its process told anything last. A series that is new began after that, so
    all of it counts; so it does when the process itself is new. Of one that has run for longer,
    nothing is known but where it stands. None where nothing was done, or nothing is known.
    """
    if before is None:
        known = process_at is not None and total.at - LONGEST <= process_at <= total.at
        if not known and total.began < total.at - LONGEST:
            return None
        before = Before(total.at, 0, 0.0, {})
    elif not before.at < total.at <= before.at + LONGEST:
        return None
    requests = total.requests - before.requests
    if requests <= 0 or total.total_ms < before.total_ms:
        return None
    return Part(
        total.release,
        total.component,
        total.source,
        1,
        floored(total.at, 1),
        1.0,
        requests,
        requests if total.failed else 0,
        total.total_ms - before.total_ms,
        buckets.grown(before.sketch, total.sketch),
    )
