"""How is the database of an environment used, and how does it grow? Null with why when unknown."""

from collections.abc import Collection
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from fairlead.analysis import growth
from fairlead.analysis.database_use import Connections, Indexes, Part, Seen, Unseen
from fairlead.analysis.growth import Growth
from fairlead.errors import FairleadError
from fairlead.reports.performance import seconds_of
from fairlead.reports.window import Window
from fairlead.store import database_sizes
from fairlead.store.database_sizes import WHOLE, Place

AHEAD_DAYS = (7, 30, 90)
LEAST_COUNTED_S = 7 * 86400.0
_GRANT = "GRANT pg_read_all_stats TO the role that looks"


def used(window: Window, place: Place, parts: Collection[Part]) -> dict[str, Any]:
    """Return what parts of an environment's database show: each under its name, None if unseen.

    `because` says of each part why it is None, or what of it is not seen.
    """
    seen = _seen(window, place, parts)
    told = {part.value: _told(one) for part, one in seen.items()}
    because = {part.value: why for part, one in seen.items() if (why := _because(one))}
    return {"looked_at": window.clock()} | told | {"because": because}


def grown(
    window: Window, place: Place, time_window: str, most: int, limit_bytes: int | None = None
) -> dict[str, Any]:
    """Return how a database and its largest tables grew, and how large they would be.

    `limit_bytes` is what the disk, or a plan, has room for: then it is told when it would be full.
    """
    now = window.clock()
    since = now - timedelta(seconds=seconds_of(time_window))
    with window.database.begin() as tx:
        newest = database_sizes.newest(tx, place)
        tables = sorted((n for n in newest if n != WHOLE), key=lambda n: (-newest[n], n))[:most]
        sizes = {n: database_sizes.since(tx, place, n, since) for n in (WHOLE, *tables)}
    whole = growth.growth(sizes[WHOLE], now)
    told = _grown(whole, newest.get(WHOLE))
    if limit_bytes is not None:
        told |= {"limit_bytes": limit_bytes, "full_in_days": _full(whole, newest, limit_bytes)}
    because = whole.because
    if not newest:
        secret, why = _secret(window, place)
        because = f"{because}; sizes are taken every 10 minutes" if secret else why
    return {
        "database": told | {"because": because},
        "tables": [
            {"table": name} | _grown(known, newest[name]) | {"because": known.because}
            for name in tables
            for known in (growth.growth(sizes[name], now),)
        ],
    }


def _seen(window: Window, place: Place, parts: Collection[Part]) -> dict[Part, Seen]:
    secret, why = _secret(window, place)
    if secret:
        try:
            return dict(window.figures.look(secret, parts))
        except FairleadError as error:
            why = str(error)
    return {part: Unseen(why) for part in parts}


def _secret(window: Window, place: Place) -> tuple[str, str]:
    with window.database.begin() as tx:
        found = database_sizes.databases(tx, *place)
    secret = found[0].secret if found else ""
    return secret, "" if secret else f"{place[1]} has no database in fairlead.yaml"


def _told(seen: Seen) -> dict[str, Any] | None:
    match seen:
        case Unseen():
            return None
        case Connections():
            usable = max(0, seen.most - seen.reserved)
            share = 100 * seen.used / usable if usable else None
            return asdict(seen) | {"usable": usable, "used_percent": share}
        case Indexes():
            told = asdict(seen)
            return told if _counted(seen) else told | {"unused": None, "read_through": None}
        case _:
            return asdict(seen)


def _because(seen: Seen) -> str:
    match seen:
        case Unseen():
            return seen.because
        case Connections() if seen.hidden:
            return f"the states of {seen.hidden} sessions are hidden: {_GRANT}"
        case Indexes() if not _counted(seen):
            days = (seen.counted_s or 0) / 86400
            since = f"for {days:.2g} days" if seen.counted_s is not None else "since nobody knows"
            return f"uses of indexes are counted {since}: less than 7 days tell of no habit"
        case _:
            hidden = getattr(seen, "hidden", 0)
            return f"the words of {hidden} statements are hidden: {_GRANT}" if hidden else ""


def _counted(seen: Indexes) -> bool:
    return seen.counted_s is not None and seen.counted_s >= LEAST_COUNTED_S


def _grown(known: Growth, bytes_now: int | None) -> dict[str, Any]:
    ahead: dict[str, Any] | None = None
    if bytes_now is not None and known.bytes_a_day is not None:
        later = {days: growth.after(known, bytes_now, days) for days in AHEAD_DAYS}
        ahead = {f"in_{days}_days": asdict(there) for days, there in later.items() if there}
    return {
        "bytes": bytes_now,
        "bytes_a_day": known.bytes_a_day,
        "low": known.low,
        "high": known.high,
        "since": known.since,
        "sizes": known.sizes,
        "forecast": ahead,
    }


def _full(known: Growth, newest: dict[str, int], limit: int) -> dict[str, Any] | None:
    there = growth.days_until(known, newest[WHOLE], limit) if WHOLE in newest else None
    return asdict(there) if there else None
