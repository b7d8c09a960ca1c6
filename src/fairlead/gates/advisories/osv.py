"""What does a tool say that writes as osv-scanner does, with advisories in the OSV format?

Source: the OSV schema 1.7 (`severity`, `affected`, `database_specific`) and osv-scanner's
documentation, "Output". A vector of CVSS 4.0 has no score of ours: the group's `max_severity` or
the database's word is taken, and without them the severity is unknown.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from pydantic import Field

from fairlead.gates.advisories import cvss
from fairlead.gates.advisories.audit import Audit, advisory, severity, with_help
from fairlead.gates.finding import Finding, Severity
from fairlead.gates.packages.package import Shape, Word

_LINK = "https://osv.dev/vulnerability/"
_BEST_NAMES = ("GHSA-", "PYSEC-", "RUSTSEC-", "GO-", "CVE-")
_SCORE = re.compile(r"\d{1,2}(?:\.\d)?\Z")


class _Score(Shape):
    type: str
    score: str


class _Range(Shape):
    events: list[dict[str, str]] = Field(default_factory=list)


class _Named(Shape):
    name: str


class _Affected(Shape):
    package: _Named | None = None
    ranges: list[_Range] = Field(default_factory=list)


class _Advisory(Shape):
    id: Word
    summary: str = ""
    details: str = ""
    withdrawn: str = ""
    severity: list[_Score] = Field(default_factory=list)
    affected: list[_Affected] = Field(default_factory=list)
    database_specific: dict[str, Any] = Field(default_factory=dict)


class _Group(Shape):
    """Advisories that tell of the same thing."""

    ids: list[Word] = Field(min_length=1)
    max_severity: str = ""


class _Package(Shape):
    name: Word
    version: str = ""
    commit: str = ""


class _Packages(Shape):
    package: _Package
    vulnerabilities: list[_Advisory] = Field(default_factory=list)
    groups: list[_Group] = Field(default_factory=list)


class _Source(Shape):
    path: str


class _Result(Shape):
    source: _Source
    packages: list[_Packages]


class _Report(Shape):
    results: list[_Result]


def read(output: bytes) -> Audit:
    """Return what the tool found, advisories of the same thing as one finding.

    Errors: `Permanent` when the report cannot be read.
    """
    report = _Report.of(output, "its report")
    found = {f for one in report.results for some in one.packages for f in _findings(some)}
    return Audit(tuple(sorted(found, key=lambda f: (f.subject, f.rule))))


def judged(output: bytes) -> frozenset[str]:
    """Return the paths of the files that the report tells of. Errors: as `read`."""
    return frozenset(one.source.path for one in _Report.of(output, "its report").results)


def _findings(some: _Packages) -> Iterator[Finding]:
    known = {one.id: one for one in some.vulnerabilities}
    groups = [one for one in some.groups if any(each in known for each in one.ids)]
    grouped = {each for group in groups for each in group.ids}
    groups += [_Group(ids=[each]) for each in known if each not in grouped]
    for group in groups:
        yield _finding(some.package, [known[one] for one in group.ids if one in known], group)


def _finding(package: _Package, told: Sequence[_Advisory], group: _Group) -> Finding:
    best = min(told, key=lambda one: (_preference(one.id), one.id))
    what = best.summary or best.details.strip().partition("\n")[0]
    subject = f"{package.name} {package.version or package.commit}".strip()
    found = advisory(best.id, _worst(told, group), what, subject, _LINK + best.id)
    good = sorted({one for each in told for one in _fixed(each, package.name)})
    found = with_help(found, f"fixed in {', '.join(good)}" if good else "no version mends it yet")
    if all(one.withdrawn for one in told):
        return replace(found, dismissed="the advisory was withdrawn by those who published it")
    return found


def _preference(name: str) -> int:
    fits = (at for at, start in enumerate(_BEST_NAMES) if name.startswith(start))
    return next(fits, len(_BEST_NAMES))


def _worst(told: Sequence[_Advisory], group: _Group) -> Severity | None:
    """Return the worst that anybody says of it; None when nobody says anything."""
    said = [severity(str(one.database_specific.get("severity", ""))) for one in told]
    scores = [cvss.score_of(each.score) for one in told for each in one.severity]
    scores += [float(group.max_severity)] if _SCORE.match(group.max_severity) else []
    said += [cvss.rating(score) for score in scores if score is not None]
    order = [*Severity]
    return max((one for one in said if one), key=order.index, default=None)


def _fixed(told: _Advisory, name: str) -> Iterator[str]:
    for one in told.affected:
        if one.package is None or one.package.name == name:
            for each in one.ranges:
                yield from (event["fixed"] for event in each.events if "fixed" in event)
