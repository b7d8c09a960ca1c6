"""What is the working tree made of? Its software bill of materials, and what changed in it."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from fairlead.cli import terminal, work_tree
from fairlead.cli.configuration import FILE, load, read
from fairlead.errors import Refused

Before = Annotated[
    Path | None,
    typer.Option(
        "--before", help="An earlier one: tell what changed since instead.", show_default=False
    ),
]


def sbom(before: Before = None) -> None:
    """Tell the packages that the lock files here name, as CycloneDX 1.6, under the last commit."""
    from fairlead.gates.sbom import Shipped
    from fairlead.gates.sbom import sbom as bill_of
    from fairlead.gates.sbom_difference import difference
    from fairlead.providers.scanners.dependencies.inventory import inventory

    tree = work_tree.find(Path())
    sha = tree.commit("HEAD")
    spec, found = load(read(tree.root / FILE), FILE), inventory(tree.root)
    at = datetime.fromtimestamp(tree.committed_at(sha), UTC)
    bill = bill_of(spec.app, Shipped(sha[:12], sha, at, {}), found.locks, found.gaps)
    if before is None:
        terminal.tell_json(bill)
    else:
        terminal.say(difference(_read(before), bill).sentence)


def _read(file: Path) -> Any:
    try:
        return json.loads(file.read_bytes())
    except (OSError, ValueError) as error:
        raise Refused(f"--before {file} cannot be read as JSON: {error}") from error
