"""Which app and environment are meant, and how is an error named?"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fairlead.cli.options import Asked
from fairlead.errors import Refused

if TYPE_CHECKING:
    from fairlead.cli.client import Client

Environment = Annotated[
    str,
    typer.Option("--environment", "--env", help="Name of the environment.", show_default=False),
]
Fingerprint = Annotated[
    str, typer.Argument(help="The error's fingerprint, or how it begins.", metavar="FINGERPRINT")
]


def place(client: "Client", asked: Asked, environment: str) -> str:
    """Return the path of the environment that is meant: named, the only one, or `production`."""
    from fairlead.cli.which_app import app_of

    there = client.get("status", app=asked.app)["environments"]
    app = app_of(asked, Path.cwd(), lambda: (str(one["app"]) for one in there))
    names = [str(one["name"]) for one in there if one["app"] == app]
    if not environment:
        if len(names) != 1 and "production" not in names:
            known = f"there are {', '.join(names)}" if names else "nothing was deployed yet"
            raise Refused(f"which environment of {app}? {known}: add --environment NAME")
        environment = names[0] if len(names) == 1 else "production"
    return path(app, environment)


def path(app: str, environment: str) -> str:
    """Return where an environment is found in the API."""
    from fairlead.cli.client import named

    return f"apps/{named(app)}/environments/{named(environment)}"
