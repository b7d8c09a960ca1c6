"""How does the command speak: to a person, to a script, and when it has to ask?"""

import json
import os
import sys
from typing import TYPE_CHECKING, Any

import typer

from fairlead.cli.exits import Exit
from fairlead.cli.harmless import line
from fairlead.errors import Refused

if TYPE_CHECKING:
    from rich.console import Console, RenderableType


def console() -> "Console":
    """Return where to draw: no markup is read, no colours unless a person looks."""
    from rich.console import Console

    return Console(markup=False, emoji=False, highlight=False)


def draw(picture: "RenderableType") -> None:
    """Draw on stdout; a script gets no colours, and no spaces at the ends of lines."""
    drawn = console()
    if drawn.is_terminal:
        drawn.print(picture)
        return
    with drawn.capture() as kept:
        drawn.print(picture)
    for each in kept.get().splitlines():
        typer.echo(each.rstrip())


def say(text: object) -> None:
    """Tell one sentence on stdout."""
    typer.echo(line(text))


def warn(text: object) -> None:
    """Tell one sentence on stderr."""
    typer.echo(line(text), err=True)


def tell_json(data: Any) -> None:
    """Tell plain data as JSON in ASCII, which no terminal obeys."""
    typer.echo(json.dumps(data, indent=2))


def tell_json_line(data: Any) -> None:
    """Tell plain data as one line of JSON."""
    typer.echo(json.dumps(data))


def somebody_is_there() -> bool:
    """Tell whether a question would be seen and could be answered."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def somebody_looks() -> bool:
    """Tell whether stdout is a terminal that can be drawn on."""
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def need_somebody(command: str, *, yes: bool) -> None:
    """Refuse, before anything is asked, when nobody could answer and `--yes` was not said."""
    if not yes and not somebody_is_there():
        raise Refused(f"nobody is at the terminal to confirm: add --yes to `fairlead {command}`")


def confirm(question: str, *, yes: bool) -> None:
    """Ask unless `yes`; another answer than yes is a refusal, and nothing was done."""
    if yes:
        return
    try:
        agreed = typer.confirm(line(question), err=True)
    except typer.Abort as error:
        warn("interrupted: nothing was done")
        raise typer.Exit(Exit.INTERRUPTED) from error
    if not agreed:
        raise Refused("not confirmed: nothing was done")
