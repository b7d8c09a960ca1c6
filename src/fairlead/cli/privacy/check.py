"""Is the personal data of an app held as it is declared, and as the GDPR asks?"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fairlead.cli import terminal
from fairlead.cli.database.asked import Json, Url, UrlFile, address
from fairlead.cli.exits import Exit
from fairlead.cli.harmless import line
from fairlead.cli.privacy import files

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

DeclarationFile = Annotated[
    Path, typer.Option("--declaration", help="File that declares the personal data.")
]
Functions = Annotated[Path, typer.Option("--functions", help="Folder of the edge functions.")]
Logs = Annotated[
    list[Path] | None,
    typer.Option("--logs", help="A log to look at; may be said again.", show_default=False),
]
JsonTo = Annotated[
    Path | None,
    typer.Option("--report", help="Also write the report there, as JSON.", show_default=False),
]
MarkdownTo = Annotated[
    Path | None,
    typer.Option("--markdown", help="Also write the report there, to read.", show_default=False),
]
SarifTo = Annotated[
    Path | None,
    typer.Option("--sarif", help="Also write the findings as SARIF 2.1.0.", show_default=False),
]
DECLARATION = Path("privacy.yaml")


def check(  # noqa: PLR0913 - one argument an option
    *,
    url: Url = "",
    url_file: UrlFile = None,
    declaration: DeclarationFile = DECLARATION,
    functions: Functions = files.FUNCTIONS,
    logs: Logs = None,
    report: JsonTo = None,
    markdown: MarkdownTo = None,
    sarif: SarifTo = None,
    as_json: Json = False,
) -> None:
    """Tell what is not as the GDPR asks; a failure ends with 1, what is not known with 4."""
    from fairlead.gates import personal_data as told_as_findings
    from fairlead.gates.sarif import log
    from fairlead.privacy import report as told_as
    from fairlead.privacy.failing import Beside
    from fairlead.privacy.page import markdown as page
    from fairlead.privacy.rules import judge
    from fairlead.providers.databases import personal_data

    where = address(url, url_file)
    declared = files.declaration(declaration)
    beside = Beside(files.edge_functions(functions), files.logs(logs or []))
    found = personal_data.inventory(where)
    judged = judge(found, declared, beside)
    told = told_as.report(found, declared, beside, judged)
    files.write(report, json.dumps(told, indent=2) + "\n")
    files.write(markdown, page(told))
    files.write(sarif, json.dumps(log([told_as_findings.scan(judged)]), indent=2) + "\n")
    if as_json:
        terminal.tell_json(told)
    else:
        terminal.draw(picture(told))
    if judged.failures:
        raise typer.Exit(Exit.RUN_FAILED)
    if judged.unknown:
        raise typer.Exit(Exit.NO_ANSWER)


def picture(told: Mapping[str, Any]) -> "RenderableType":
    """Draw what came of it, each failure with what mends it, and what is not known."""
    from rich.console import Group
    from rich.text import Text

    style = {"failed": "bold red", "unknown": "magenta", "passed": "green"}[told["verdict"]]
    parts: list[RenderableType] = [Text(line(told["sentence"]), style=style)]
    if told["failures"] or told["notes"]:
        parts += [Text(), _findings([*told["failures"], *told["notes"]])]
    if told["unknown"]:
        parts += [Text(), *(Text(f"not known: {line(one)}", "magenta") for one in told["unknown"])]
    return Group(*parts)


def _findings(found: Sequence[Mapping[str, Any]]) -> "Table":
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, header_style="dim", padding=(0, 1), pad_edge=False)
    table.add_column("")
    table.add_column("what, and what to do", overflow="fold")
    for one in found:
        what = Text(line(one["sentence"])).append(f"\n→ {line(one['remedy'])}", "dim")
        rule = str(one["rule"])
        table.add_row(Text(rule, style="dim" if rule == "gone" else "bold red"), what)
    return table
