"""How does a database get the migrations that it lacks?"""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from fairlead.cli import terminal
from fairlead.cli.database import asked
from fairlead.cli.exits import Exit

if TYPE_CHECKING:
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


def migrate(  # noqa: PLR0913 - each is an option of the command
    *,
    url: asked.Url = "",
    folder: asked.Folder = asked.FOLDER,
    wait: Wait = 0.0,
    retry_for: RetryFor = 60.0,
    budget: Budget = 5.0,
    contract: Contract = False,
    as_json: asked.Json = False,
) -> None:
    """Apply what is pending, each statement once; after a killed run it goes on where that was.

    It stops before a file that contracts, until --contract says that nothing needs the old shape.
    """
    from fairlead.migrations.patience import Patience
    from fairlead.providers.databases.migrations import Terms

    files = asked.migrations(folder)
    terms = Terms(wait, contract, Patience(budget, retry_for))
    tell = terminal.warn if as_json else terminal.say
    try:
        outcome = asked.database(url).migrate(files, terms, tell)
    except KeyboardInterrupt as error:
        terminal.warn("interrupted: what was applied stays, the next `fairlead db migrate` goes on")
        raise typer.Exit(Exit.INTERRUPTED) from error
    if as_json:
        terminal.tell_json(asdict(outcome))
    else:
        terminal.say(_sentence(outcome))
    if outcome.failed:
        terminal.warn(outcome.failed)
        raise typer.Exit(Exit.RUN_FAILED)


def _sentence(outcome: "Outcome") -> str:
    count = len(outcome.applied)
    done = f"{count} file{'' if count == 1 else 's'} applied" if count else "nothing was applied"
    if outcome.failed:
        return f"{done}, {outcome.waiting[0]} failed"
    if outcome.waiting:
        return (
            f"{done}; {outcome.waiting[0]} contracts and waits: say --contract once no running "
            "release needs the old shape"
        )
    return f"{done}; nothing is pending"
