"""Do the findings and the tests of a gate let the release go on, and why?"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from fairlead.gates.comparing import Comparison, Named, named
from fairlead.gates.finding import Scan, Severity
from fairlead.gates.suppression import Problem
from fairlead.gates.tests_run import Tests
from fairlead.gates.wording import counted, one_line

LONGEST_BECAUSE = 800
_SHOWN = 3
_PLACE_LETTERS, _SENTENCE_LETTERS, _WHY_LETTERS = 80, 100, 200


class Status(StrEnum):
    """What a gate came to; nothing but `passed` lets a release go on."""

    PASSED = "passed"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Rules:
    """What fails a gate: findings from `fail_at` on.

    With `new_only` only those do that the running release does not have. With `requires_tests` a
    gate without a report of tests is unknown.
    """

    fail_at: Severity = Severity.HIGH
    new_only: bool = False
    requires_tests: bool = False


@dataclass(frozen=True, slots=True)
class Judged:
    """The verdict and its sentence."""

    status: Status
    because: str

    @property
    def passed(self) -> bool:
        """Tell whether the release may go on."""
        return self.status is Status.PASSED


@dataclass(frozen=True, slots=True)
class _Findings:
    """What counts, the worst first; `known` are fingerprints, None when nothing was compared."""

    counted: tuple[Named, ...]
    failing: tuple[Named, ...]
    dismissed: int
    known: frozenset[str] | None


def judge(
    scans: Sequence[Scan],
    tests: Tests | None,
    rules: Rules,
    comparison: Comparison | None = None,
    problems: Sequence[Problem] = (),
) -> Judged:
    """Return the verdict on what was found and tested.

    `comparison` is with the running release; without one every finding is new. `problems` are those
    of the suppressions. Unknown comes before failed: whoever mends what failed must look again.
    """
    found = _findings(scans, rules, comparison)
    unknown = _why_unknown(scans, tests, rules)
    failed = _why_failed(found, tests, rules, problems)
    if unknown:
        return Judged(Status.UNKNOWN, _told([*unknown, *failed]))
    if failed:
        return Judged(Status.FAILED, _told(failed))
    return Judged(Status.PASSED, _told(_why_passed(scans, found, tests, rules)))


def _findings(scans: Sequence[Scan], rules: Rules, comparison: Comparison | None) -> _Findings:
    every = [*named(scans)]
    known = frozenset(o.fingerprint for o in comparison.known) if comparison else None

    def is_new(one: Named) -> bool:
        return known is None or one.fingerprint not in known

    severities = [*Severity]
    counts = sorted(
        (one for one in every if not one.finding.dismissed),
        key=lambda one: (-severities.index(one.finding.severity), not is_new(one)),
    )
    failing = [
        one
        for one in counts
        if one.finding.severity.reaches(rules.fail_at) and (is_new(one) or not rules.new_only)
    ]
    return _Findings(tuple(counts), tuple(failing), len(every) - len(counts), known)


def _why_unknown(scans: Sequence[Scan], tests: Tests | None, rules: Rules) -> list[str]:
    why = [
        f"{one_line(scan.tool, 60)} could not judge: {one_line(scan.unknown, _WHY_LETTERS)}"
        for scan in scans
        if scan.unknown
    ]
    if len(why) > _SHOWN:
        why = [*why[:_SHOWN], f"{len(why) - _SHOWN} more could not judge"]
    if tests and tests.unknown:
        why.append(f"the tests are unknown: {one_line(tests.unknown, _WHY_LETTERS)}")
    if tests and not tests.unknown and not tests.ran:
        why.append("the tests are unknown: no test ran")
    if tests is None and rules.requires_tests:
        why.append("no report of the tests was written")
    if tests is None and not scans:
        why.append("nothing was looked at")
    return why


def _why_failed(
    found: _Findings, tests: Tests | None, rules: Rules, problems: Sequence[Problem]
) -> list[str]:
    why = []
    if found.failing:
        why.append(_failing(found, rules))
    if tests and (count := tests.failed + tests.errors):
        names = [one_line(one.name, _PLACE_LETTERS) for one in tests.failures[:_SHOWN]]
        why.append(f"{count} of {counted(tests.ran, 'test')} failed: {_list(names, count)}")
    if expired := [one.sentence for one in problems if one.fails]:
        more = f" and {len(expired) - 1} more expired" if len(expired) > 1 else ""
        why.append(f"{one_line(expired[0], _WHY_LETTERS)}{more}")
    return why


def _failing(found: _Findings, rules: Rules) -> str:
    count = len(found.failing)
    reach = "reaches" if count == 1 else "reach"
    told = f"{counted(count, 'finding')} {reach} {rules.fail_at}"
    known = found.known
    if known is not None:
        new = sum(one.fingerprint not in known for one in found.failing)
        told += f", {new or 'none'} new since the running release"
    return f"{told}: {_list([_one(one) for one in found.failing[:_SHOWN]], count)}"


def _one(one: Named) -> str:
    finding, place = one.finding, one.finding.place
    what = one_line(finding.subject, _PLACE_LETTERS)
    if place:
        what = f"{one_line(place.file, _PLACE_LETTERS)}:{place.line}"
    where = f" at {what}" if place else f" of {what}" if what else ""
    rule = one_line(finding.rule, 60)
    return f"{finding.severity} {rule}{where} ({one_line(finding.sentence, _SENTENCE_LETTERS)})"


def _list(shown: Sequence[str], count: int) -> str:
    more = f" and {count - len(shown)} more" if count > len(shown) else ""
    return f"{', '.join(shown)}{more}"


def _why_passed(
    scans: Sequence[Scan], found: _Findings, tests: Tests | None, rules: Rules
) -> list[str]:
    why = []
    if scans:
        which = "no new finding" if rules.new_only else "no finding"
        others = [counted(len(found.counted), "other")] if found.counted else []
        others += [f"{found.dismissed} dismissed"] if found.dismissed else []
        beside = f" ({', '.join(others)})" if others else ""
        why.append(f"{which} reaches {rules.fail_at}{beside}")
    if tests:
        told = f"{counted(tests.ran, 'test')} passed"
        told += f", {tests.skipped} skipped" if tests.skipped else ""
        why.append(told + (f", {len(tests.flaky)} flaky" if tests.flaky else ""))
    return why


def _told(why: Sequence[str]) -> str:
    return one_line("; ".join(why), LONGEST_BECAUSE)
