"""What does pip-audit say of the packages that a requirements or lock file of Python names?

It is given names and versions in a file of ours: nothing of the project is installed, built or
resolved for it, and what the file says to pip besides does not count.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from fairlead.errors import Permanent
from fairlead.gates.advisories import pip
from fairlead.gates.advisories.audit import Audit
from fairlead.gates.finding import Finding
from fairlead.gates.packages import manifests, requirements
from fairlead.gates.packages.manifests import Manifest
from fairlead.gates.packages.package import Package
from fairlead.gates.patch import patch
from fairlead.providers.scanners.dependencies.checkout import Checkout
from fairlead.providers.scanners.dependencies.tool import bench, program

REMEDY = "`pipx install pip-audit`, or give the results of another auditor"
_GIVEN = "given.txt"
_ASKED = (
    "--format=json", "--aliases=on", "--desc=on", "--progress-spinner=off",
    "--disable-pip", "--no-deps", "--cache-dir=../.home/cache", f"--requirement={_GIVEN}",
)  # fmt: skip


def audit(checkout: Checkout, path: str) -> Audit:
    """Return what pip-audit finds for one file, and what it or the file leaves out.

    Errors: `Permanent` and `Temporary` when pip-audit cannot judge.
    """
    told = checkout.read(path)
    packages = manifests.packages(path, told)
    found = _asked(path, told, packages) if packages else Audit()
    if manifests.kind(path) is not Manifest.REQUIREMENTS:
        return found
    said = requirements.read(told)
    gaps = (found.gap, requirements.left_open(said, path, checkout.manifests))
    return Audit(found.findings, "; ".join(filter(None, gaps)))


def _asked(path: str, told: bytes, packages: Sequence[Package]) -> Audit:
    audits: list[Audit] = []
    good: dict[str, str] = {}
    for some in _rounds(packages):
        found, mended = _answered(some)
        audits.append(found)
        good |= mended
    findings = tuple(one for audit in audits for one in audit.findings)
    if manifests.kind(path) is Manifest.REQUIREMENTS:
        findings = _with_patches(findings, path, told, good)
    return Audit(findings, "; ".join(audit.gap for audit in audits if audit.gap))


def _rounds(packages: Sequence[Package]) -> list[list[Package]]:
    """Return the packages so that no round has two versions of one: pip-audit refuses that."""
    rounds: list[list[Package]] = []
    seen: Counter[str] = Counter()
    for one in sorted(set(packages)):
        if seen[one.name] == len(rounds):
            rounds.append([])
        rounds[seen[one.name]].append(one)
        seen[one.name] += 1
    return rounds


def _answered(packages: Sequence[Package]) -> tuple[Audit, dict[str, str]]:
    """Return what pip-audit finds, and which version of a package would mend it."""
    with bench(program("pip-audit", REMEDY)) as here:
        here.put({_GIVEN: "".join(f"{one.name}=={one.version}\n" for one in packages).encode()})
        output, is_bad = here.output(*_ASKED)
    found = pip.read(output, packages)
    if is_bad and not found.findings:
        raise Permanent("it ended with status 1 and without a finding")
    return found, pip.mended(output)


def _with_patches(
    found: Sequence[Finding], path: str, told: bytes, good: Mapping[str, str]
) -> tuple[Finding, ...]:
    """Return the findings, each with the change of its own line that mends it."""
    text = told.decode("utf-8", "replace")
    changes = {
        name: patch({path: text}, {path: requirements.changed(told, {name: version})})
        for name, version in good.items()
    }
    return tuple(replace(one, fix=changes.get(one.subject.partition(" ")[0], "")) for one in found)
