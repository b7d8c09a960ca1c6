"""How is the personal data of one deployment looked at: database, files, logs and exceptions?"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fairlead.cli.gates.around import Around
from fairlead.cli.privacy import files
from fairlead.errors import FairleadError
from fairlead.gates import personal_data as told_as_findings
from fairlead.gates import suppression
from fairlead.gates.finding import Scan
from fairlead.privacy import report
from fairlead.privacy.declaration import FILE_NAME, Declaration
from fairlead.privacy.failing import Beside
from fairlead.privacy.inventory import Inventory
from fairlead.privacy.logged import look_at
from fairlead.privacy.page import markdown
from fairlead.privacy.report import Deployment
from fairlead.privacy.rules import Judged, judge
from fairlead.providers.databases import personal_data
from fairlead.providers.sources.git import GitRepository


@dataclass(frozen=True, slots=True)
class Looked:
    """What came of looking: the findings of a gate, and the report."""

    scan: Scan
    told: dict[str, Any]


def declared(around: Around) -> tuple[Declaration, str] | None:
    """Return what the commit under test declares, and where it stands; None when nothing does.

    Without a commit the folder's own file counts. Errors: `Refused` with every fault in it.
    """
    if around.history is None or not around.commit:
        path = around.folder / FILE_NAME
        return (files.declaration(path), str(path)) if path.exists() else None
    repository = GitRepository(around.history.parent)
    if FILE_NAME not in repository.blobs(around.commit):
        return None
    written = repository.read(around.commit, FILE_NAME)
    digest = hashlib.sha256(written).hexdigest()[:16]
    where = f"{FILE_NAME} of commit {around.commit[:12]} (SHA-256 {digest}…)"
    return files.declared(written, FILE_NAME), where


def look(around: Around, edge: Path, found: tuple[Declaration, str] | None) -> Looked:
    """Hold what is declared against the database, the edge functions in a folder and the logs.

    A database that does not answer is told as unknown; the logs are judged all the same.
    """
    declaration, where = found or (Declaration(), f"nothing: there is no {FILE_NAME}")
    beside = Beside(files.edge_functions(edge), look_at(around.logs))
    inventory = _inventory(around.database)
    judged = judge(inventory, declaration, beside)
    scan = told_as_findings.scan(judged)
    of = _deployment(around, where, judged, scan)
    return Looked(scan, report.report(inventory, declaration, beside, judged, of))


def keep(told: dict[str, Any], to: Path | None) -> None:
    """Write a report as JSON, and beside it as a page to read, where one was asked for."""
    if to is not None:
        files.write(to, json.dumps(told, indent=2) + "\n")
        files.write(to.with_suffix(".md"), markdown(told))


def _inventory(address: str) -> Inventory:
    try:
        return personal_data.inventory(address)
    except FairleadError as error:
        why = f"the database could not be looked at: {error}"
        return Inventory("a database that could not be read", (), gaps=(why,), is_read=False)


def _deployment(around: Around, where: str, judged: Judged, scan: Scan) -> Deployment:
    applied = suppression.applied([scan], around.exceptions(), around.now.date())
    both = zip(judged.failures, applied.scans[0].findings, strict=False)
    return Deployment(
        around.environment,
        around.release,
        where,
        tuple((one, finding.dismissed) for one, finding in both if finding.dismissed),
        tuple(one.sentence for one in applied.problems if one.fails),
    )
