"""What would the pending migrations cost, tried on a copy of the database?"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from fairlead.cli import report_file, terminal
from fairlead.cli.database import asked
from fairlead.cli.database.rehearsal_told import as_data, picture
from fairlead.cli.exits import Exit
from fairlead.cli.harmless import line

if TYPE_CHECKING:
    from fairlead.providers.databases.rehearsing import Tell

Budget = Annotated[
    float,
    typer.Option("--budget", min=0.0, help="Seconds that all clients together may be blocked."),
]


def rehearse(  # noqa: PLR0913 - each is an option of the command
    *,
    url: asked.Url = "",
    url_file: asked.UrlFile = None,
    folder: asked.Folder = asked.FOLDER,
    budget: Budget = 5.0,
    report: asked.Report = None,
    as_json: asked.Json = False,
) -> None:
    """Apply what is pending to a copy on a scratch server; tell locks, times and ways back.

    The database itself is only read. Nothing but a rehearsal within the budget ends with 0.
    """
    from fairlead.migrations.rehearsal.verdict import Judged, judge
    from fairlead.migrations.rehearsal.way_back import sentences
    from fairlead.providers.databases.rehearsing import rehearse

    files = asked.migrations(folder)
    address = asked.address(url, url_file)
    try:
        with report_file.reporting(report), _progress() as tell:
            rehearsal = rehearse(address, files, None, tell)
    except KeyboardInterrupt as error:
        terminal.warn("interrupted: the copy is thrown away, the database was only read")
        raise typer.Exit(Exit.INTERRUPTED) from error
    verdict = judge(rehearsal, budget)
    told = as_data(rehearsal, verdict)
    report_file.write(report, told, "; ".join(sentences(rehearsal, verdict)))
    if as_json:
        terminal.tell_json(told)
    else:
        terminal.draw(picture(told))
    if verdict.judged is not Judged.WITHIN:
        raise typer.Exit(Exit.RUN_FAILED)


@contextmanager
def _progress() -> Iterator["Tell"]:
    """Give whom to tell how far it is: a line on the terminal that is gone in the end."""
    if not terminal.somebody_looks():
        yield lambda _: None
        return
    from rich.console import Console

    with Console(stderr=True, markup=False).status("looks at the database") as status:
        yield lambda text: status.update(line(text))
