"""What decides about a gate: all that its command left, or what a check of ours has found?"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from fairlead.cli.gates import checks
from fairlead.cli.gates.around import Around
from fairlead.gates import comparing, junit, sarif, sarif_reading, suppression
from fairlead.gates.advisories import osv
from fairlead.gates.comparing import Comparison
from fairlead.gates.finding import Scan
from fairlead.gates.judging import Judged, Rules, Status, judge
from fairlead.gates.tests_run import Tests, flaky
from fairlead.providers.scanners import commanding
from fairlead.providers.scanners.commanding import Left, Ran
from fairlead.release.spec.gate import Gate
from fairlead.release.spec.model import Spec

_COMMAND = "the gate's command"
_OSV = "https://ossf.github.io/osv-schema/"


@dataclass(frozen=True, slots=True)
class Found:
    """What came of a gate before anybody judged it.

    `flaky` are tests that passed when they were run again; `failed` says how its command ended,
    empty when that was with status 0.
    """

    scans: tuple[Scan, ...] = ()
    tests: Tests | None = None
    flaky: tuple[str, ...] = ()
    failed: str = ""


@dataclass(frozen=True, slots=True)
class Decided:
    """The verdict, and what it was made of; `notes` are sentences for people."""

    judged: Judged
    found: Found
    comparison: Comparison | None = None
    notes: tuple[str, ...] = ()

    @property
    def sarif(self) -> dict[str, Any]:
        """Return what was found, as SARIF 2.1.0."""
        return sarif.log(self.found.scans, self.comparison)

    @property
    def counts(self) -> dict[str, int]:
        """Return how many findings count, how many were dismissed, and how many are new."""
        every = [one for scan in self.found.scans for one in scan.findings]
        counted = sum(not one.dismissed for one in every)
        told = {"counted": counted, "dismissed": len(every) - counted}
        return told | ({"new": len(self.comparison.new)} if self.comparison else {})


def decide(spec: Spec, name: str, around: Around) -> Decided:
    """Run a gate of the file here, and judge it. Errors: `Refused` for files that are wrong."""
    gate, exceptions = spec.gates[name], around.exceptions()
    if gate.check is None:
        found = _commanded(gate, around.folder)
    else:
        found = Found(checks.scans(gate.check, spec, around))
    applied = suppression.applied(found.scans, exceptions, around.now.date())
    found = replace(found, scans=comparing.merged(applied.scans))
    before = around.found_before()
    comparison = comparing.compared(before, found.scans) if before is not None else None
    rules = Rules(gate.fail_at, new_only=gate.new_only, requires_tests=bool(gate.junit))
    judged = judge(found.scans, found.tests, rules, comparison, applied.problems)
    told = (one.sentence for one in applied.problems)
    return Decided(_with_command(judged, found), found, comparison, (*told, *_notes(found)))


def _with_command(judged: Judged, found: Found) -> Judged:
    """Let the command's own status have its say: nothing that it left outweighs a failure."""
    if not found.scans and found.tests is None:
        passed = Judged(Status.PASSED, f"{_COMMAND} ended with status 0")
        return Judged(Status.FAILED, found.failed) if found.failed else passed
    if not found.failed:
        return judged
    status = Status.FAILED if judged.status is Status.PASSED else judged.status
    return Judged(status, f"{judged.because}; {found.failed}")


def _notes(found: Found) -> Iterator[str]:
    for scan in found.scans:
        for one in scan.findings:
            where = f"{one.place.file}:{one.place.line}" if one.place else one.subject
            left_out = f" (left out: {one.dismissed})" if one.dismissed else ""
            yield f"{one.severity} {one.rule} {where}: {one.sentence}{left_out}"
    for test in found.flaky:
        yield f"flaky: {test} failed, and passed when it was run again"
    if found.tests:
        yield from (f"slow: {one.name} took {one.seconds:.1f} s" for one in found.tests.slowest)


def _commanded(gate: Gate, folder: Path) -> Found:
    tries = commanding.tries(gate, folder)
    last, tests = tries[-1], None
    mended: tuple[str, ...] = ()
    if gate.junit:
        every = [_tests(one.junit) for one in tries]
        tests = every[-1]
        mended = tuple(dict.fromkeys(name for one in every[:-1] for name in flaky(one, tests)))
    times = f", tried {len(tries)} times" if len(tries) > 1 else ""
    failed = f"{_COMMAND} ended with status {last.status}{times}" if last.status else ""
    return Found(tuple(_scans(gate, last, str(folder.resolve()))), tests, mended, failed)


def _tests(left: Left) -> Tests:
    return Tests(unknown=left.unknown) if left.unknown else junit.read(left.documents)


def _scans(gate: Gate, ran: Ran, root: str) -> Iterator[Scan]:
    for globs, left in ((gate.sarif, ran.sarif), (gate.osv, ran.osv)):
        if globs and left.unknown:
            yield Scan(_COMMAND, "", sarif.SCHEMA, unknown=left.unknown)
    for data in ran.sarif.documents:
        yield from map(_not_dismissed, sarif_reading.read(data, root))
    for data in ran.osv.documents:
        audit = osv.read(data)
        yield Scan("OSV", "", _OSV, audit.findings, audit.gap)


def _not_dismissed(scan: Scan) -> Scan:
    """Only suppressions.yaml leaves anything out: with reason, owner and the day it ends."""
    return replace(scan, findings=tuple(replace(o, dismissed="") for o in scan.findings))
