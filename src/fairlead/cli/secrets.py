"""How does an installation get to know what nobody else may know?"""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from fairlead.cli import connection, terminal
from fairlead.cli.options import JSON, Asked, takes
from fairlead.errors import Refused

if TYPE_CHECKING:
    from fairlead.providers.secrets.files import SecretFiles

Name = Annotated[str, typer.Argument(help="Name of the secret.", metavar="NAME")]


def join(app: typer.Typer) -> None:
    """Add these commands."""
    group = typer.Typer(help="Keep what only this installation may know.", no_args_is_help=True)
    group.command("put")(put)
    group.command("list")(names)
    group.command("remove")(remove)
    app.add_typer(group, name="secret")


@takes()
def put(asked: Asked, name: Name) -> None:
    """Keep a secret, read from the terminal without showing it, or from a pipe."""
    given = _asked(name) if sys.stdin.isatty() else sys.stdin.read()
    _kept(asked).put(name, given.strip())
    terminal.say(f"{name} is kept; a stage that begins from now on uses it")


@takes(JSON)
def names(asked: Asked) -> None:
    """Tell the names of all secrets, never what they say."""
    found = _kept(asked).names()
    if asked.as_json:
        terminal.tell_json(found)
    else:
        terminal.say("\n".join(found) or "no secret is kept: `fairlead secret put NAME`")


@takes()
def remove(asked: Asked, name: Name) -> None:
    """Forget a secret."""
    _kept(asked).remove(name)
    terminal.say(f"{name} is forgotten")


def _asked(name: str) -> str:
    try:
        return str(typer.prompt(name, hide_input=True))
    except typer.Abort as error:
        raise Refused(f"{name} was not given: nothing was changed") from error


def _kept(asked: Asked) -> "SecretFiles":
    from fairlead.places import secrets

    return secrets(connection.settings(asked))
