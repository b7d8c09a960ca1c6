"""What can be said to `fairlead`? Every command, and what they have in common."""

import io
import sys
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from fairlead.cli import (
    answering,
    backup,
    configuration,
    database,
    deploying,
    errors,
    explaining,
    gates,
    going_back,
    installation,
    monitoring,
    people,
    printed,
    privacy,
    secrets,
    simulating,
    telling,
    watching,
)
from fairlead.cli.exits import EXPLAINED, explain
from fairlead.cli.options import Asked, Home, TokenFile, Url
from fairlead.errors import FairleadError


class Door(TyperGroup):
    """All commands; a refusal becomes sentences and a status, never a traceback."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was named."""
        try:
            return super().invoke(ctx)
        except FairleadError as error:
            raise typer.Exit(explain(error)) from error

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the commands in the order in which one comes to need them."""
        return [*self.commands]


app = typer.Typer(
    cls=Door,
    help="Take a release from a commit to production, and back.",
    epilog=EXPLAINED,
    no_args_is_help=True,
    # Rich would take longer to load than the help to be read.
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        from fairlead import __version__

        typer.echo(f"fairlead {__version__}")
        raise typer.Exit


Version = Annotated[
    bool, typer.Option("--version", help="Tell the version.", callback=_version, is_eager=True)
]


@app.callback()
def fairlead(
    ctx: typer.Context,
    home: Home = None,
    url: Url = "",
    token_file: TokenFile = None,
    version: Version = False,
) -> None:
    """Take a release from a commit to production, and back."""
    ctx.obj = Asked(home=home, url=url, token_file=token_file)


for group in (
    installation,
    configuration,
    gates,
    deploying,
    watching,
    answering,
    going_back,
    telling,
    monitoring,
    printed,
    errors,
    explaining,
    simulating,
    database,
    backup,
    privacy,
    secrets,
    people,
):
    group.join(app)


def main() -> None:
    """Run what the command line says."""
    for stream in (sys.stdout, sys.stderr):
        # A sign that the terminal cannot show must not end the command.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    app(prog_name="fairlead")


if __name__ == "__main__":
    main()
