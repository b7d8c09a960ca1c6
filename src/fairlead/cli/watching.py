"""Which run is shown until it ends?"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from fairlead.cli import connection
from fairlead.cli.options import APP, JSON, Asked, takes
from fairlead.errors import Refused

LOOKED_THROUGH = 100

RunId = Annotated[
    str,
    typer.Argument(
        help="Name of the run; without it the newest open one, else the newest.",
        metavar="[RUN]",
        show_default=False,
    ),
]


def join(app: typer.Typer) -> None:
    """Add this command."""
    app.command()(watch)


@takes(APP, JSON)
def watch(asked: Asked, run: RunId = "") -> None:
    """Show a run while it goes; Ctrl-C leaves it going."""
    from fairlead.cli.watch import following

    client = connection.connect(asked)
    shown = run or newest(client.get("runs", app=asked.app, limit=LOOKED_THROUGH))
    raise typer.Exit(following.watch(client, shown, as_json=asked.as_json))


def newest(runs: Sequence[Mapping[str, Any]]) -> str:
    """Return the newest open run, else the newest; `runs` come newest first."""
    if not runs:
        raise Refused("there is no run yet: `fairlead deploy` begins one")
    return str(next((run for run in runs if not run["finished_at"]), runs[0])["id"])
