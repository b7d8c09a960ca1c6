"""Which migrations does a database have, and which not yet?"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fairlead.cli import terminal
from fairlead.cli.database import asked
from fairlead.cli.harmless import line

if TYPE_CHECKING:
    from rich.console import RenderableType

    from fairlead.migrations.file import MigrationFile
    from fairlead.migrations.ledger import Ledger
    from fairlead.migrations.order import Plan

_STYLE = {"applied": "green", "pending": "yellow", "begun": "bold red", "not in the folder": "red"}

_NOT_COMPARED = (
    "the last change was not seen to come to the shape that was rehearsed: the next `fairlead db "
    "migrate` compares it before anything else"
)


def status(
    url: asked.Url = "", folder: asked.Folder = asked.FOLDER, as_json: asked.Json = False
) -> None:
    """Tell which migrations a database has, and what stands in the way of the others."""
    from fairlead.migrations.order import plan

    files = asked.migrations(folder)
    ledger = asked.database(url).ledger()
    told = as_data(files, ledger, plan(files, ledger))
    if as_json:
        terminal.tell_json(told)
    else:
        terminal.draw(picture(told))


def as_data(files: "tuple[MigrationFile, ...]", ledger: "Ledger", todo: "Plan") -> dict[str, Any]:
    """Return every migration that the folder or the database knows, and its state."""
    begun = {one.file.version: one for one in todo.pending if ledger.begun(one.file.version)}
    known = [
        {
            "version": file.version,
            "name": file.name,
            "state": "applied"
            if file.version in ledger.applied
            else "begun"
            if file.version in begun
            else "pending",
            "statements": len(file.statements),
            "statements_done": begun[file.version].done if file.version in begun else None,
            "down_file": file.down is not None,
        }
        for file in files
    ]
    lost = [
        {
            "version": version,
            "name": row.name,
            "state": "not in the folder",
            "statements": len(row.texts or ()),
            "statements_done": None,
            "down_file": False,
        }
        for version, row in ledger.applied.items()
        if version not in {file.version for file in files}
    ]
    migrations = sorted(known + lost, key=lambda one: str(one["version"]))
    unknown = [*todo.unknown, *([_NOT_COMPARED] if ledger.due else [])]
    return {"migrations": migrations, "problems": [*todo.problems], "unknown": unknown}


def picture(told: Mapping[str, Any]) -> "RenderableType":
    """Draw the migrations, one a line, and what stands in the way."""
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    if not told["migrations"]:
        return Text("there are no migrations, neither in the folder nor in the database")
    table = Table(box=None, header_style="dim", padding=(0, 1), pad_edge=False)
    for title in ("version", "name", "state"):
        table.add_column(title, overflow="fold")
    for one in told["migrations"]:
        state = str(one["state"])
        done = f", {one['statements_done']} of {one['statements']} statements done"
        table.add_row(
            Text(line(one["version"])),
            Text(line(one["name"])),
            Text(state + (done if state == "begun" else ""), style=_STYLE[state]),
        )
    return Group(
        table,
        *(Text(line(problem), style="red") for problem in told["problems"]),
        *(Text(line(sentence), style="yellow") for sentence in told["unknown"]),
    )
