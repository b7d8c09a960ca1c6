"""How does a database lose the newest migrations again, and what is lost with them?"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fairlead.cli import report_file, terminal
from fairlead.cli.backup import asked as backups
from fairlead.cli.database import asked
from fairlead.cli.database.migrate import Budget, RetryFor, Wait, as_data
from fairlead.cli.exits import Exit
from fairlead.errors import Refused

if TYPE_CHECKING:
    from fairlead.providers.databases.going_back import Proven
    from fairlead.providers.databases.migrations import Outcome

_NOTHING = "nothing was taken back: it is not there"

File = Annotated[
    str,
    typer.Argument(help="The migration to take back; without it the newest.", show_default=False),
]
To = Annotated[
    str,
    typer.Option("--to", help="Version that is to be the newest then.", show_default=False),
]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask; for scripts.")]


def rollback(  # noqa: PLR0913 - each is an option of the command
    file: File = "",
    *,
    url: asked.Url = "",
    url_file: asked.UrlFile = None,
    folder: asked.Folder = asked.FOLDER,
    to: To = "",
    keep: backups.Folder = backups.FOLDER,
    room: backups.Room = None,
    wait: Wait = 0.0,
    retry_for: RetryFor = 60.0,
    budget: Budget = 5.0,
    yes: Yes = False,
    report: asked.Report = None,
    as_json: asked.Json = False,
) -> None:
    """Take the newest migrations back by their down files, where a copy proves that they do.

    It tells what would be lost, asks, proves a backup, takes back and compares the shape. After a
    killed run the same command goes on where that was.
    """
    from fairlead.clock import utc_now
    from fairlead.migrations.patience import Patience
    from fairlead.migrations.undo import wanted
    from fairlead.providers.databases.going_back import GoingBack
    from fairlead.providers.databases.migrations import PostgresMigrations, Terms

    _need_a_name(file, to, yes=yes)
    files, address = asked.migrations(folder), asked.address(url, url_file)
    terms = Terms(wait, patience=Patience(budget, retry_for))
    tell = terminal.warn if as_json else terminal.say
    stays = "what was taken back is gone, the same command goes on"
    with report_file.reporting(report), backups.interruptible(stays):
        known = PostgresMigrations(address).ledger()
        versions = wanted(files, known, to=to, name=Path(file).name)
        going_back = GoingBack(address, backups.keep(keep), utc_now, tell)
        if not versions:
            _tell({"applied": []}, _NOTHING, report, as_json=as_json)
            return
        proven = going_back.prove(files, versions, terms, room)
        tell(_losses(proven))
        terminal.confirm(f"take back {proven.way.path}?", yes=yes)
        changed = going_back.go(files, proven, terms, room)
    told = {**as_data(changed), "lost": [*proven.way.lost]}
    failed = changed.outcome.failed
    _tell(told, failed or _sentence(changed.outcome), report, as_json=as_json)
    if failed:
        raise typer.Exit(Exit.RUN_FAILED)


def _need_a_name(file: str, to: str, *, yes: bool) -> None:
    if file and to:
        raise Refused("one file and --to were both given: name one of them")
    terminal.need_somebody("db rollback", yes=yes)
    if yes and not (file or to):
        raise Refused(
            "--yes was said, but not what goes back: name the file or say --to VERSION, so that a "
            "second run takes nothing else back"
        )


def _losses(proven: "Proven") -> str:
    sample = " of a sample of the rows" if proven.rehearsal.factors else ""
    lost = "; ".join(proven.way.lost) or "no row and no value"
    return "; ".join((f"would be lost{sample}: {lost}", *proven.notes))


def _sentence(outcome: "Outcome") -> str:
    count = len(outcome.applied)
    return f"{count} migration{'' if count == 1 else 's'} taken back"


def _tell(told: dict[str, Any], sentence: str, report: Path | None, *, as_json: bool) -> None:
    report_file.write(report, told, sentence)
    if as_json:
        terminal.tell_json({**told, "because": sentence})
    elif told.get("failed"):
        terminal.warn(sentence)
    else:
        terminal.say(sentence)
