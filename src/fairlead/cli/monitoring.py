"""How does an environment perform, and how well is it?"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fairlead.cli import connection, terminal
from fairlead.cli.exits import Exit
from fairlead.cli.options import APP, JSON, Asked, takes

if TYPE_CHECKING:
    from fairlead.cli.client import Client

Name = Annotated[
    str,
    typer.Argument(
        help="Name of the environment; without it the one for production, else the only one.",
        metavar="[ENVIRONMENT]",
        show_default=False,
    ),
]
TimeWindow = Annotated[str, typer.Option("--window", help="How long back: 30s, 5m, 2h or 30d.")]
Lately = Annotated[
    str,
    typer.Option(
        "--window",
        help="How long back: 1m, where it is quiet 5m; or as you say.",
        show_default=False,
    ),
]
Release = Annotated[
    str, typer.Option("--release", help="Only what this release did.", show_default=False)
]
_EXITS = {"HEALTHY": Exit.DONE, "UNHEALTHY": Exit.RUN_FAILED}


def join(app: typer.Typer) -> None:
    """Add these commands."""
    for command in (metrics, health):
        app.command()(command)


@takes(APP, JSON)
def metrics(
    asked: Asked, environment: Name = "", window: TimeWindow = "5m", release: Release = ""
) -> None:
    """Tell how an environment performed until now: requests, errors and answer times."""
    client = connection.connect(asked)
    there = place(client, asked, environment)
    told = client.get(f"{there}/metrics", time_window=window, release=release)
    if asked.as_json:
        terminal.tell_json(told)
        return
    from fairlead.cli.monitored import metrics_picture

    terminal.draw(metrics_picture(told))


@takes(APP, JSON)
def health(asked: Asked, environment: Name = "", window: Lately = "") -> None:
    """Tell how well an environment is, from 0 to 100, and what each part costs.

    The status is 0 from 85 on (`watch.health`), 1 below, and 4 while it is not known.
    """
    client = connection.connect(asked)
    told = client.get(f"{place(client, asked, environment)}/health", time_window=window)
    if asked.as_json:
        terminal.tell_json(told)
    else:
        from fairlead.cli.monitored import health_picture

        terminal.draw(health_picture(told))
    raise typer.Exit(_EXITS.get(str(told["verdict"]), Exit.NO_ANSWER))


def place(client: "Client", asked: Asked, environment: str) -> str:
    """Return the address of the environment that is meant."""
    from fairlead.cli.client import named
    from fairlead.cli.which_app import app_of, environment_of

    known: list[dict[str, Any]] = []
    if not environment or not asked.app:
        known = client.get("status")["environments"]
    app = app_of(asked, Path.cwd(), lambda: [str(place["app"]) for place in known])
    name = environment_of(environment, app, known)
    return f"apps/{named(app)}/environments/{named(name)}"
