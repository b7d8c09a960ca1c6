"""With which address does an app report its errors?"""

from typing import Annotated

import typer

from fairlead.cli import connection, terminal
from fairlead.cli.errors.asked import path
from fairlead.cli.options import JSON, Asked, takes

App = Annotated[str, typer.Argument(help="Name of the app.", metavar="APP")]
Place = Annotated[str, typer.Argument(help="Name of the environment.", metavar="ENVIRONMENT")]
Revoke = Annotated[
    int | None,
    typer.Option("--revoke", help="Make the DSN that ends so worthless.", show_default=False),
]


@takes(JSON)
def dsn(asked: Asked, app: App, environment: Place, revoke: Revoke = None) -> None:
    """Make a DSN for a Sentry SDK; it can report errors of one environment and nothing else."""
    client = connection.connect(asked)
    keys = f"{path(app, environment)}/error-keys"
    if revoke is not None:
        client.delete(f"{keys}/{revoke}")
        terminal.say(f"DSN {revoke} of {environment} reports nothing any more")
        return
    told = client.post(keys, {})
    if asked.as_json:
        terminal.tell_json(told)
        return
    terminal.warn(f"errors of {environment} of {app} are reported with this; it is shown once:")
    terminal.say(told["dsn"])
