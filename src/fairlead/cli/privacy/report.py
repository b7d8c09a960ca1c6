"""What is known of the personal data where a run deployed its release?"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fairlead.cli import connection, terminal
from fairlead.cli.harmless import block, line
from fairlead.cli.options import JSON, RUN, Asked, takes
from fairlead.errors import Refused

if TYPE_CHECKING:
    from rich.console import RenderableType

Markdown = Annotated[bool, typer.Option("--markdown", help="Tell it as a page to keep.")]


@takes(RUN, JSON)
def report(asked: Asked, markdown: Markdown = False) -> None:
    """Tell what the reports of a run's deployments say of personal data."""
    if not asked.run:
        raise Refused("no run was named: add --run RUN; `fairlead history` tells which there are")
    if markdown and asked.as_json:
        raise Refused("say --markdown or --json, not both")
    from fairlead.cli.client import named

    client, path = connection.connect(asked), f"runs/{named(asked.run)}/privacy"
    if markdown:
        typer.echo(block(client.text(path, format="markdown").decode("utf-8")), nl=False)
        return
    told = client.get(path)
    if asked.as_json:
        terminal.tell_json(told)
    else:
        terminal.draw(picture(told))


def picture(told: Mapping[str, Any]) -> "RenderableType":
    """Draw each environment with what came of it, and what is wrong or not known there."""
    from rich.console import Group
    from rich.text import Text

    from fairlead.cli.privacy.check import picture as found

    parts: list[RenderableType] = []
    for one in told["deployments"]:
        parts += [Text(line(one["report"]["environment"]), style="bold"), found(one["report"])]
        parts += [Text()]
    return Group(*parts) if parts else Text(f"run {line(told['run'])} deploys nothing")
