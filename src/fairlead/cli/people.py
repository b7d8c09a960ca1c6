"""Who may come in, and how do they get their token?"""

import os
from pathlib import Path
from typing import Annotated

import typer

from fairlead.access.role import Role
from fairlead.cli import connection, terminal
from fairlead.cli.options import JSON, YES, Asked, takes
from fairlead.errors import FairleadError, Refused

PRIVATE = 0o600

Name = Annotated[str, typer.Argument(help="Short name, as in ada or j.doe.", metavar="NAME")]
Email = Annotated[str, typer.Option("--email", help="The address their commits carry.")]
TheirRole = Annotated[Role, typer.Option("--role", help="What they may do.")]
TokenTo = Annotated[
    Path | None,
    typer.Option("--token-to", help="Write the token to this new file.", show_default=False),
]


def join(app: typer.Typer) -> None:
    """Add these commands."""
    group = typer.Typer(help="Tell or change who may come in.", no_args_is_help=True)
    group.command("add")(add)
    group.command("list")(everybody)
    group.command("remove")(remove)
    app.add_typer(group, name="people")


@takes(JSON)
def add(asked: Asked, name: Name, email: Email, role: TheirRole, token_to: TokenTo = None) -> None:
    """Let somebody in, or change their role; their token is shown this once."""
    client = connection.connect(asked)
    # The file comes first: a token that cannot be kept should never be made.
    descriptor = _new_private_file(token_to) if token_to else None
    try:
        told = client.post("people", {"name": name, "email": email, "role": role.value})
    except FairleadError:
        if token_to and descriptor is not None:
            os.close(descriptor)
            token_to.unlink()
        raise
    if token_to and descriptor is not None:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(f"{told['token']}\n")
        told = {"name": told["name"], "token_file": str(token_to)}
    if asked.as_json:
        terminal.tell_json(told)
    elif token_to:
        terminal.say(f"{name} may come in as {role.value}; their token is in {token_to}")
    else:
        terminal.warn(f"{name} may come in as {role.value}; this is shown only once:")
        terminal.say(told["token"])


@takes(JSON)
def everybody(asked: Asked) -> None:
    """Tell who may come in."""
    told = connection.connect(asked).get("people")
    if asked.as_json:
        terminal.tell_json(told)
        return
    from fairlead.cli.tables import people_table

    terminal.draw(people_table(told))


@takes(YES)
def remove(asked: Asked, name: Name) -> None:
    """Keep somebody out from now on, with every token they have."""
    from fairlead.cli.client import named

    client = connection.connect(asked)
    terminal.need_somebody("people remove", yes=asked.yes)
    terminal.confirm(f"Keep {name} out from now on?", yes=asked.yes)
    client.delete(f"people/{named(name)}")
    terminal.say(f"{name} may come in no more")


def _new_private_file(path: Path) -> int:
    try:
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, PRIVATE)
    except FileExistsError as error:
        raise Refused(f"{path} exists already: name a new file, or remove it") from error
    except OSError as error:
        raise Refused(f"{path} cannot be written: {error.strerror}") from error
