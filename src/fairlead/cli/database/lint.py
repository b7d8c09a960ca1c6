"""What does a linter say of migration files? It is advice: what it finds stops nothing."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fairlead.cli import terminal
from fairlead.cli.database import asked
from fairlead.cli.exits import Exit
from fairlead.cli.harmless import line
from fairlead.errors import Refused

if TYPE_CHECKING:
    from rich.console import RenderableType

    from fairlead.gates.finding import Scan
    from fairlead.migrations.file import MigrationFile
    from fairlead.migrations.order import Plan
    from fairlead.providers.databases.migrations import PostgresMigrations

_STDOUT = "-"

Every = Annotated[bool, typer.Option("--all", help="Also the files that were applied already.")]
SarifTo = Annotated[
    str,
    typer.Option("--sarif", help="File for SARIF 2.1.0; - is stdout.", show_default=False),
]


def lint(
    *,
    url: asked.Url = "",
    folder: asked.Folder = asked.FOLDER,
    every: Every = False,
    sarif: SarifTo = "",
    as_json: asked.Json = False,
) -> None:
    """Tell what squawk says of the pending migrations, or of every one when no database is named.

    It is advice: remarks end with 0; that squawk could not judge ends with 4.
    """
    from fairlead.gates.sarif import log
    from fairlead.providers.scanners import squawk

    if as_json and sarif == _STDOUT:
        raise Refused("--json and --sarif - both want stdout: name a file for --sarif")
    files, major = _meant(url, folder, every=every)
    scan = squawk.scan(files, folder, major)
    if sarif:
        _write(sarif, json.dumps(log([scan]), indent=2))
    told = as_data(scan, files)
    if as_json:
        terminal.tell_json(told)
    elif sarif != _STDOUT:
        terminal.draw(picture(told))
    if scan.unknown:
        terminal.warn(scan.unknown)
        raise typer.Exit(Exit.NO_ANSWER)


def advice(todo: "Plan", folder: Path, database: "PostgresMigrations") -> str:
    """Return in a sentence what squawk says of the pending files; empty when nothing is pending."""
    from fairlead.providers.scanners import squawk

    if not todo.pending:
        return ""
    scan = squawk.scan([one.file for one in todo.pending], folder, database.major())
    if scan.unknown:
        return f"lint is unknown: {scan.unknown}"
    if scan.is_clean:
        return "squawk has no remarks"
    return f"squawk has {_remarks(len(scan.counted))}: `fairlead db lint` tells them"


def _meant(
    url: str, folder: Path, *, every: bool
) -> "tuple[tuple[MigrationFile, ...], int | None]":
    """Return the files to be looked at, and the PostgreSQL version when a database was named."""
    files = asked.migrations(folder)
    if not asked.is_named(url):
        return files, None
    database = asked.database(url)
    applied = {} if every else database.ledger().applied
    return tuple(file for file in files if file.version not in applied), database.major()


def _write(to: str, told: str) -> None:
    if to == _STDOUT:
        typer.echo(told)
        return
    try:
        Path(to).write_text(f"{told}\n", "utf-8")
    except OSError as error:
        raise Refused(f"--sarif {to} cannot be written: {error.strerror}: name another") from error


def as_data(scan: "Scan", files: "Sequence[MigrationFile]") -> dict[str, Any]:
    """Return what was said of which files as plain data; `unknown` says why nothing is known."""
    return {
        "tool": scan.tool,
        "version": scan.version,
        "unknown": scan.unknown,
        "files": [file.path for file in files],
        "remarks": [
            {
                **(asdict(one.place) if one.place else {}),
                "rule": one.rule,
                "level": one.severity.level.value,
                "sentence": one.sentence,
                "help": one.help,
                "dismissed": one.dismissed,
            }
            for one in scan.findings
        ],
    }


def picture(told: Mapping[str, Any]) -> "RenderableType":
    """Draw every remark that counts with its place and what one could do."""
    from rich.console import Group
    from rich.text import Text

    lines: list[Text] = []
    for one in told["remarks"]:
        if not one["dismissed"]:
            place = f"{one['file']}:{one['line']}: "
            lines.append(Text(line(place)).append(one["rule"], "yellow"))
            lines.append(Text(f"  {line(one['sentence'])}"))
            lines.extend([Text(f"  → {line(one['help'])}", style="dim")] if one["help"] else [])
    return Group(*lines, Text(_summary(told), style="magenta" if told["unknown"] else "bold"))


def _summary(told: Mapping[str, Any]) -> str:
    if told["unknown"]:
        return "unknown: nothing was judged"
    if not told["files"]:
        return "nothing is pending, so nothing was looked at"
    dismissed = [one for one in told["remarks"] if one["dismissed"]]
    count, files = len(told["remarks"]) - len(dismissed), len(told["files"])
    where = "1 file" if files == 1 else f"{files} files"
    why = dict.fromkeys(f"{one['rule']}: {line(one['dismissed'])}" for one in dismissed)
    left_out = f"; left out {len(dismissed)} of {', '.join(why)}" if dismissed else ""
    return f"squawk has {_remarks(count)} on {where}{left_out}"


def _remarks(count: int) -> str:
    return "1 remark" if count == 1 else f"{count or 'no'} remarks"
