"""Which errors do the apps report, and how do they report them?"""

from typing import Any

import typer
from typer.core import TyperGroup

from fairlead.cli.errors import dsn, listing, resolve, show


class Errors(TyperGroup):
    """Commands about errors; without the name of one, `list` is meant."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the command line."""
        is_left_out = not args or (args[0].startswith("-") and args[0] not in ("-h", "--help"))
        return super().parse_args(ctx, ["list", *args] if is_left_out else args)


def join(app: typer.Typer) -> None:
    """Add these commands."""
    group = typer.Typer(cls=Errors, help="Tell what goes wrong; `list` may be left out.")
    group.command("list")(listing.listing)
    group.command("show")(show.show)
    group.command("resolve")(resolve.resolve)
    group.command("dsn")(dsn.dsn)
    app.add_typer(group, name="errors")
