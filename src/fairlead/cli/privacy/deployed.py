"""What personal data does an environment hold, now that a release is there? The pipeline asks."""

from pathlib import Path
from typing import Annotated

import typer

from fairlead.cli import report_file
from fairlead.cli.configuration import FILE, load, read
from fairlead.cli.database import asked
from fairlead.cli.gates.judge import Commit, History, Logs
from fairlead.errors import Refused

To = Annotated[Path, typer.Option("--privacy", help="Where the report is kept, as JSON.")]


def deployed(  # noqa: PLR0913 - each is an option of the command
    *,
    privacy: To,
    url_file: asked.UrlFile = None,
    log: Logs = None,
    history: History = None,
    commit: Commit = "",
    report: asked.Report = None,
) -> None:
    """Keep the report of a deployment, whatever it says of it."""
    from fairlead.cli.gates.around import Around
    from fairlead.cli.gates.checks import edge_functions
    from fairlead.cli.privacy import looking
    from fairlead.cli.privacy.files import named_logs
    from fairlead.clock import utc_now
    from fairlead.privacy.report import Deployment, nothing_seen

    with report_file.reporting(report):
        around = Around(
            Path(),
            utc_now(),
            database=asked.address("", url_file),
            history=history,
            commit=commit,
            logs=named_logs(log or ()),
        )
        edge = edge_functions(load(read(Path(FILE)), FILE), around.folder)
        try:
            told = looking.look(around, edge, looking.declared(around)).told
        except Refused as error:
            why = "; ".join(dict.fromkeys((str(error), *error.problems)))
            told = nothing_seen(Deployment(around.environment, around.release), why)
        looking.keep(told, privacy)
    report_file.write(report, {}, f"a report of personal data was kept: {told['sentence']}")
