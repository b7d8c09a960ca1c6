"""Which errors are there?"""

from typing import Annotated

import typer

from fairlead.cli import connection, terminal
from fairlead.cli.errors.asked import Environment, place
from fairlead.cli.options import APP, JSON, Asked, takes

Release = Annotated[
    str, typer.Option("--release", help="Only what this release had.", show_default=False)
]
New = Annotated[bool, typer.Option("--new", help="Only what this release, or the live one, began.")]
Since = Annotated[
    str, typer.Option("--since", help="Only the last 30m, 2h or 7d.", show_default=False)
]
Resolved = Annotated[bool, typer.Option("--resolved", help="The resolved ones instead.")]
Limit = Annotated[int, typer.Option("--limit", help="How many.", min=1, max=1000)]


@takes(APP, JSON)
def listing(  # noqa: PLR0913, PLR0917 - each is an option of the command
    asked: Asked,
    environment: Environment = "",
    release: Release = "",
    new: New = False,
    since: Since = "",
    resolved: Resolved = False,
    limit: Limit = 30,
) -> None:
    """Tell the errors of an environment, the one that happened last first."""
    client = connection.connect(asked)
    where = place(client, asked, environment)
    told = client.get(
        f"{where}/errors",
        release=release,
        new=str(new).lower(),
        time_window=since,
        resolved=str(resolved).lower(),
        limit=limit,
    )
    if asked.as_json:
        terminal.tell_json(told)
        return
    from fairlead.cli.errors.pictures import errors_picture

    terminal.draw(errors_picture(told))
