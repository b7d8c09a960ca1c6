"""What is live where, and what happened?"""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from fairlead.cli import connection, terminal
from fairlead.cli.exits import Exit
from fairlead.cli.options import APP, JSON, RUN, Asked, takes
from fairlead.errors import Refused

Limit = Annotated[int, typer.Option("--limit", help="How many.", min=1, max=500)]
OfEnvironment = Annotated[
    str, typer.Option("--env", help="Name of the environment.", show_default=False)
]
Verify = Annotated[bool, typer.Option("--verify", help="Walk the chain, tell the first fault.")]


def join(app: typer.Typer) -> None:
    """Add these commands."""
    for command in (status, history, journal):
        app.command()(command)


@takes(APP, JSON)
def status(asked: Asked) -> None:
    """Tell what is live where, and which runs are open."""
    told = connection.connect(asked).get("status", app=asked.app)
    if asked.as_json:
        terminal.tell_json(told)
        return
    from fairlead.cli.tables import status_picture

    terminal.draw(status_picture(told))


@takes(APP, JSON)
def history(asked: Asked, limit: Limit = 20) -> None:
    """Tell the newest runs and how they ended."""
    told = connection.connect(asked).get("runs", app=asked.app, limit=limit)
    if asked.as_json:
        terminal.tell_json(told)
        return
    from fairlead.cli.tables import history_table

    terminal.draw(history_table(told))


@takes(APP, RUN, JSON)
def journal(
    asked: Asked, env: OfEnvironment = "", limit: Limit = 50, verify: Verify = False
) -> None:
    """Tell the record: what happened, when, by whom."""
    client = connection.connect(asked)
    if verify:
        raise typer.Exit(_verify(client.get("journal/verification"), asked))
    if asked.run and env:
        raise Refused("say --run or --env, not both: a run's entries name their environment")
    if asked.run:
        from fairlead.cli.watch.following import entries

        told = [*entries(client, asked.run, 0)]
    else:
        told = client.get("journal/newest", app=asked.app, environment=env, limit=limit)[::-1]
    if asked.as_json:
        terminal.tell_json(told)
        return
    from fairlead.cli.watch.lines import entry_line

    for entry in told:
        terminal.say(entry_line(entry))


def _verify(told: Mapping[str, Any], asked: Asked) -> Exit:
    if asked.as_json:
        terminal.tell_json(told)
    elif told["fault"]:
        terminal.say(
            f"the journal is not as it was written: {told['fault']} (of {told['entries']} entries)"
        )
    else:
        terminal.say(f"all {told['entries']} entries are as they were written")
    return Exit.RUN_FAILED if told["fault"] else Exit.DONE
