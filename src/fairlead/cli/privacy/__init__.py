"""What can be said of the personal data in an app's database? Needs no running Fairlead."""

import typer

from fairlead.cli.privacy.check import check
from fairlead.cli.privacy.inventory import inventory


def join(app: typer.Typer) -> None:
    """Add these commands."""
    group = typer.Typer(
        help="Look at personal data in the database of an app; needs no running Fairlead.",
        no_args_is_help=True,
    )
    group.command("check")(check)
    group.command("inventory")(inventory)
    app.add_typer(group, name="privacy")
