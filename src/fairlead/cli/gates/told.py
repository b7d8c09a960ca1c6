"""How are gates that run, and that ran, shown to a person?"""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from fairlead.cli.harmless import line

if TYPE_CHECKING:
    from rich.console import RenderableType

    from fairlead.cli.gates.results import Result

    Shown = Callable[[Result], Result]

_MARKS = {"passed": ("✓", "green"), "failed": ("✗", "bold red"), "unknown": ("?", "magenta")}
_LAST_LINES, _LAST_BYTES = 12, 16 * 1024


def read(report: Path) -> tuple[str, str]:
    """Return what a judged gate came to, and its sentence; both empty without a whole report."""
    try:
        found = json.loads(report.read_text("utf-8"))
        return str(found.get("judged", "unknown")), str(found["because"])
    except (OSError, ValueError, KeyError, AttributeError):
        return "", ""


def picture(results: "Sequence[Result]", wall_s: float) -> "RenderableType":
    """Draw a line a gate, the last output of those that did not pass, and the sum."""
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, show_header=False, padding=(0, 1), pad_edge=False)
    table.add_column(width=1)
    table.add_column(no_wrap=True)
    table.add_column(justify="right", no_wrap=True)
    table.add_column(overflow="fold")
    for one in results:
        mark, style = _MARKS[one.status]
        took = Text(f"{one.took_s:.1f} s", style="dim")
        table.add_row(Text(mark, style=style), Text(one.gate), took, Text(line(one.because)))
    parts: list[RenderableType] = [table]
    for one in results:
        if one.status != "passed" and (last := _last_lines(Path(one.log))):
            parts += [Text(f"\n{one.gate}, the end of {one.log}:", style="bold"), Text(last)]
    return Group(*parts, Text(f"\n{_sum(results)} in {wall_s:.1f} s", style="bold"))


def _sum(results: "Sequence[Result]") -> str:
    count = {status: sum(one.status == status for one in results) for status in _MARKS}
    return ", ".join(f"{number} {status}" for status, number in count.items() if number)


def _last_lines(log: Path) -> str:
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - _LAST_BYTES))
        text = file.read().decode("utf-8", "replace")
    return "\n".join(line(each) for each in text.splitlines()[-_LAST_LINES:])


@contextmanager
def live(names: "Sequence[str]") -> "Iterator[Shown]":
    """Show which gates still run; give a function that hears of each that ended."""
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, transient=True) as progress:
        tasks = {name: progress.add_task(name, total=1) for name in names}

        def shown(result: "Result") -> "Result":
            progress.update(tasks[result.gate], completed=1, visible=False)
            return result

        yield shown
