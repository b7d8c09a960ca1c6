"""How do numbers look as a line of little bars?"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

BARS = "▁▂▃▄▅▆▇█"
GAP = "·"


@dataclass(frozen=True, slots=True)
class Window:
    """What a release did in one window, all components together; None where nothing was asked."""

    error_rate: float | None
    mean_ms: float | None


def sparkline(values: Sequence[float | None], top: float) -> str:
    """Draw one bar a value, `top` and more being full; what was not measured is a gap, not zero."""
    return "".join(GAP if value is None else BARS[_height(value, top)] for value in values)


def share_bar(percent: float, width: int) -> str:
    """Draw a share as a bar of `width` signs; some traffic is never drawn as none."""
    full = round(width * min(max(percent, 0.0), 100.0) / 100)
    if 0 < percent < 100:
        full = min(max(full, 1), width - 1)
    return "█" * full + "░" * (width - full)


def windows(measured: Iterable[Mapping[str, Any]], release: str) -> list[Window]:
    """Add the components of each window of a release up, oldest first."""
    of_window: dict[tuple[str, str], list[Mapping[str, Any]]] = defaultdict(list)
    for one in measured:
        if one["release"] == release:
            of_window[str(one["began"]), str(one["ended"])].append(one)
    return [_added(of_window[key]) for key in sorted(of_window)]


def _added(parts: list[Mapping[str, Any]]) -> Window:
    requests = sum(int(part["requests"]) for part in parts)
    if requests <= 0:
        return Window(None, None)
    errors = sum(int(part["errors"]) for part in parts)
    return Window(errors / requests, sum(float(part["total_ms"]) for part in parts) / requests)


def _height(value: float, top: float) -> int:
    last = len(BARS) - 1
    if top <= 0 or value <= 0:
        return 0
    if value >= top:
        return last
    # What is not zero is not drawn like zero.
    return max(1, round(value / top * last))
