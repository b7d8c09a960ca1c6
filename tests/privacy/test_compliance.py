"""Is every line proven, refuted or unknown, and never met by silence?"""

from typing import Any

import pytest

from fairlead.privacy.compliance import Answer, Line, Noted, Recorded, lines, live, verdict

SUBMITTED = Noted(3, "run.submitted", "r/submitted", "live")
PASSED = Noted(5, "gate.passed", "r/1/gdpr/ended", "live")
APPROVED = Noted(7, "approval.approved", "x", "live")
LIVE = Noted(9, "release.live", "r/2/live", "live")
EVERYTHING = [SUBMITTED, PASSED, APPROVED, LIVE]


def told(verdict: str = "passed", logs: Any = ({"a": 0},), unknown: str = "") -> dict[str, Any]:
    report = {
        "environment": "live",
        "verdict": verdict,
        "sentence": "3 personal columns",
        "logs": [{"log": "api", "counts": counts, "unknown": unknown} for counts in logs],
    }
    return {"report": report}


def recorded(**other: Any) -> Recorded:
    known: dict[str, Any] = {
        "deployments": [told()],
        "gates": {"gdpr": "passed"},
        "entries": EVERYTHING,
        "needs_approval": True,
    }
    return Recorded(**known | other)


def test_what_is_proven_is_met_with_its_evidence() -> None:
    found = lines(recorded())
    assert {one.answer for one in found} == {Answer.MET}
    assert [one.evidence for one in found] == [(), (), (5,), (3, 7)]
    assert verdict(found) is Answer.MET


@pytest.mark.parametrize(
    ("other", "number", "answer"),
    [
        ({"deployments": [told("failed")]}, 0, Answer.NOT_MET),
        ({"deployments": [told("unknown")]}, 0, Answer.UNKNOWN),
        ({"deployments": [told("something new")]}, 0, Answer.UNKNOWN),
        ({"deployments": [told(logs=[{"a": 2}])]}, 1, Answer.NOT_MET),
        ({"deployments": [told(logs=[])]}, 1, Answer.UNKNOWN),
        ({"deployments": [told(unknown="it is gone")]}, 1, Answer.UNKNOWN),
        ({"gates": {}}, 2, Answer.NOT_MET),
        ({"gates": {"gdpr": "not run yet"}}, 2, Answer.UNKNOWN),
        ({"gates": {"gdpr": "unknown"}}, 2, Answer.UNKNOWN),
        ({"gates": {"gdpr": "passed", "b": "failed"}}, 2, Answer.NOT_MET),
        ({"entries": [SUBMITTED, APPROVED]}, 2, Answer.UNKNOWN),
        ({"entries": [SUBMITTED, PASSED]}, 3, Answer.UNKNOWN),
        ({"entries": [PASSED, APPROVED]}, 3, Answer.UNKNOWN),
    ],
)
def test_one_line_that_is_not_met_or_unknown_decides(
    other: dict[str, Any], number: int, answer: Answer
) -> None:
    found = lines(recorded(**other))
    assert found[number].answer is answer
    assert verdict(found) is answer


def test_no_line_is_unknown_and_a_report_that_is_missing_leaves_the_others() -> None:
    assert verdict([]) is Answer.UNKNOWN
    assert len(lines(recorded(deployments=[]))) == 2
    needs_none = recorded(needs_approval=False, entries=[SUBMITTED, PASSED])
    assert verdict(lines(needs_none)) is Answer.MET


def test_what_runs_must_be_what_was_judged() -> None:
    def answered(line: Line) -> tuple[Answer, tuple[int, ...]]:
        return line.answer, line.evidence

    assert answered(live(recorded(), "live", "a1", "a1")) == (Answer.MET, (9,))
    assert answered(live(recorded(), "live", "a1", "b2")) == (Answer.NOT_MET, (9,))
    assert answered(live(recorded(entries=[]), "live", "a1", "a1")) == (Answer.UNKNOWN, ())
