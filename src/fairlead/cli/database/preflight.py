"""Is anything in the way of a migration, in a live database, now?"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fairlead.cli import terminal
from fairlead.cli.database.asked import FOLDER, Folder, Json, Url, address, migrations
from fairlead.cli.exits import Exit
from fairlead.cli.harmless import line

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

    from fairlead.migrations.preflight.looked import Looked

LARGEST_SHOWN = 10
_STYLE = {"error": "bold red", "unknown": "magenta", "warning": "yellow", "note": "dim"}
_KINDS = {"r": "table", "p": "partitioned table", "m": "materialised view"}

Tables = Annotated[
    str,
    typer.Option(
        "--tables",
        help="The relations to be changed, as SQL names them, by commas; without it every one.",
        show_default=False,
    ),
]


def preflight(
    url: Url = "", folder: Folder = FOLDER, tables: Tables = "", as_json: Json = False
) -> None:
    """Tell what would be in the way of a migration now; reads only, and waits for nobody."""
    from fairlead.migrations.identifier import names
    from fairlead.providers.databases.address import read
    from fairlead.providers.databases.preflight import look

    where = read(address(url))
    files = migrations(folder) if folder.exists() or folder != FOLDER else None
    told = as_data(look(where, names(tables) if tables else (), files), where.shown)
    if as_json:
        terminal.tell_json(told)
    else:
        terminal.draw(picture(told))
    if told["in_the_way"]:
        raise typer.Exit(Exit.RUN_FAILED)


def as_data(looked: "Looked", shown: str) -> dict[str, Any]:
    """Return everything that was found as plain data; sizes in bytes, the largest first."""
    from fairlead.migrations.preflight import horizon, judge, room

    found = judge.findings(looked)
    oldest, sized = horizon.oldest_xmin(looked), room.sizes(looked)
    stops = len(judge.in_the_way(found))
    return {
        "database": shown,
        "server_version": looked.server.version,
        "in_the_way": stops,
        "sentence": _summary(shown, stops, len(found)),
        "to_be_changed": (
            None
            if looked.changed is None
            else sorted(looked.place(relation) for relation in looked.changed)
        ),
        "findings": [asdict(finding) for finding in found],
        "oldest_xmin": asdict(oldest) if oldest else None,
        "transaction_age": looked.server.xid_age,
        "freeze_max_age": looked.server.freeze_max_age,
        "free_bytes": looked.free_bytes,
        "needed_bytes": room.need(looked, sized),
        "relations": [
            {
                "place": one.relation.place,
                "kind": _KINDS[one.relation.kind],
                "partition_of": one.relation.parent and looked.place(one.relation.parent),
                "bytes": one.size.bytes,
                "exact": one.size.exact,
            }
            for one in sized
        ],
    }


def _summary(shown: str, in_the_way: int, found: int) -> str:
    if in_the_way:
        things = "1 thing is" if in_the_way == 1 else f"{in_the_way} things are"
        return f"{things} in the way of a migration of {shown} now"
    also = "; read the rest below" if found else ""
    return f"nothing is in the way of a migration of {shown} now{also}"


def picture(told: Mapping[str, Any]) -> "RenderableType":
    """Draw the findings, what to do about each, and the largest relations."""
    from rich.console import Group
    from rich.text import Text

    style = "bold red" if told["in_the_way"] else "green"
    parts: list[RenderableType] = [Text(line(told["sentence"]), style=style)]
    if told["findings"]:
        parts += [Text(), _findings(told["findings"])]
    if told["relations"]:
        parts += [Text(), _relations(told["relations"])]
    return Group(*parts)


def _findings(found: Sequence[Mapping[str, Any]]) -> "Table":
    from rich.text import Text

    table = _table("", "where", "what, and what to do")
    for one in found:
        what = Text(line(one["sentence"])).append(f"\n→ {line(one['remedy'])}", "dim")
        severity = Text(one["severity"], style=_STYLE[one["severity"]])
        table.add_row(severity, Text(line(one["place"])), what)
    table.columns[1].max_width = 24
    return table


def _relations(relations: Sequence[Mapping[str, Any]]) -> "Table":
    from rich.text import Text

    from fairlead.migrations.preflight.words import size

    table = _table("size", "largest", "kind")
    for one in relations[:LARGEST_SHOWN]:
        about = "" if one["exact"] else "~"
        bytes_ = "not known" if one["bytes"] is None else about + size(one["bytes"])
        table.add_row(bytes_, Text(line(one["place"])), one["kind"])
    if len(relations) > LARGEST_SHOWN:
        table.add_row("", Text(f"and {len(relations) - LARGEST_SHOWN} more", style="dim"), "")
    return table


def _table(*titles: str) -> "Table":
    from rich.table import Table

    table = Table(box=None, header_style="dim", padding=(0, 1), pad_edge=False)
    for title in titles:
        table.add_column(title, overflow="fold")
    return table
