"""What does `pip-audit --format json --aliases on` say? It knows no severities.

Source: pip-audit's documentation and the output that pip-audit 2.10 writes.
"""

import re
from collections.abc import Iterator, Sequence

from pydantic import Field

from fairlead.gates.advisories.audit import Audit, advisory, with_help
from fairlead.gates.finding import Finding
from fairlead.gates.packages.package import Package, Shape, Word, one_line
from fairlead.gates.packages.requirements import normal

_TOLD = 3
_PLAIN = re.compile(r"\d{1,9}(?:\.\d{1,9})*\Z")


class _Bad(Shape):
    id: Word
    fix_versions: list[Word]
    aliases: list[Word] = Field(default_factory=list)
    description: str = ""


class _Dependency(Shape):
    name: Word
    version: Word | None = None
    vulns: list[_Bad] | None = None
    skip_reason: str = ""


class _Report(Shape):
    dependencies: list[_Dependency]


def read(output: bytes, packages: Sequence[Package]) -> Audit:
    """Return what pip-audit found; the gap names what it left out of `packages`.

    Errors: `Permanent` when the report cannot be read.
    """
    report = _Report.of(output, "its report")
    found = [f for one in report.dependencies for f in _findings(one)]
    judged = {normal(one.name) for one in report.dependencies if one.vulns is not None}
    left_out = sorted({one.name for one in packages} - judged)
    reasons = {normal(one.name): one.skip_reason for one in report.dependencies}
    return Audit(tuple(sorted(found, key=lambda f: (f.subject, f.rule))), _gap(left_out, reasons))


def mended(output: bytes) -> dict[str, str]:
    """Return the lowest version of each package that mends all that was found in it.

    Left out is a package for which none is known, or one whose versions are not plain numbers.
    """
    found = {}
    for one in _Report.of(output, "its report").dependencies:
        wanted = [_next(one.version or "", bad.fix_versions) for bad in one.vulns or ()]
        known = [version for version in wanted if version]
        if known and len(known) == len(wanted):
            found[normal(one.name)] = max(known, key=_numbers)
    return found


def _next(version: str, good: Sequence[str]) -> str | None:
    if not all(map(_PLAIN.match, (version, *good))):
        return None
    above = [one for one in good if _numbers(one) > _numbers(version)]
    return min(above, key=_numbers, default=None)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def _findings(one: _Dependency) -> Iterator[Finding]:
    for bad in one.vulns or ():
        what = bad.description.strip().partition("\n")[0]
        names = f" ({', '.join(bad.aliases)})" if bad.aliases else ""
        subject = f"{normal(one.name)} {one.version or ''}".strip()
        link = f"https://osv.dev/vulnerability/{bad.id}"
        found = advisory(bad.id, None, what or f"it has a published advisory{names}", subject, link)
        good = ", ".join(bad.fix_versions)
        yield with_help(found, f"fixed in {good}" if good else "no version mends it yet")


def _gap(left_out: Sequence[str], reasons: dict[str, str]) -> str:
    if not left_out:
        return ""
    named = ", ".join(left_out[:_TOLD]) + (" and more" if len(left_out) > _TOLD else "")
    why = reasons.get(left_out[0]) or "it did not say why"
    return one_line(f"pip-audit left out {len(left_out)} of the packages ({named}): {why}")
