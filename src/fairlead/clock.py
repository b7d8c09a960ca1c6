"""What time is it? The one place that asks; thinking rooms receive `now`."""

from datetime import UTC, datetime


def utc_now() -> datetime:
    """Return the present moment with its time zone, UTC."""
    return datetime.now(UTC)
