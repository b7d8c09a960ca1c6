"""Does a gate pass only when everything was judged, tested and found to be good enough?"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairlead.gates import junit, tests_run
from fairlead.gates.comparing import compared
from fairlead.gates.finding import Finding, Place, Scan, Severity
from fairlead.gates.judging import LONGEST_BECAUSE, Rules, Status, judge
from fairlead.gates.suppression import Problem, Suppression, applied
from made_findings import FINDING, SCAN

law = settings(deadline=None, max_examples=150)
EVAL = Finding("no-eval", Severity.HIGH, "It calls eval.", Place("a.ts", 3, 1, 3, 9))
GREEN = tests_run.Tests(ran=12, skipped=2)
RULES = st.builds(Rules, st.sampled_from(Severity), st.booleans(), st.booleans())
COUNT = st.integers(0, 3)
TESTS = st.none() | st.builds(
    tests_run.Tests, COUNT, COUNT, COUNT, COUNT, unknown=st.sampled_from(["", "no test ran"])
)


def lint(*findings: Finding, unknown: str = "") -> Scan:
    return Scan("lint", "1", "", findings, unknown)


def status(
    scans: Sequence[Scan], tests: tests_run.Tests | None = None, *, requires_tests: bool = False
) -> Status:
    return judge(scans, tests, Rules(requires_tests=requires_tests)).status


@pytest.mark.parametrize("severity", list(Severity))
@pytest.mark.parametrize("fail_at", list(Severity))
def test_a_finding_fails_from_the_limit_on(severity: Severity, fail_at: Severity) -> None:
    told = judge([lint(replace(EVAL, severity=severity))], None, Rules(fail_at))
    assert told.passed is not severity.reaches(fail_at)


def test_what_was_dismissed_fails_nothing() -> None:
    told = judge([lint(replace(EVAL, dismissed="it is meant"))], None, Rules())
    assert (told.status, told.because) == ("passed", "no finding reaches high (1 dismissed)")


@law
@given(st.lists(SCAN, max_size=3), TESTS, RULES)
def test_a_tool_that_could_not_judge_is_never_a_pass_nor_a_failure(
    scans: list[Scan], tests: tests_run.Tests | None, rules: Rules
) -> None:
    told = judge([*scans, lint(unknown="it broke off")], tests, rules)
    assert told.status is Status.UNKNOWN


def test_what_is_unknown_is_never_a_pass() -> None:
    assert status([]) is Status.UNKNOWN
    assert status([], tests_run.Tests()) is Status.UNKNOWN
    assert status([lint()], tests_run.Tests()) is Status.UNKNOWN
    assert status([lint()], junit.read([])) is Status.UNKNOWN
    assert status([lint()], requires_tests=True) is Status.UNKNOWN
    assert status([lint()], GREEN, requires_tests=True) is Status.PASSED
    assert status([], GREEN) is Status.PASSED


def test_a_test_that_failed_or_broke_fails() -> None:
    for broken in (replace(GREEN, failed=1), replace(GREEN, errors=1)):
        assert status([lint()], broken) is Status.FAILED


@law
@given(st.lists(SCAN, max_size=3), TESTS, RULES, FINDING, st.data())
def test_one_more_finding_never_turns_a_failure_into_a_pass(
    scans: list[Scan],
    tests: tests_run.Tests | None,
    rules: Rules,
    more: Finding,
    data: st.DataObject,
) -> None:
    before = data.draw(st.none() | st.lists(st.sampled_from(scans)) if scans else st.none())
    is_alike = data.draw(st.booleans())
    # The added one often resembles what is there: then equal findings are counted anew.
    alike = [one for scan in scans for one in scan.findings]
    if alike and is_alike:
        severity = data.draw(st.sampled_from(Severity))
        more = replace(data.draw(st.sampled_from(alike)), severity=severity)

    def told(now: list[Scan]) -> Status:
        comparison = None if before is None else compared(before, now)
        return judge(now, tests, rules, comparison).status

    was = told(scans)
    if was is not Status.PASSED and scans:
        at = data.draw(st.integers(0, len(scans) - 1))
        findings = [*scans[at].findings]
        findings.insert(data.draw(st.integers(0, len(findings))), more)
        changed = replace(scans[at], findings=tuple(findings))
        assert told([*scans[:at], changed, *scans[at + 1 :]]) is not Status.PASSED


def test_only_new_findings_fail_when_that_is_the_rule() -> None:
    now = [lint(EVAL, replace(EVAL, rule="no-new"))]
    rules = Rules(new_only=True)
    assert judge(now, None, rules, compared(now, now)).because == (
        "no new finding reaches high (2 others)"
    )
    told = judge(now, None, rules, compared([lint(EVAL)], now))
    assert told.status is Status.FAILED
    assert told.because == (
        "1 finding reaches high, 1 new since the running release: "
        "high no-new at a.ts:3 (It calls eval.)"
    )
    assert judge(now, None, rules).status is Status.FAILED


def test_the_sentence_names_the_worst_three_and_the_new_ones_first() -> None:
    def one(rule: str, severity: Severity) -> Finding:
        return replace(EVAL, rule=rule, severity=severity)

    old = [one("r1", Severity.HIGH), one("r2", Severity.HIGH)]
    now = [lint(*old, one("r3", Severity.HIGH), one("r4", Severity.CRITICAL))]
    told = judge(now, None, Rules(), compared([lint(*old)], now)).because
    assert told.startswith(
        "4 findings reach high, 2 new since the running release: critical r4 at a.ts:3"
    )
    assert told.index("r4") < told.index("r3") < told.index("r1")
    assert told.endswith(" and 1 more")


def test_a_finding_in_no_file_is_told_by_what_it_is_about() -> None:
    found = replace(EVAL, place=None, subject="left-pad 1.0.0")
    assert "high no-eval of left-pad 1.0.0 (" in judge([lint(found)], None, Rules()).because


def test_tests_are_told_in_numbers_and_names() -> None:
    assert judge([], replace(GREEN, flaky=("a",)), Rules()).because == (
        "12 tests passed, 2 skipped, 1 flaky"
    )
    broken = replace(GREEN, failed=1, errors=1, failures=(tests_run.Failure("a", "no"),))
    assert judge([], broken, Rules()).because == "2 of 12 tests failed: a and 1 more"


def test_an_expired_suppression_fails_whatever_it_matched() -> None:
    note = replace(EVAL, severity=Severity.NOTE)
    one = Suppression("it is meant", "mara", date(2026, 11, 22), rule="no-eval")
    told = applied([lint(note)], [one], date(2026, 11, 23))
    judged = judge(told.scans, None, Rules(), problems=told.problems)
    assert judged.status is Status.FAILED
    assert "by mara expired on 2026-11-22" in judged.because
    unused = [Problem("it is unused", fails=False)]
    assert judge([lint()], None, Rules(), problems=unused).passed


def test_what_failed_is_told_beside_what_is_unknown() -> None:
    told = judge([lint(EVAL), lint(unknown="it broke off")], None, Rules())
    assert told.status is Status.UNKNOWN
    assert told.because.startswith("lint could not judge: it broke off; 1 finding reaches high")


def test_the_sentence_is_harmless_and_bounded() -> None:
    bad = replace(EVAL, rule="r\x1b" * 900, place=Place("a\n\x9b" * 900, 1, 1, 1, 1))
    scans = [replace(lint(bad, unknown="x\n" * 900), tool=f"{i}\n") for i in range(99)]
    told = judge(scans, replace(GREEN, unknown="\x1b" * 900), Rules()).because
    assert told.isprintable()
    assert len(told) <= LONGEST_BECAUSE
