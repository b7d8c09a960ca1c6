"""How does a database get the migrations that it lacks?"""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fairlead.cli import report_file, terminal
from fairlead.cli.backup import asked as backups
from fairlead.cli.database import asked
from fairlead.cli.exits import Exit

if TYPE_CHECKING:
    from fairlead.migrations.rehearsal.verdict import Verdict
    from fairlead.providers.databases.changing import Changed
    from fairlead.providers.databases.migrations import Outcome

Wait = Annotated[
    float,
    typer.Option("--wait", min=0.0, help="Seconds to wait for another runner."),
]
RetryFor = Annotated[
    float,
    typer.Option("--retry-for", min=0.0, help="Seconds to try again for a lock that is taken."),
]
Budget = Annotated[
    float,
    typer.Option(
        "--budget", min=0.0, help="Seconds that others may wait for it, summed over them."
    ),
]
Contract = Annotated[
    bool,
    typer.Option("--contract", help="Also what contracts: no running release needs the old shape."),
]
ForRelease = Annotated[
    bool,
    typer.Option("--for-release", help="Refuse when a file that expands would have to wait."),
]
NotRehearsed = Annotated[
    bool, typer.Option("--not-rehearsed", help="Apply it without a rehearsal.")
]
NotBackedUp = Annotated[
    bool, typer.Option("--not-backed-up", help="Apply it without a proven backup.")
]

TakeShape = Annotated[
    bool,
    typer.Option("--take-shape", help="Take the shape that an earlier change came to as it is."),
]


def migrate(  # noqa: PLR0913 - each is an option of the command
    *,
    url: asked.Url = "",
    url_file: asked.UrlFile = None,
    folder: asked.Folder = asked.FOLDER,
    keep: backups.Folder = backups.FOLDER,
    room: backups.Room = None,
    wait: Wait = 0.0,
    retry_for: RetryFor = 60.0,
    budget: Budget = 5.0,
    contract: Contract = False,
    for_release: ForRelease = False,
    not_rehearsed: NotRehearsed = False,
    not_backed_up: NotBackedUp = False,
    take_shape: TakeShape = False,
    report: asked.Report = None,
    as_json: asked.Json = False,
) -> None:
    """Rehearse what is pending, prove a backup, apply each statement once, compare the shape.

    After a killed run it goes on where that was. It stops before a file that contracts, until
    --contract says that nothing needs the old shape.
    """
    from fairlead.clock import utc_now
    from fairlead.migrations.patience import Patience
    from fairlead.providers.databases.changing import Care, Changing
    from fairlead.providers.databases.migrations import Terms

    files = asked.migrations(folder)
    terms = Terms(wait, contract, Patience(budget, retry_for))
    kept = None if not_backed_up else backups.keep(keep)
    care = Care(kept, not not_rehearsed, for_release, room, take_shape)
    tell = terminal.warn if as_json else terminal.say
    stays = "what was applied stays, the next `fairlead db migrate` goes on"
    with report_file.reporting(report), backups.interruptible(stays):
        changing = Changing(asked.address(url, url_file), utc_now, tell)
        changed = changing.change(files, terms, care)
    told, sentence = as_data(changed), _sentence(changed.outcome, for_release)
    report_file.write(report, told, changed.outcome.failed or sentence)
    if as_json:
        terminal.tell_json(told)
    else:
        terminal.say(sentence)
    if changed.outcome.failed:
        terminal.warn(changed.outcome.failed)
        raise typer.Exit(Exit.RUN_FAILED)


def as_data(changed: "Changed") -> dict[str, Any]:
    """Return what became of it, what was predicted, and the name of the backup, as plain data."""
    return {
        **asdict(changed.outcome),
        "predicted": _predicted(changed.verdict),
        "backup": changed.backup.name if changed.backup else None,
    }


def _predicted(verdict: "Verdict | None") -> dict[str, Any] | None:
    """Return what the rehearsal predicted, to be held beside what it cost."""
    if verdict is None:
        return None
    blocked = verdict.blocked_client_s
    return {"blocked_client_s": [blocked.low, blocked.high], "because": verdict.because}


def _sentence(outcome: "Outcome", for_release: bool) -> str:
    count = len(outcome.applied)
    done = f"{count} file{'' if count == 1 else 's'} applied" if count else "nothing was applied"
    if outcome.failed:
        where = f", {outcome.waiting[0]} failed" if outcome.waiting else ""
        return f"{done}{where}"
    if outcome.waiting:
        until = "waits until" if for_release else "waits: say --contract once"
        needs = "no running release needs the old shape"
        return f"{done}; {outcome.waiting[0]} contracts and {until} {needs}"
    return f"{done}; nothing is pending"
