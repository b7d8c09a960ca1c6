"""How did a release perform while it was monitored? A bar a window, beside the limits."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from fairlead.cli.clock_face import duration
from fairlead.cli.harmless import line
from fairlead.cli.watch.sparkline import sparkline


def plot(told: Mapping[str, Any]) -> list[str]:
    """Return a report as lines: its sentence, then errors and mean; a gap where nothing is known.

    A bar is full at the limit, or at the worst window where that is more.
    """
    windows, limits = told["windows"], told["limits"]
    rates, means = [w["error_rate"] for w in windows], [w["mean_ms"] for w in windows]
    lasted = duration(sum(float(w["seconds"]) for w in windows))
    return [
        f"performance over {lasted}: {line(told['because'])}",
        _course("errors", rates, limits["error_rate"], _percent),
        _course("mean", means, limits["mean_ms"], _milliseconds),
    ]


def _course(
    title: str, values: Sequence[float | None], limit: float, written: Callable[[float], str]
) -> str:
    known = [value for value in values if value is not None]
    bars = sparkline(values, max([limit, *known]))
    worst = f"{written(max(known))} at worst" if known else "not known"
    return f"  {title:<6}  {bars}  {worst}, limit {written(limit)}"


def _percent(value: float) -> str:
    return f"{value:.2%}"


def _milliseconds(value: float) -> str:
    return f"{value:.0f} ms"
