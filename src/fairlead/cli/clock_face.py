"""How are moments and durations written for people? Moments in UTC, always said so."""

from datetime import UTC, datetime
from typing import Any


def moment(written: Any) -> datetime | None:
    """Read a moment from the API; None when it has none."""
    return datetime.fromisoformat(written).astimezone(UTC) if written else None


def full(written: Any) -> str:
    """Write a moment as `2026-01-31 23:59:59 UTC`; a dash when there is none."""
    at = moment(written)
    return f"{at:%Y-%m-%d %H:%M:%S} UTC" if at else "–"


def short(written: Any) -> str:
    """Write a moment as `01-31 23:59`; a dash when there is none."""
    at = moment(written)
    return f"{at:%m-%d %H:%M}" if at else "–"


def duration(seconds: float) -> str:
    """Write seconds as people say them: `0.3 s`, `42 s`, `2m 05s`, `7h 59m`, `3d 4h`."""
    if seconds < 10:
        return f"{max(0.0, seconds):.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60}m {whole % 60:02d}s"
    if whole < 86400:
        return f"{whole // 3600}h {whole % 3600 // 60:02d}m"
    return f"{whole // 86400}d {whole % 86400 // 3600}h"


def took(began: Any, ended: Any, now: datetime) -> str:
    """Write how long something took, or takes until now; empty when it has not begun."""
    start = moment(began)
    if start is None:
        return ""
    return duration(((moment(ended) or now) - start).total_seconds())
