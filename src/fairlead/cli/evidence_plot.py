"""How does evidence over time look, on a logarithmic scale, with the line at which it is enough?"""

from collections.abc import Sequence
from html import escape
from math import ceil, floor, log10

from fairlead.cli.clock_face import duration
from fairlead.cli.harmless import line
from fairlead.cli.looks import Judged, Look
from fairlead.cli.watch.sparkline import BARS

WIDTH, HEIGHT = 60, 8
# Evidence against the claim says no more than "no" below this; far beyond the line all is said.
LEAST, BEYOND = -1.0, 2.0
DASH = "┄"
# The SVG in pixels: one plot's size, and what is left free around its axes.
WIDE, HIGH = 640, 300
LEFT, RIGHT, TOP, BOTTOM = 64, 24, 40, 48


def drawn(judged: Judged) -> list[str]:
    """Return the plot as lines of text: a bar for each stretch of time, a dash where the line is.

    Of the looks in one stretch the largest value counts.
    """
    enough, top = _scale(judged)
    columns = [(v - LEAST) / (top - LEAST) * HEIGHT for v in _columns(judged.looks, top)]
    at_line = HEIGHT - 1 - floor((enough - LEAST) / (top - LEAST) * HEIGHT)
    at_one = HEIGHT - 1 - floor(-LEAST / (top - LEAST) * HEIGHT)
    labels = {at_one: "1", at_line: f"{1 / judged.alpha:,.0f}"}
    found = []
    for row in range(HEIGHT):
        floor_of_row = HEIGHT - 1 - row
        empty = DASH if row == at_line else " "
        bars = "".join(_cell(column - floor_of_row, empty) for column in columns)
        found.append(f"{labels.get(row, ''):>9} │{bars}".rstrip())
    return [*found, f"{'':>9} └{'─' * len(columns)} {duration(_seconds(judged.looks))}"]


def svg(run: str, every: Sequence[Judged]) -> str:
    """Return the plots of a run as one SVG, one below the other; all text is escaped."""
    high = HIGH * len(every)
    plots = [
        f'<g transform="translate(0 {number * HIGH})">\n{_plot(run, judged)}\n</g>'
        for number, judged in enumerate(every)
    ]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {high}" width="{WIDE}" '
            f'height="{high}" font-family="sans-serif" font-size="12">',
            f'<rect width="{WIDE}" height="{high}" fill="white"/>',
            *plots,
            "</svg>\n",
        ]
    )


def _plot(run: str, judged: Judged) -> str:
    enough, top = _scale(judged)
    seconds = _seconds(judged.looks)
    right, bottom = WIDE - RIGHT, HIGH - BOTTOM

    def across(look: Look) -> float:
        passed = (look.at - judged.looks[0].at).total_seconds()
        return LEFT + (right - LEFT) * (passed / seconds if seconds else 0.0)

    def up(value: float) -> float:
        return bottom - (bottom - TOP) * (value - LEAST) / (top - LEAST)

    title = f"Run {run}, {judged.environment}: evidence that the release is worse"
    points = " ".join(f"{across(look):.1f},{up(_log(look, top)):.1f}" for look in judged.looks)
    step = max(1, ceil((top - LEAST) / 8))
    marks = [_text(LEFT - 8, up(p) + 4, "end", _power(p)) for p in range(0, floor(top) + 1, step)]
    return "\n".join(
        [
            _text(WIDE / 2, 20, "middle", title),
            f'<path d="M{LEFT} {TOP}V{bottom}H{right}" fill="none" stroke="black"/>',
            *marks,
            _text(LEFT, bottom + 18, "middle", "0 s"),
            _text(right, bottom + 18, "end", duration(seconds)),
            _text(WIDE / 2, bottom + 36, "middle", "time since the first look"),
            f'<path d="M{LEFT} {up(enough):.1f}H{right}" stroke="#b00" stroke-dasharray="6 4"/>',
            _text(LEFT + 8, up(enough) - 6, "start", f"enough: {1 / judged.alpha:,.0f} to 1"),
            f'<polyline points="{points}" fill="none" stroke="#05a" stroke-width="2"/>',
        ]
    )


def _text(x: float, y: float, anchor: str, told: str) -> str:
    where = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"'
    return f"<text {where}>{escape(line(told))}</text>"


def _power(exponent: int) -> str:
    return f"{10**exponent:,}" if exponent < 5 else f"1e{exponent}"


def _scale(judged: Judged) -> tuple[float, float]:
    """Return where the line is and where the plot ends, as powers of ten."""
    enough = -log10(judged.alpha)
    highest = max(log10(max(look.value, 1e-9)) for look in judged.looks)
    return enough, min(enough + BEYOND, max(enough * 1.2, highest))


def _log(look: Look, top: float) -> float:
    return min(top, max(LEAST, log10(max(look.value, 1e-9))))


def _columns(looks: Sequence[Look], top: float) -> list[float]:
    seconds, began = _seconds(looks), looks[0].at
    columns: list[float | None] = [None] * WIDTH
    for look in looks:
        passed = (look.at - began).total_seconds()
        at = min(WIDTH - 1, int(passed / seconds * WIDTH)) if seconds else 0
        so_far, value = columns[at], _log(look, top)
        columns[at] = value if so_far is None else max(so_far, value)
    # Between two looks nothing was learnt: the older one stands.
    found, before = [], LEAST
    for column in columns:
        before = before if column is None else column
        found.append(before)
    return found


def _cell(height: float, empty: str) -> str:
    if height >= 1:
        return BARS[-1]
    eighths = round(height * len(BARS))
    return BARS[eighths - 1] if eighths > 0 else empty


def _seconds(looks: Sequence[Look]) -> float:
    return (looks[-1].at - looks[0].at).total_seconds()
