"""How is Fairlead itself brought up and down on this machine, and shown?"""

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fairlead.cli import connection, terminal
from fairlead.cli.options import Asked, takes

if TYPE_CHECKING:
    from fairlead.settings import Settings

LOOPBACK = ("127.0.0.1", "localhost", "::1")
DEFAULT_HOME = str(Path.home() / ".fairlead")

Host = Annotated[
    str, typer.Option("--host", help="Address to listen on [127.0.0.1].", show_default=False)
]
Port = Annotated[
    int, typer.Option("--port", help="Port to listen on [8700].", show_default=False, max=65535)
]
Crash = Annotated[bool, typer.Option("--crash", help="Kill the server in the middle of it.")]
JsonTo = Annotated[
    Path | None,
    typer.Option("--json-to", help="Write the figures to this file.", show_default=False),
]


def join(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(up)
    app.command()(down)
    app.command()(demo)


@takes()
def up(asked: Asked, host: Host = "", port: Port = 0) -> None:
    """Start Fairlead here and tell where things are.

    Nothing is started twice.
    """
    known = connection.settings(asked)
    wanted = replace(known, host=host or known.host, port=port or known.port)
    if exposed := exposure(wanted.host):
        terminal.warn(exposed)
    from fairlead import installation

    installation.up(wanted, terminal.say)
    for told in whereabouts(wanted):
        typer.echo(told)


@takes()
def down(asked: Asked) -> None:
    """Stop everything on this machine.

    Runs under way go on after the next `up`.
    """
    from fairlead import installation

    installation.down(connection.settings(asked), terminal.say)


@takes()
def demo(asked: Asked, crash: Crash = False, json_to: JsonTo = None) -> None:
    """Show a good release arriving and a bad one coming back.

    Everything happens in a folder of its own.
    """
    del asked  # it starts everything anew, whatever else is running
    from fairlead.demo import story

    raise typer.Exit(story.main(crash=crash, json_to=str(json_to) if json_to else None))


def exposure(host: str) -> str:
    """Return a warning when others can reach the address; empty on loopback."""
    if host in LOOPBACK:
        return ""
    return (
        f"WARNING: Fairlead will answer on {host}, where other machines reach it, without "
        "encryption: tokens and answers can be read on the way. Put a TLS proxy before it, or keep "
        "to --host 127.0.0.1"
    )


def whereabouts(told: "Settings") -> list[str]:
    """Return where everything is, one thing a line."""
    lines = [
        f"  API    {told.url}/api/v1",
        f"         {told.url}/openapi.json describes it",
        f"  home   {told.home}",
        f"  logs   {told.home / 'logs'}",
        f"  token  {told.home / connection.ADMIN_TOKEN}",
    ]
    variables = told.environment()
    unsaid = [
        f"{name}={value}"
        for name, value in variables.items()
        if name == "FAIRLEAD_HOME" and os.environ.get(name, DEFAULT_HOME) != value
    ]
    if unsaid:
        lines.append(f"Other commands find it with {' '.join(unsaid)} in their environment.")
    return lines
