"""Which backups are there, and which of them are proven?"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from fairlead.cli import terminal
from fairlead.cli.backup import asked
from fairlead.cli.database.asked import Json
from fairlead.cli.harmless import line

if TYPE_CHECKING:
    from rich.console import RenderableType


def listing(folder: asked.Folder = asked.FOLDER, as_json: Json = False) -> None:
    """Tell which backups there are, the newest first, and which are proven; needs no key."""
    from fairlead.providers.databases.backups.keep import Keep

    found = Keep(folder).listed()
    told = [asked.as_data(one) for one in found.backups]
    if as_json:
        terminal.tell_json({"backups": told, "problems": [*found.problems]})
        return
    terminal.draw(picture(told))
    for problem in found.problems:
        terminal.warn(problem)


def picture(told: Sequence[dict[str, Any]]) -> "RenderableType":
    """Draw the backups, one a line."""
    from rich.table import Table
    from rich.text import Text

    from fairlead.migrations.preflight.words import size

    if not told:
        return Text("there are no backups")
    table = Table(box=None, header_style="dim", padding=(0, 1), pad_edge=False)
    for title in ("backup", "database", "rows", "size", "state"):
        table.add_column(title, overflow="fold")
    for one in told:
        state = "proven" if one["proven"] else "not proven"
        table.add_row(
            Text(line(one["name"])),
            Text(line(one["database"])),
            f"{one['rows']:,}",
            size(one["bytes"]),
            Text(
                state + (", encrypted" if one["encrypted"] else ""),
                style="green" if one["proven"] else "yellow",
            ),
        )
    return table
