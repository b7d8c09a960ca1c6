"""What do all auditors together say of a checkout, and which of its manifests did none judge?"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from fairlead.errors import FairleadError
from fairlead.gates.advisories import osv
from fairlead.gates.advisories.audit import Audit
from fairlead.gates.finding import Finding, Place, Scan, Severity
from fairlead.gates.packages.manifests import Manifest
from fairlead.gates.packages.package import one_line
from fairlead.providers.scanners.dependencies import deno, npm, pip
from fairlead.providers.scanners.dependencies.checkout import Checkout, content, look
from fairlead.providers.scanners.dependencies.tool import version
from fairlead.providers.scanners.dependencies.unlocked import left_open

TOOL = "dependencies"
_ABOUT = "https://ossf.github.io/osv-schema/"
_NONE = "the checkout names no packages, so there is nothing to audit"


@dataclass(frozen=True, slots=True)
class _Auditor:
    """A tool of ours: its program, where its rules are told, and which manifests it judges."""

    tool: str
    program: str
    about: str
    judges: tuple[Manifest, ...]
    audit: Callable[[Checkout, str], Audit]


_AUDITORS = (
    _Auditor("npm audit", "npm", "https://docs.npmjs.com/cli/commands/npm-audit",
             (Manifest.NPM,), npm.audit),
    _Auditor("pip-audit", "pip-audit", "https://pypi.org/project/pip-audit/",
             (Manifest.REQUIREMENTS, Manifest.PYTHON), pip.audit),
    _Auditor("deno audit", "deno", "https://docs.deno.com/runtime/reference/cli/audit/",
             (Manifest.DENO,), deno.audit),
)  # fmt: skip


def scan(folder: Path, outputs: Sequence[Path] = ()) -> tuple[Scan, ...]:
    """Return what is published about the packages of a checkout; nothing in it is changed.

    The first scan tells whether every manifest was judged, the others what each tool found.
    `outputs` are files that other tools wrote as osv-scanner does; a manifest that such a file
    names as its source is not audited again. Nothing is raised: whatever keeps a tool from judging
    all of it is in its scan's `unknown`.
    """
    try:
        checkout = look(folder)
    except FairleadError as error:
        return (Scan(TOOL, "", _ABOUT, unknown=f"the dependencies are unknown: {error}"),)
    given = [_given(output) for output in outputs]
    judged = {path for _, paths in given for path in _within(folder, paths)}
    scans = [_coverage(checkout, judged)]
    for auditor in _AUDITORS:
        paths = [path for kind in auditor.judges for path in checkout.of_kind(kind)]
        if open_ones := [path for path in paths if path not in judged]:
            scans.append(_audited(auditor, checkout, open_ones))
    return (*scans, *(one for one, _ in given))


def _coverage(checkout: Checkout, judged: Collection[str]) -> Scan:
    try:
        gaps = left_open(checkout, judged)
    except FairleadError as error:
        gaps = (str(error),)
    if gaps:
        told = one_line(f"not all dependencies are known: {'; '.join(gaps)}")
        return Scan(TOOL, "", _ABOUT, unknown=told)
    declared = {*checkout.of_kind(Manifest.DECLARED), *checkout.of_kind(Manifest.PROJECT)}
    if {*checkout.manifests} <= declared:
        nothing = Finding("no-packages", Severity.NOTE, _NONE, dismissed="nothing to audit")
        return Scan(TOOL, "", _ABOUT, (nothing,))
    return Scan(TOOL, "", _ABOUT)


def _audited(auditor: _Auditor, checkout: Checkout, paths: Sequence[str]) -> Scan:
    found: list[Finding] = []
    gaps: list[str] = []
    for path in paths:
        try:
            audit = auditor.audit(checkout, path)
            text = checkout.read(path).decode("utf-8", "replace").split("\n")
        except FairleadError as error:
            gaps.append(f"{auditor.tool} could not judge {path}: {error}")
            continue
        found += [replace(one, place=_place(path, text, one)) for one in audit.findings]
        gaps += [audit.gap] if audit.gap else []
    told = one_line("; ".join(gaps))
    return Scan(auditor.tool, version(auditor.program), auditor.about, tuple(found), told)


def _place(path: str, lines: Sequence[str], one: Finding) -> Place:
    """Return the first line that names the finding's package, or else the first of the file."""
    name = one.subject.partition(" ")[0].removeprefix("jsr:").lower()
    at = next((at for at, line in enumerate(lines) if name in line.lower()), 0)
    return Place(path, at + 1, 1, at + 1, len(lines[at]) + 1)


def _given(output: Path) -> tuple[Scan, frozenset[str]]:
    """Return what another tool found, and the paths of the files that it judged."""
    try:
        told = content(output, output.name)
        return Scan("osv", "", _ABOUT, osv.read(told).findings), osv.judged(told)
    except FairleadError as error:
        why = one_line(f"the results in {output.name} could not be taken: {error}")
        return Scan("osv", "", _ABOUT, unknown=why), frozenset()


def _within(folder: Path, paths: Collection[str]) -> set[str]:
    whole = f"{folder.resolve()}/"
    return {path.removeprefix(whole).removeprefix("./") for path in paths}
