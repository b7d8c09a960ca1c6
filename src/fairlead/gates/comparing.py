"""Which findings are new in this release, which were known, and which are gone?"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from fairlead.gates.finding import Finding, Scan, fingerprints


@dataclass(frozen=True, slots=True)
class Named:
    """A finding with the tool that made it and its fingerprint (16 hex digits)."""

    fingerprint: str
    tool: str
    finding: Finding


@dataclass(frozen=True, slots=True)
class Comparison:
    """What this release found beside what the release before did."""

    new: tuple[Named, ...]
    known: tuple[Named, ...]
    gone: tuple[Named, ...]


def named(scans: Sequence[Scan]) -> Iterator[Named]:
    """Give every finding its fingerprint, in the order of the scans."""
    for scan in scans:
        names = fingerprints(scan.tool, scan.findings)
        for name, finding in zip(names, scan.findings, strict=True):
            yield Named(name, scan.tool, finding)


def compared(before: Sequence[Scan], now: Sequence[Scan]) -> Comparison:
    """Tell by fingerprint what is new, known and gone; every finding of `now` is new or known.

    Nothing is gone for a tool that did not run now or could not judge: it was not looked for.
    """
    then = {one.fingerprint: one for one in named(before)}
    here = {one.fingerprint: one for one in named(now)}
    unknown = {scan.tool for scan in now if scan.unknown}
    judged = {scan.tool for scan in now} - unknown
    return Comparison(
        new=tuple(one for name, one in here.items() if name not in then),
        known=tuple(one for name, one in here.items() if name in then),
        gone=tuple(o for name, o in then.items() if name not in here and o.tool in judged),
    )


def merged(scans: Sequence[Scan]) -> tuple[Scan, ...]:
    """Return one scan for each tool; what two of its runs both found counts once.

    Where they differ the finding that counts is kept, and the worse one of two that do. A tool is
    unknown when one of its runs is. Fingerprints stay as they were.
    """
    runs: dict[str, list[Scan]] = {}
    for scan in scans:
        runs.setdefault(scan.tool, []).append(scan)
    return tuple(_one(of_tool) for of_tool in runs.values())


def _one(runs: Sequence[Scan]) -> Scan:
    kept: dict[str, Finding] = {}
    for one in named(runs):
        other = kept.get(one.fingerprint)
        if other is None or _counts_more(one.finding, other):
            kept[one.fingerprint] = one.finding
    unknown = next((run.unknown for run in runs if run.unknown), "")
    return replace(runs[0], findings=tuple(kept.values()), unknown=unknown)


def _counts_more(one: Finding, other: Finding) -> bool:
    if bool(one.dismissed) != bool(other.dismissed):
        return not one.dismissed
    return one.severity is not other.severity and one.severity.reaches(other.severity)
