"""How does an installation get to know what nobody else may know?"""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fairlead.cli import connection, terminal
from fairlead.cli.configuration import FILE, read, shape
from fairlead.cli.options import APP, JSON, Asked, takes
from fairlead.cli.which_app import declared_in
from fairlead.errors import Refused

if TYPE_CHECKING:
    from fairlead.providers.secrets.files import SecretFiles

Name = Annotated[str, typer.Argument(help="Name of the secret.", metavar="NAME")]
Env = Annotated[
    str,
    typer.Option(
        "--env", help="It is for the app's functions there; NAME is a variable.", show_default=False
    ),
]


def join(app: typer.Typer) -> None:
    """Add these commands."""
    group = typer.Typer(help="Keep what only this installation may know.", no_args_is_help=True)
    group.command("put")(put)
    group.command("list")(names)
    group.command("remove")(remove)
    app.add_typer(group, name="secret")


@takes(APP)
def put(asked: Asked, name: Name, env: Env = "") -> None:
    """Keep a secret, read from the terminal without showing it, or from a pipe."""
    given = _asked(name) if sys.stdin.isatty() else sys.stdin.read()
    _kept(asked, env).put(name, given.strip())
    who = f"what starts in {env}" if env else "a stage that begins"
    terminal.say(f"{name} is kept; {who} from now on uses it")


@takes(APP, JSON)
def names(asked: Asked, env: Env = "") -> None:
    """Tell the names of all secrets, never what they say."""
    found = _kept(asked, env).names()
    if asked.as_json:
        terminal.tell_json(found)
    else:
        terminal.say("\n".join(found) or "no secret is kept: `fairlead secret put NAME`")


@takes(APP)
def remove(asked: Asked, name: Name, env: Env = "") -> None:
    """Forget a secret."""
    _kept(asked, env).remove(name)
    terminal.say(f"{name} is forgotten")


def _asked(name: str) -> str:
    try:
        return str(typer.prompt(name, hide_input=True))
    except typer.Abort as error:
        raise Refused(f"{name} was not given: nothing was changed") from error


def _kept(asked: Asked, env: str) -> "SecretFiles":
    from fairlead.places import secrets

    kept = secrets(connection.settings(asked))
    return kept.of_functions(_app_with(asked, env), env) if env else kept


def _app_with(asked: Asked, env: str) -> str:
    """Return the app whose functions are meant; where its file is here, it must have `env`."""
    here, file = declared_in(Path(FILE)), Path(FILE)
    if not (name := asked.app or here):
        raise Refused(f"whose functions? Add --app NAME, or go where its {FILE} is")
    known = shape(read(file), FILE).environments if name == here else {}
    if known and env not in known:
        raise Refused(f"{FILE} has no environment {env}: there are {', '.join(known)}")
    return name
