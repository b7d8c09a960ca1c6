"""Does a suppression dismiss what it names while it is valid, and fail the gate afterwards?"""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairlead.gates.comparing import named
from fairlead.gates.finding import Finding, Place, Scan, Severity
from fairlead.gates.suppression import Suppression, applied
from made_findings import SCAN

TODAY = date(2026, 11, 23)
EVAL = Finding("no-eval", Severity.HIGH, "It calls eval.", Place("src/a/b.ts", 3, 1, 3, 9))
EXEC = replace(EVAL, rule="no-exec", place=None)
SCAN_OF_TWO = Scan("lint", "1", "", (EVAL, EXEC))
EVAL_NAME, EXEC_NAME = (one.fingerprint for one in named([SCAN_OF_TWO]))


def suppression(days: int = 1, **what: str) -> Suppression:
    return Suppression("it is meant", "mara", TODAY + timedelta(days=days), **what)


def dismissed(*suppressions: Suppression, scan: Scan = SCAN_OF_TWO) -> list[str]:
    (told,) = applied([scan], suppressions, TODAY).scans
    return [one.rule for one in told.findings if one.dismissed]


@pytest.mark.parametrize(
    ("what", "rules"),
    [
        ({"finding": EVAL_NAME}, ["no-eval"]),
        ({"finding": EXEC_NAME}, ["no-exec"]),
        ({"finding": "0" * 16}, []),
        ({"rule": "no-eval"}, ["no-eval"]),
        ({"rule": "no-eval", "file": "src/**"}, ["no-eval"]),
        ({"rule": "no-eval", "file": "src/*"}, []),
        ({"rule": "no-exec", "file": "**"}, []),
        ({"rule": "no-exec"}, ["no-exec"]),
        ({"rule": "no-"}, []),
        ({"rule": EVAL_NAME}, []),
        ({"finding": "no-eval"}, []),
    ],
)
def test_it_dismisses_what_it_names_and_nothing_else(
    what: dict[str, str], rules: list[str]
) -> None:
    assert dismissed(suppression(1, **what)) == rules


def test_a_dismissed_finding_says_why_by_whom_and_until_when() -> None:
    told = applied([SCAN_OF_TWO], [suppression(rule="no-eval")], TODAY)
    assert told.scans[0].findings[0].dismissed == "it is meant (mara, until 2026-11-24)"
    assert told.problems == ()


def test_it_holds_up_to_and_on_its_last_day() -> None:
    assert dismissed(suppression(0, rule="no-eval")) == ["no-eval"]
    assert dismissed(suppression(-1, rule="no-eval")) == []


def test_an_expired_one_that_still_matches_fails() -> None:
    (problem,) = applied([SCAN_OF_TWO], [suppression(-1, rule="no-eval")], TODAY).problems
    assert problem.fails
    assert problem.sentence == (
        "the suppression of rule no-eval by mara expired on 2026-11-22: mend it or renew it"
    )


def test_an_expired_one_that_matches_nothing_is_only_told() -> None:
    (problem,) = applied([SCAN_OF_TWO], [suppression(-1, rule="no-new")], TODAY).problems
    assert not problem.fails
    assert "matches nothing: remove it" in problem.sentence


def test_an_unused_one_is_told_unless_a_tool_could_not_judge() -> None:
    unused = suppression(rule="no-new", file="src/**")
    (problem,) = applied([SCAN_OF_TWO], [unused], TODAY).problems
    assert not problem.fails
    assert "rule no-new in src/** by mara is unused" in problem.sentence
    assert applied([replace(SCAN_OF_TWO, unknown="it broke")], [unused], TODAY).problems == ()


def test_an_expired_one_fails_though_another_one_or_the_tool_dismisses_the_same() -> None:
    expired, valid = suppression(-1, rule="no-eval"), suppression(finding=EVAL_NAME)
    told = applied([SCAN_OF_TWO], [expired, valid], TODAY)
    assert told.scans[0].findings[0].dismissed
    assert [one.fails for one in told.problems] == [True]
    own = replace(SCAN_OF_TWO, findings=(replace(EVAL, dismissed="by the tool"), EXEC))
    (scan,) = applied([own], [valid], TODAY).scans
    assert scan.findings[0].dismissed == "by the tool"


def test_what_a_person_wrote_is_harmless_where_it_is_told() -> None:
    one = Suppression("a\x1b[31m\nb", "m\x9bara", TODAY, rule="no-\x1beval")
    eval_ = replace(EVAL, rule="no-\x1beval")
    (scan,) = applied([Scan("lint", "1", "", (eval_,))], [one], TODAY).scans
    assert scan.findings[0].dismissed.isprintable()
    (problem,) = applied([], [replace(one, until=date.min)], TODAY).problems
    assert problem.sentence.isprintable()


@settings(deadline=None, max_examples=60)
@given(st.lists(SCAN, max_size=3), st.data())
def test_nothing_but_dismissals_is_changed(scans: list[Scan], data: st.DataObject) -> None:
    names = [one.fingerprint for one in named(scans)]
    picked = data.draw(st.lists(st.sampled_from(names), unique=True)) if names else []
    told = applied(scans, [suppression(finding=name) for name in picked], TODAY)
    assert [one.fingerprint for one in named(told.scans)] == names
    assert told.problems == ()
    for before, after in zip(named(scans), named(told.scans), strict=True):
        assert replace(after.finding, dismissed=before.finding.dismissed) == before.finding
        counts = not before.finding.dismissed and before.fingerprint not in picked
        assert (not after.finding.dismissed) is counts
