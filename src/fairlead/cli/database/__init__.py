"""What can be said about a user's own database? Needs no running Fairlead."""

import typer

from fairlead.cli.database.preflight import preflight


def join(app: typer.Typer) -> None:
    """Add these commands."""
    group = typer.Typer(help="Look at a database before it is changed.", no_args_is_help=True)
    group.command("preflight")(preflight)
    app.add_typer(group, name="db")
