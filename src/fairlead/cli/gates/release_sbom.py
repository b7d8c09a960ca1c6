"""What is a release made of, as its commit says? The command by which the pipeline is told."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from fairlead.cli import work_tree
from fairlead.cli.database import asked
from fairlead.errors import Refused

App = Annotated[str, typer.Argument(help="Name of the app.")]
History = Annotated[Path, typer.Option("--history", help="Git folder that has the commit.")]
Commit = Annotated[str, typer.Option("--commit", help="The release's commit, in full.")]
To = Annotated[Path, typer.Option("--to", help="File to write.")]
Artifacts = Annotated[
    list[str] | None,
    typer.Option("--artifact", help="A component and its digest: NAME=DIGEST.", show_default=False),
]


def release_sbom(  # noqa: PLR0913 - each is an option of the command
    app: App,
    *,
    history: History,
    commit: Commit,
    to: To,
    artifact: Artifacts = None,
    report: asked.Report = None,
) -> None:
    """Write the SBOM of a release that was built, read from a checkout of its own."""
    from fairlead.gates.sbom import MOST_BYTES, Shipped, sbom
    from fairlead.gates.sbom_since import told
    from fairlead.providers.scanners.dependencies.inventory import inventory
    from fairlead.providers.sources.git import GitRepository
    from fairlead.release.release import release_id

    digests = dict(one.split("=", 1) for one in artifact or ())
    repository, name = GitRepository(history.parent), to.stem
    with asked.reporting(report):
        try:
            found = inventory(repository.checkout(commit, name))
        finally:
            repository.discard(name)
        shipped = Shipped(release_id(commit), commit, _committed_at(history, commit), digests)
        bill = sbom(app, shipped, found.locks, found.gaps)
        text = json.dumps(bill, separators=(",", ":"))
        if len(text) > MOST_BYTES:
            raise Refused(f"it would be larger than {MOST_BYTES >> 20} MB")
        to.write_text(text, "ascii")
        asked.write(report, {}, told(bill))


def _committed_at(history: Path, commit: str) -> datetime:
    try:
        return datetime.fromtimestamp(work_tree.WorkTree(history).committed_at(commit), UTC)
    except (OverflowError, ValueError, OSError) as error:
        raise Refused(f"the time of commit {commit[:12]} cannot be read") from error
