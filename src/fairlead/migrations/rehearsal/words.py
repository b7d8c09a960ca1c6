"""How is a figure told that holds to about a factor of two?"""

from fairlead.migrations.rehearsal.prediction import Interval


def figure(value: float) -> str:
    """Return a figure with two digits or so."""
    if value >= 10:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 1 else f"{value:.2f}"


def between(interval: Interval) -> str:
    """Return both ends of an interval."""
    return f"{figure(interval.low)} to {figure(interval.high)}"


def seconds(value: float) -> str:
    """Return a time, in milliseconds when it is below a second."""
    return f"{value * 1000:.0f} ms" if value < 1 else f"{figure(value)} s"
