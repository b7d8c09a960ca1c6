"""Which errors did an environment have, and how often?"""

from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from fairlead.reports import performance
from fairlead.reports.window import Window
from fairlead.store import environments, errors
from fairlead.store.database import Tx
from fairlead.store.errors import Group, Place, Wanted

EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class Filter:
    """What is asked for; what is left out leaves nothing out. `new` means first seen in a release.

    Without `release`, the one meant is the one that is live.
    """

    time_window: str = ""
    component: str = ""
    severity: str = ""
    release: str = ""
    resolved: bool | None = None
    new: bool = False
    limit: int = 100


def rate(window: Window, place: Place, time_window: str, release: str = "") -> dict[str, Any]:
    """Return the share of requests that failed (percent, None while UNKNOWN) and tracked errors."""
    seconds = performance.seconds_of(time_window)
    seen = performance.told(performance.measured(window, place, seconds, release))
    now = window.clock()
    with window.database.begin() as tx:
        count = errors.count(tx, place, (now - timedelta(seconds=seconds), now), release)
    told = ("error_rate", "samples", "newest_sample_age_s", "because")
    return {name: seen[name] for name in told} | {"error_count": count}


def listed(window: Window, place: Place, asked: Filter) -> dict[str, Any]:
    """Return the faults that are asked for, the one that happened last first."""
    since = None
    if asked.time_window:
        since = window.clock() - timedelta(seconds=performance.seconds_of(asked.time_window))
    with window.database.begin() as tx:
        release = asked.release or _live(tx, place)
        if asked.new and not release:
            return {"release": None, "errors": []}
        wanted = Wanted(
            since,
            asked.component,
            asked.severity,
            asked.release,
            asked.resolved,
            release if asked.new else "",
            asked.limit,
        )
        found = errors.groups(tx, place, wanted)
    return {"release": release or None, "errors": [_told(group, release) for group in found]}


def shown(window: Window, place: Place, fingerprint: str) -> dict[str, Any]:
    """Return one fault with its newest events, by its fingerprint or how that begins."""
    with window.database.begin() as tx:
        group = errors.named(tx, place, fingerprint)
        examples = errors.newest(tx, place, group, EXAMPLES)
        release = _live(tx, place)
    return _told(group, release) | {"newest": [asdict(event) for event in examples]}


def _live(tx: Tx, place: Place) -> str:
    there = environments.find(tx, *place)
    return there.live if there else ""


def _told(group: Group, release: str) -> dict[str, Any]:
    """Return a fault; whether it is new is None where no release is known to compare with."""
    new = group.first_release == release if release and group.first_release else None
    return asdict(group) | {"resolved": group.resolved_at is not None, "new_in_release": new}
