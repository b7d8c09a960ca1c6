"""What can be said about, and done to, the database of an app? Only `usage` asks a Fairlead."""

import typer

from fairlead.cli import backup
from fairlead.cli.database.create import create
from fairlead.cli.database.lint import lint
from fairlead.cli.database.migrate import migrate
from fairlead.cli.database.plan import plan
from fairlead.cli.database.preflight import preflight
from fairlead.cli.database.rehearse import rehearse
from fairlead.cli.database.rollback import rollback
from fairlead.cli.database.status import status
from fairlead.cli.database.usage import usage


def join(app: typer.Typer) -> None:
    """Add these commands."""
    group = typer.Typer(
        help="Look at and migrate the database of an app; only usage needs a running Fairlead.",
        no_args_is_help=True,
    )
    for command in (status, plan, lint, preflight, rehearse, migrate, rollback, create, usage):
        group.command(command.__name__)(command)
    backup.join(group)
    app.add_typer(group, name="db")
