"""How does one come by a database for an app, to begin with?"""

from typing import Annotated

import typer

from fairlead.cli import connection, terminal
from fairlead.cli.options import Asked, takes

Name = Annotated[str, typer.Argument(help="Name of the database, its role and its secret.")]


@takes()
def create(asked: Asked, name: Name) -> None:
    """Make an empty database beside Fairlead's own; its address is kept as a secret of that name.

    To try things out, and for small apps: it shares disk and fate with Fairlead's own tables.
    """
    from fairlead import installation

    installation.make_database(connection.settings(asked), name)
    terminal.say(f"database {name} is made; say `database: {{secret: {name}}}` in fairlead.yaml")
