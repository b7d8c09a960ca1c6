"""How do an environment's numbers and its health look, 80 columns wide?"""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from fairlead.cli.harmless import line
from fairlead.cli.watch.sparkline import share_bar, sparkline

BAR_WIDTH = 30
UNKNOWN = "not known"
# The bars of failed requests are full at so many percent, or at the worst there were.
FULL_ERRORS = 5.0
_STYLE = {"HEALTHY": "green", "UNKNOWN": "yellow", "UNHEALTHY": "bold red"}


def metrics_picture(told: Mapping[str, Any]) -> RenderableType:
    """Draw what was measured, each number with its course; what is UNKNOWN is said."""
    course: Sequence[Mapping[str, Any]] = told["course"]
    grid = Table.grid(padding=(0, 2))
    for title, key, written in (
        ("requests", "requests_per_second", _a_second),
        ("failed", "error_rate", _percent),
        ("average", "avg_response_time", _ms),
    ):
        values = [one[key] for one in course]
        top = max((value for value in values if value is not None), default=0.0)
        full = max(top, FULL_ERRORS) if key == "error_rate" else top
        bars = Text(sparkline(values, full), style="cyan")
        grid.add_row(Text(title, style="dim"), Text(written(told[key])), bars)
    for title in ("p50", "p95", "p99"):
        grid.add_row(Text(title, style="dim"), Text(_ms(told[title])))
    of = f", release {line(told['release'])}" if told["release"] else ""
    head = Text(f"{line(told['environment'])} of {line(told['app'])}{of}", style="bold")
    head.append(f"  the last {line(told['time_window'])}", style="dim")
    return Group(head, grid, Text(_rests_on(told), style=_style_of(told)))


def health_picture(told: Mapping[str, Any]) -> RenderableType:
    """Draw the score with its bar, a line for every part, and what costs most."""
    verdict, score = str(told["verdict"]), told["health_score"]
    style = _STYLE.get(verdict, "")
    head = Text(f"{line(told['environment'])} of {line(told['app'])}  ", style="bold")
    if score is None:
        head.append(UNKNOWN, style=style)
    else:
        head.append(f"{share_bar(score, BAR_WIDTH)} {_points(score)} of 100", style=style)
    head.append(f"  {line(verdict)}", style=style)
    table = Table(box=None, header_style="dim", padding=(0, 1), pad_edge=False)
    for title, right in (("part", False), ("points", True), ("cost", True), ("why", False)):
        table.add_column(title, justify="right" if right else "left", overflow="fold")
    for part in told["parts"]:
        table.add_row(*_part(part))
    return Group(head, table, Text(line(told["because"]), style=style))


def _part(part: Mapping[str, Any]) -> list[Text]:
    name, because = line(part["name"]).replace("_", " "), Text(line(part["because"]))
    if part["score"] is None:
        absent = not part["weight"]
        points = Text("–" if absent else UNKNOWN, style="dim" if absent else "yellow")
        return [Text(name), points, Text("–", style="dim"), because]
    cost = Text(f"{part['cost']:.1f} of {part['weight']:g}", style="red" if part["cost"] else "dim")
    return [Text(name), Text(_points(part["score"])), cost, because]


def _rests_on(told: Mapping[str, Any]) -> str:
    age = told["newest_sample_age_s"]
    fresh = "" if age is None or told["error_rate"] is None else f", the newest {age:.0f} s old"
    return f"{line(told['because'])}{fresh}"


def _style_of(told: Mapping[str, Any]) -> str:
    return "yellow" if told["error_rate"] is None else "dim"


def _points(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _a_second(value: float | None) -> str:
    return UNKNOWN if value is None else f"{value:,.1f} a second"


def _percent(value: float | None) -> str:
    return UNKNOWN if value is None else f"{value:.2f}%"


def _ms(value: float | None) -> str:
    if value is None:
        return UNKNOWN
    return f"{value:.1f} ms" if value < 10 else f"{value:,.0f} ms"
