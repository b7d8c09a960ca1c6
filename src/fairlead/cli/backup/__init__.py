"""What can be said about backups of a database? The same as `fairlead backup` and `db backup`."""

import typer

from fairlead.cli.backup.create import create
from fairlead.cli.backup.key import key
from fairlead.cli.backup.listing import listing
from fairlead.cli.backup.restore import restore
from fairlead.cli.backup.verify import verify


def join(app: typer.Typer) -> None:
    """Add these commands as a group."""
    group = typer.Typer(
        help="Take, prove and restore backups of an app's database; needs no running Fairlead.",
        no_args_is_help=True,
    )
    for name, command in (
        ("create", create),
        ("list", listing),
        ("verify", verify),
        ("restore", restore),
        ("key", key),
    ):
        group.command(name)(command)
    app.add_typer(group, name="backup")
