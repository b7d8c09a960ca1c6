"""Where may personal data be in a database, and who can reach it?"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import typer

from fairlead.cli import terminal
from fairlead.cli.database.asked import Json, Url, UrlFile, address
from fairlead.cli.exits import Exit
from fairlead.cli.harmless import line

if TYPE_CHECKING:
    from rich.console import RenderableType


def inventory(url: Url = "", url_file: UrlFile = None, as_json: Json = False) -> None:
    """Tell every column that may hold personal data, why, and who can reach it."""
    from fairlead.privacy.declaration import Declaration
    from fairlead.privacy.report import columns
    from fairlead.providers.databases import personal_data

    found = personal_data.inventory(address(url, url_file))
    told = columns(found, Declaration())
    if as_json:
        data = {"database": found.database, "columns": told, "unknown": [*found.gaps]}
        terminal.tell_json(data)
    else:
        terminal.draw(picture(told, found.database))
    for gap in found.gaps:
        terminal.warn(gap)
    if found.gaps:
        raise typer.Exit(Exit.NO_ANSWER)


def picture(told: Sequence[Mapping[str, Any]], database: str) -> "RenderableType":
    """Draw the columns, one a row."""
    from rich.table import Table
    from rich.text import Text

    if not told:
        return Text(line(f"nothing in {database} looks like personal data"))
    table = Table(box=None, header_style="dim", padding=(0, 1), pad_edge=False)
    for title in ("column", "may be", "reachable by"):
        table.add_column(title, overflow="fold")
    for one in told:
        why = "\n".join(f"{each['kind']}: {each['reason']}" for each in one["suspected"])
        reach = ", ".join(one["reachable"])
        name = Text(line(one["column"])).append(f"\n{line(one['type'])}", "dim")
        open_to = Text(reach or "nobody public", style="bold red" if reach else "dim")
        table.add_row(name, Text(why), open_to)
    return table
