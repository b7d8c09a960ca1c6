"""What does `npm audit --json` say, in its report of version 2 (npm 7 and later)?

Source: npm's documentation, "npm audit", and the report that npm 11 writes.
"""

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from fairlead.errors import Permanent
from fairlead.gates.advisories.audit import Audit, advisory, fixed_in, severity, with_help
from fairlead.gates.finding import Finding
from fairlead.gates.packages import package_lock
from fairlead.gates.packages.package import Package, Shape, Word, one_line


class _Advisory(Shape):
    source: int
    name: Word
    title: str
    url: str
    severity: str
    range: str


class _Fix(Shape):
    name: Word
    version: Word
    is_major: bool = Field(alias="isSemVerMajor")


class _Bad(Shape):
    """A package with an advisory of its own, or one that needs such a package: `via` names it."""

    name: Word
    via: list[_Advisory | str] = Field(min_length=1)
    nodes: list[str]
    fix: bool | _Fix = Field(alias="fixAvailable")


class _Counted(Shape):
    total: int = Field(ge=0)


class _Counts(Shape):
    vulnerabilities: _Counted
    dependencies: _Counted


class _Report(Shape):
    version: Literal[2] = Field(alias="auditReportVersion")
    vulnerabilities: dict[str, _Bad]
    metadata: _Counts


class _Refusal(Shape):
    message: str = ""
    error: dict[str, object]


def read(output: bytes, lock: bytes) -> Audit:
    """Return what npm found for the packages of a package-lock.json.

    Errors: `Permanent` when the report cannot be read, says why there is none, or leaves out a
    package of the lock file.
    """
    nodes = package_lock.nodes(lock)
    if why := _refusal(output):
        raise Permanent(f"it has no report: {why}")
    report = _Report.of(output, "its report")
    bad = report.vulnerabilities
    if report.metadata.vulnerabilities.total != len(bad):
        raise Permanent("its report does not hold as many packages as it counts")
    if report.metadata.dependencies.total < len(nodes):
        raise Permanent("its report leaves out packages of package-lock.json")
    for one in bad.values():
        if any(isinstance(via, str) and via not in bad for via in one.via):
            raise Permanent("its report names a package that it does not tell of")
    found = {f for one in bad.values() for f in _findings(one, nodes)}
    return Audit(tuple(sorted(found, key=lambda f: (f.subject, f.rule))))


def _refusal(output: bytes) -> str:
    if b'"auditReportVersion"' in output:
        return ""
    try:
        told = _Refusal.of(output, "its report")
    except Permanent:
        return ""
    return one_line(told.message or str(told.error.get("summary") or "it did not say why"))


def _findings(bad: _Bad, nodes: dict[str, Package]) -> Iterator[Finding]:
    if not any(isinstance(via, _Advisory) for via in bad.via):
        return
    if not bad.nodes or not all(node in nodes for node in bad.nodes):
        raise Permanent("its report names a package that package-lock.json does not")
    for via in bad.via:
        if isinstance(via, _Advisory):
            for package in {nodes[node] for node in bad.nodes}:
                rule = via.url.rstrip("/").rpartition("/")[2] or f"npm-{via.source}"
                subject = package.subject
                found = advisory(rule, severity(via.severity), via.title, subject, via.url)
                yield with_help(found, f"{fixed_in(via.range)}; {_fix(bad)}")


def _fix(bad: _Bad) -> str:
    match bad.fix:
        case _Fix(name=name, version=version, is_major=is_major):
            change = "a major change" if is_major else "outside the range of package.json"
            return f"`npm install {name}@{version}` mends it ({change})"
        case True:
            return "`npm audit fix` mends it"
        case _:
            return "npm knows no fix"
