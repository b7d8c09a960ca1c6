"""Does one gate pass, by all that is known of it? The pipeline and `gates run` ask this."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fairlead.cli import report_file, terminal
from fairlead.cli.configuration import FILE, read, shape
from fairlead.cli.database import asked
from fairlead.cli.exits import Exit
from fairlead.errors import Refused

if TYPE_CHECKING:
    from fairlead.cli.gates.deciding import Decided

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
    report: asked.Report = None,
    as_json: asked.Json = False,
) -> None:
    """Run a gate's command or check here, and judge all that it left: 0 passed, 1 not, 4 unknown.

    FAIRLEAD_URL and FAIRLEAD_RELEASE name the release that runs, as for every gate; without them
    functions are called in a private slot.
    """
    from fairlead.cli.gates.around import Around
    from fairlead.cli.gates.deciding import decide
    from fairlead.cli.privacy.files import named_logs
    from fairlead.clock import utc_now

    with report_file.reporting(report):
        spec = shape(read(Path(FILE)), FILE)
        if name not in spec.gates:
            raise Refused(f"{FILE} has no gate {name}: there are {', '.join(spec.gates) or 'none'}")
        address = asked.address(url, url_file) if url or url_file else ""
        of = (since, before, address, history, commit)
        around = Around(Path(), utc_now(), *of, named_logs(log or ()), privacy)
        decided = decide(spec, name, around)
    told = as_data(decided)
    if sarif is not None:
        _write(sarif, json.dumps(decided.sarif, indent=1))
    report_file.write(report, told, decided.judged.because)
    if as_json:
        terminal.tell_json({**told, "because": decided.judged.because})
    else:
        for sentence in (*decided.notes, decided.judged.because):
            terminal.say(sentence)
    if told["judged"] != "passed":
        raise typer.Exit(Exit.NO_ANSWER if told["judged"] == "unknown" else Exit.RUN_FAILED)


def as_data(decided: "Decided") -> dict[str, Any]:
    """Return the verdict as plain data: counts only, what was found is in the SARIF file."""
    tests = decided.found.tests
    return {
        "judged": decided.judged.status.value,
        "findings": decided.counts,
        "tests": None
        if tests is None
        else {"ran": tests.ran, "failed": tests.failed, "skipped": tests.skipped},
        "flaky": [*decided.found.flaky],
    }


def _write(to: Path, text: str) -> None:
    draft = to.with_suffix(".draft")
    draft.write_text(f"{text}\n", "utf-8")
    draft.replace(to)
