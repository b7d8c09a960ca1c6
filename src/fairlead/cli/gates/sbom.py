"""What is a release, or the working tree, made of? Its SBOM, and what changed in it."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fairlead.cli import connection, terminal, work_tree
from fairlead.cli.configuration import FILE, load, read
from fairlead.cli.options import APP, Asked, takes
from fairlead.errors import Refused

if TYPE_CHECKING:
    from fairlead.cli.client import Client

Release = Annotated[
    str,
    typer.Option("--release", help="A release instead of the working tree.", show_default=False),
]
Before = Annotated[
    str,
    typer.Option(
        "--before",
        help="Tell what changed since instead: an earlier file, with --release a release.",
        show_default=False,
    ),
]
Env = Annotated[
    str,
    typer.Option(
        "--env", help="Tell what changed since the release that runs there.", show_default=False
    ),
]


@takes(APP)
def sbom(asked: Asked, release: Release = "", before: Before = "", env: Env = "") -> None:
    """Tell the packages that lock files name, as CycloneDX 1.6: of the files here, or a release."""
    from fairlead.gates.sbom_since import since

    if before and env:
        raise Refused("say --before or --env, not both: each names what to compare with")
    if not (release or env):
        _tell(_here(), before)
        return
    client = connection.connect(asked)
    app = _app(client, asked)
    bill = _kept(client, app, release) if release else _here()
    if name := _live(client, app, env) if env else before:
        terminal.say(since(name, _kept(client, app, name), bill).because)
    else:
        terminal.tell_json(bill)


def _tell(bill: dict[str, Any], before: str) -> None:
    from fairlead.gates.sbom_difference import difference

    if before:
        terminal.say(difference(_read(Path(before)), bill).sentence)
    else:
        terminal.tell_json(bill)


def _here() -> dict[str, Any]:
    from fairlead.gates.sbom import Shipped
    from fairlead.gates.sbom import sbom as bill_of
    from fairlead.providers.scanners.dependencies.inventory import inventory

    tree = work_tree.find(Path())
    sha = tree.commit("HEAD")
    spec, found = load(read(tree.root / FILE), FILE), inventory(tree.root)
    at = datetime.fromtimestamp(tree.committed_at(sha), UTC)
    return bill_of(spec.app, Shipped(sha[:12], sha, at, {}), found.locks, found.gaps)


def _app(client: "Client", asked: Asked) -> str:
    from fairlead.cli.which_app import app_of

    def known() -> list[str]:
        return [str(place["app"]) for place in client.get("status")["environments"]]

    return app_of(asked, Path(), known)


def _live(client: "Client", app: str, env: str) -> str:
    from fairlead.cli.going_back import place_named

    place = place_named(client.get("status", app=app)["environments"], app, env)
    if not place["live"]:
        raise Refused(f"no release runs in {env} of {app} yet: there is nothing to compare with")
    return str(place["live"])


def _kept(client: "Client", app: str, release: str) -> Any:
    from fairlead.cli.client import named

    return client.get(f"apps/{named(app)}/releases/{named(release)}/sbom")


def _read(file: Path) -> Any:
    try:
        told = json.loads(file.read_bytes())
    except (OSError, ValueError) as error:
        raise Refused(f"--before {file} cannot be read as JSON: {error}") from error
    if not isinstance(told, dict):
        raise Refused(f"--before {file} is no SBOM: name one that `fairlead gates sbom` has told")
    return told
