"""Which stages are done, under way and to come, and what does each say?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rich.table import Table
from rich.text import Text

from fairlead.cli.clock_face import took
from fairlead.cli.harmless import line

MARKS = {
    "pending": ("·", "dim"),
    "running": ("●", "cyan"),
    "passed": ("✓", "green"),
    "failed": ("✗", "bold red"),
    "unknown": ("?", "magenta"),
    "skipped": ("–", "dim"),
}
NAME_WIDTH = 24
# Beside a few stages already passed, one sees the rest sooner than all of them.
FEWEST_FOLDED = 2


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the list."""

    status: str
    name: str
    took: str = ""
    because: str = ""


def rows(run: Mapping[str, Any], now: datetime) -> list[Row]:
    """Return a row a stage; gates stand under the stage that is under way or failed."""
    told: list[Row] = []
    for stage in run["stages"]:
        told.append(_row(stage, str(stage["name"]), now))
        if stage["status"] in ("running", "failed"):
            mine = [gate for gate in run["gates"] if gate["stage"] == stage["index"]]
            told.extend(_row(gate, f"  {gate['gate']}", now) for gate in mine)
    return told


def folded(told: Sequence[Row], room: int) -> list[Row]:
    """Fold what has passed first, then what is to come, until the rows fit into `room`."""
    rest = [*told]
    for status, words in (("passed", "stages passed"), ("pending", "stages to come")):
        if len(rest) <= room:
            break
        rest = _fold(rest, status, words)
    return rest


def stage_list(told: Sequence[Row]) -> Table:
    """Draw the rows; a sentence is cut to one line unless its stage is under way or failed."""
    grid = Table.grid(padding=(0, 1), expand=True)
    grid.add_column(width=1)
    grid.add_column(width=NAME_WIDTH, no_wrap=True, overflow="ellipsis")
    grid.add_column(width=7, justify="right", no_wrap=True)
    grid.add_column(ratio=1)
    for row in told:
        mark, style = MARKS.get(row.status, ("?", "yellow"))
        open_now = row.status in ("running", "failed", "unknown")
        sentence = Text(
            row.because,
            style="" if open_now else "dim",
            no_wrap=not open_now,
            overflow="fold" if open_now else "ellipsis",
        )
        name = Text(row.name, style="bold" if row.status == "running" else "")
        grid.add_row(Text(mark, style=style), name, Text(row.took, style="dim"), sentence)
    return grid


def _row(thing: Mapping[str, Any], name: str, now: datetime) -> Row:
    indent = "  " if name.startswith("  ") else ""
    return Row(
        status=str(thing["status"]),
        name=indent + line(name.strip()),
        took=took(thing["started_at"], thing["finished_at"], now),
        because=line(thing["because"] or ""),
    )


def _fold(told: list[Row], status: str, words: str) -> list[Row]:
    mine = [i for i, row in enumerate(told) if row.status == status and row.name[:1] != " "]
    if len(mine) < FEWEST_FOLDED:
        return told
    one = Row(status, f"{len(mine)} {words}")
    rest = [row for i, row in enumerate(told) if i not in mine]
    return [one, *rest] if status == "passed" else [*rest, one]
