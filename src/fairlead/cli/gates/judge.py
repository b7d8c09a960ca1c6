"""Does one gate pass, by all that is known of it? The pipeline asks this."""

import os
from pathlib import Path
from typing import Annotated

import typer

from fairlead.cli import report_file, terminal
from fairlead.cli.configuration import FILE, read, shape
from fairlead.cli.database import asked
from fairlead.errors import Refused

Name = Annotated[str, typer.Argument(help="Name of a gate of fairlead.yaml.")]
Sarif = Annotated[
    Path | None,
    typer.Option("--sarif", help="Also write what was found there.", show_default=False),
]
Before = Annotated[
    Path | None,
    typer.Option(
        "--before", help="What was found in the live release, as SARIF.", show_default=False
    ),
]
Since = Annotated[
    str, typer.Option("--since", help="Commit of the live release.", show_default=False)
]

History = Annotated[
    Path | None,
    typer.Option("--history", help="Git folder that holds the commits.", show_default=False),
]
Commit = Annotated[
    str, typer.Option("--commit", help="Commit that the files are of.", show_default=False)
]
Privacy = Annotated[
    Path | None,
    typer.Option("--privacy", help="Also keep a report of personal data.", show_default=False),
]
Secrets = Annotated[
    Path | None,
    typer.Option("--secrets", help="Folder with the functions' secrets.", show_default=False),
]
Logs = Annotated[
    list[str] | None,
    typer.Option("--log", help="A log, as NAME=FILE; may be said again.", show_default=False),
]


def judge(  # noqa: PLR0913 - each is an option of the command
    name: Name,
    *,
    url: asked.Url = "",
    url_file: asked.UrlFile = None,
    sarif: Sarif = None,
    before: Before = None,
    since: Since = "",
    history: History = None,
    commit: Commit = "",
    privacy: Privacy = None,
    log: Logs = None,
    secrets: Secrets = None,
    report: asked.Report = None,
    as_json: asked.Json = False,
) -> None:
    """Run a gate's command or check here, and judge all that it left: 0 passed, 1 not, 4 unknown.

    FAIRLEAD_URL and FAIRLEAD_RELEASE name the release that runs, as for every gate; without them
    functions are called in a private slot.
    """
    from fairlead.cli.gates import judging
    from fairlead.cli.gates.around import Around
    from fairlead.cli.privacy.files import named_logs
    from fairlead.clock import utc_now

    with report_file.reporting(report):
        spec = shape(read(Path(FILE)), FILE)
        if name not in spec.gates:
            raise Refused(f"{FILE} has no gate {name}: there are {', '.join(spec.gates) or 'none'}")
        address = asked.address(url, url_file) if url or url_file else ""
        of = (since, before, address, history, commit)
        around = Around(Path(), utc_now(), *of, named_logs(log or ()), privacy, secrets)
        os.environ.update(judging.surroundings())
        decided = judging.decided(spec, name, around, judging.Kept(report, sarif))
    if as_json:
        terminal.tell_json({**judging.as_data(decided), "because": decided.judged.because})
    else:
        judging.tell(decided)
    if status := judging.status(decided):
        raise typer.Exit(status)
