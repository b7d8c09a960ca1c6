"""What is a release made of, as its commit says? The pipeline is told by a process of its own.

Lock files may be anything, so the server reads none of them. It is no command of `fairlead`: every
release asks this, and loading all commands would take longer than the answer.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from fairlead.cli import report_file
from fairlead.cli.harmless import line
from fairlead.cli.work_tree import WorkTree
from fairlead.errors import FairleadError, Refused
from fairlead.gates.sbom import MOST_BYTES, Shipped, sbom
from fairlead.gates.sbom_since import told
from fairlead.providers.scanners.dependencies.inventory import inventory
from fairlead.providers.sources.git import GitRepository
from fairlead.release.release import release_id


def main(words: Sequence[str] | None = None) -> int:
    """Write the SBOM of a release that was built; return the status: 0 done, 2 it cannot be."""
    asked = _asked(words)
    try:
        with report_file.reporting(asked.report):
            bill = _bill(asked)
            text = json.dumps(bill, separators=(",", ":"))
            if len(text) > MOST_BYTES:
                raise Refused(f"it would be larger than {MOST_BYTES >> 20} MB")
            asked.to.write_text(text, "ascii")
            report_file.write(asked.report, {}, told(bill))
    except FairleadError as error:
        print(line(str(error)), file=sys.stderr)  # noqa: T201 - it has no terminal to draw on
        return 2
    return 0


def _bill(asked: argparse.Namespace) -> dict[str, object]:
    repository, name = GitRepository(asked.history.parent), asked.to.stem
    try:
        found = inventory(repository.checkout(asked.commit, name))
    finally:
        repository.discard(name)
    digests = dict(one.split("=", 1) for one in asked.artifact)
    at = _committed_at(asked.history, asked.commit)
    shipped = Shipped(release_id(asked.commit), asked.commit, at, digests)
    return sbom(asked.app, shipped, found.locks, found.gaps)


def _asked(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="release_sbom", description=__doc__)
    parser.add_argument("app", help="name of the app")
    parser.add_argument("--history", type=Path, required=True, help="git folder with the commit")
    parser.add_argument("--commit", required=True, help="the release's commit, in full")
    parser.add_argument("--to", type=Path, required=True, help="file to write")
    parser.add_argument("--artifact", action="append", default=[], help="NAME=DIGEST")
    parser.add_argument("--report", type=Path, help="also write what came of it there, as JSON")
    return parser.parse_args(words)


def _committed_at(history: Path, commit: str) -> datetime:
    try:
        return datetime.fromtimestamp(WorkTree(history).committed_at(commit), UTC)
    except (OverflowError, ValueError, OSError) as error:
        raise Refused(f"the time of commit {commit[:12]} cannot be read") from error


if __name__ == "__main__":
    sys.exit(main())
