"""Are the numbers that somebody else counted numbers at all? If not, it is said why."""

import hashlib
import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from fairlead.analysis.measurement import Counters, LeftOut, Reading
from fairlead.errors import Temporary
from fairlead.release.spec.metrics import Metrics
from fairlead.release.spec.quantity import written_duration

# A clock may be so much ahead of ours.
AHEAD_S = 10.0
_MOST = 2.0**53


class Nonsense(Exception):  # noqa: N818 - it is what was told, not what went wrong here
    """Why numbers cannot be believed; it concerns one release alone."""


def told(
    which: tuple[str, str],
    values: Mapping[str, Any],
    buckets: tuple[int, ...],
    when: tuple[datetime, Metrics],
) -> Counters | None:
    """Return what the values say; None when there are none at all, for it may not be there yet.

    Errors: `Nonsense` when some are missing, are no numbers or were counted too long ago.
    """
    release, component = which
    needed = ("requests", "errors", "total_ms", "sampled_at")
    missing = [name for name in needed if values.get(name) is None]
    if "requests" in missing:
        return None
    if missing:
        remedy = "; write `or 0 * …` where a counter begins with its first event"
        here = f"{' and '.join(missing)} of {component} of release {release}"
        raise Nonsense(f"there is no {here}{remedy if 'errors' in missing else ''}")
    _fresh(which, values["sampled_at"], when)
    numbers = {name: _number(name, values[name], which) for name in needed[:3]}
    return Counters(
        release,
        component,
        _whole("requests", numbers["requests"], which),
        _whole("errors", numbers["errors"], which),
        numbers["total_ms"],
        buckets,
        str(values.get("started_at") or ""),
    )


def reading(
    now: datetime, metrics: Metrics, found: list[Counters], left_out: list[LeftOut], place: str
) -> Reading:
    """Return one reading of all that was told; `Temporary` when nothing usable was."""
    if not found:
        because = left_out[0].because if left_out else f"nothing is known of any release of {place}"
        raise Temporary(f"{metrics.from_}: {because}")
    # Another question has other totals as its answer.
    asked = hashlib.sha256(metrics.model_dump_json().encode()).hexdigest()[:16]
    return Reading(now, f"{metrics.from_} {asked}", tuple(found), metrics.from_, tuple(left_out))


def _fresh(which: tuple[str, str], value: Any, when: tuple[datetime, Metrics]) -> None:
    now, metrics = when
    age_s = now.timestamp() - _moment(value, which)
    release, component = which
    if age_s > metrics.stale:
        raise Nonsense(
            f"what is told of {component} of release {release} was counted {age_s:.0f} s ago, "
            f"longer than {written_duration(metrics.stale)}"
        )
    if age_s < -AHEAD_S:
        ahead = f"counted {-age_s:.0f} s from now: one of the clocks is wrong"
        raise Nonsense(f"what is told of {component} of release {release} was {ahead}")


def _moment(value: Any, which: tuple[str, str]) -> float:
    if isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            raise _no("sampled_at", "time", which) from None
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    return _number("sampled_at", value, which)


def _number(name: str, value: Any, which: tuple[str, str]) -> float:
    # JSON's `true` is a number to Python.
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _no(name, "number", which)
    if not math.isfinite(value) or not 0 <= value <= _MOST:
        raise _no(name, "number of 0 or more", which)
    return float(value)


def _whole(name: str, value: float, which: tuple[str, str]) -> int:
    if abs(value - round(value)) > 1e-6 * max(1.0, value):
        told = _no(name, "whole number", which)
        raise Nonsense(f"{told}: ask for the counter itself, not for its rate or increase")
    return round(value)


def _no(name: str, needed: str, which: tuple[str, str]) -> Nonsense:
    return Nonsense(f"{name} of {which[1]} of release {which[0]} is no {needed}")
