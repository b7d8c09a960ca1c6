"""What can be said of the personal data of an app? Only `report` needs a running Fairlead."""

import typer

from fairlead.cli.privacy.check import check
from fairlead.cli.privacy.deployed import deployed
from fairlead.cli.privacy.inventory import inventory
from fairlead.cli.privacy.report import report


def join(app: typer.Typer) -> None:
    """Add these commands."""
    group = typer.Typer(
        help="Look at the personal data of an app; only `report` needs a running Fairlead.",
        no_args_is_help=True,
    )
    group.command("check")(check)
    group.command("inventory")(inventory)
    group.command("report")(report)
    group.command("deployed", hidden=True)(deployed)
    app.add_typer(group, name="privacy")
