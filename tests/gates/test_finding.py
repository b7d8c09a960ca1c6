"""Is a finding the same one while the lines around it change, and another one otherwise?"""

from dataclasses import replace
from itertools import pairwise

import pytest

from fairlead.gates.finding import Finding, Place, Severity, fingerprints

FOUND = Finding("no-eval", Severity.HIGH, "It calls eval.", Place("a.ts", 3, 1, 3, 9), "eval(x)")


def named(*findings: Finding) -> tuple[str, ...]:
    return fingerprints("lint", findings)


def test_a_finding_that_moved_within_its_file_keeps_its_name() -> None:
    moved = replace(FOUND, place=Place("a.ts", 90, 5, 90, 13), sentence="It calls eval again.")
    assert named(moved) == named(FOUND)


@pytest.mark.parametrize(
    "other",
    [
        replace(FOUND, rule="no-exec"),
        replace(FOUND, subject="eval(y)"),
        replace(FOUND, place=Place("b.ts", 3, 1, 3, 9)),
        replace(FOUND, place=None),
    ],
)
def test_another_rule_file_or_subject_is_another_finding(other: Finding) -> None:
    assert named(other) != named(FOUND)


def test_without_a_subject_the_sentence_tells_findings_apart() -> None:
    one, two = replace(FOUND, subject=""), replace(FOUND, subject="", sentence="It calls exec.")
    assert named(one) != named(two)
    assert fingerprints("other", [one]) != named(one)


def test_equal_findings_are_counted() -> None:
    names = named(FOUND, FOUND, FOUND)
    assert len({*names}) == 3
    assert named(FOUND, FOUND) == names[:2]


def test_severities_are_in_order() -> None:
    for less, more in pairwise(Severity):
        assert more.reaches(less)
        assert more.reaches(more)
        assert not less.reaches(more)
