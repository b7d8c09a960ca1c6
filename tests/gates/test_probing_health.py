"""Is a function healthy only when every call of it says so, in time, from the release meant?"""

from dataclasses import replace

import pytest

from fairlead.gates.probing.answer import Answer, End
from fairlead.gates.probing.declared import Declared
from fairlead.gates.probing.health import Health, judge

SHOP, DESK = Declared("shop", every_call=False, needs_token=False), Declared("desk")
WELL = Answer(End.ANSWERED, 0.1, 200, body=b'{"status": "healthy"}', release="r1")


def health(*answers: Answer, one: Declared = SHOP, signed_in: bool = False) -> Health:
    return Health(one, answers, signed_in)


def test_three_good_answers_are_clean() -> None:
    found = health(WELL, WELL, WELL)
    assert judge([found], "r1").is_clean
    assert found.latency_s == 0.1


def test_no_function_is_never_clean_here() -> None:
    assert "no function was found" in judge([], "r1").unknown


@pytest.mark.parametrize("end", [end for end in End if end is not End.ANSWERED])
def test_no_answer_is_unknown(end: End) -> None:
    found = health(WELL, Answer(end, 10))
    assert judge([found], "r1").unknown == f"shop {end.value}: look into its log"
    assert found.latency_s is None


@pytest.mark.parametrize("end", [End.HUNG, End.BROKE_OFF])
def test_no_answer_is_a_finding_where_nothing_stands_between(end: End) -> None:
    scan = judge([health(WELL, Answer(end, 10))], "r1", must_answer=True)
    assert [(one.rule, one.sentence) for one in scan.findings] == [
        ("function/no-answer", f"shop {end.value} when health_check was called")
    ]
    assert scan.unknown == ""


def test_a_function_that_was_not_called_is_unknown() -> None:
    assert judge([health()], "r1").unknown == "shop was not called"


def test_another_releases_answer_is_unknown() -> None:
    assert "not answered by release r2" in judge([health(WELL, WELL, WELL)], "r2").unknown


def test_one_bad_status_of_three_fails() -> None:
    scan = judge([health(WELL, replace(WELL, status=503, release=""), WELL)], "r1")
    (one,) = scan.findings
    assert (one.rule, one.subject) == ("function/health-status", "shop")
    assert one.sentence == "shop answered health_check with 503 instead of 200 (1 of 3 calls)"


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"", "no JSON"),
        (b"ok", "no JSON"),
        (b"[" * 100_000, "no JSON"),
        (b"[]", "no JSON object"),
        (b"null", "no JSON object"),
        (b'{"success": false}', "not healthy"),
        (b'{"status": "FAIL"}', "not healthy"),
        (b'{"success": true, "result": {"status": "unhealthy"}}', "not healthy"),
    ],
)
def test_a_body_that_does_not_say_healthy_fails(body: bytes, told: str) -> None:
    (one,) = judge([health(replace(WELL, body=body))], "r1").findings
    assert one.rule == "function/health-body"
    assert told in one.sentence


def test_an_answer_without_end_fails() -> None:
    (one,) = judge([health(replace(WELL, is_whole=False))], "r1").findings
    assert "more than 64 kB" in one.sentence


def test_the_median_is_held_against_the_limit() -> None:
    slow, limit = replace(WELL, took_s=2.5), 2.0
    assert judge([health(WELL, slow, WELL)], "r1", limit).is_clean
    (one,) = judge([health(slow, WELL, slow)], "r1", limit).findings
    assert one.rule == "function/slow"
    assert "2.50 s" in one.sentence
    assert "at most 2 s" in one.sentence


def test_a_guarded_function_needs_the_secret_to_be_judged() -> None:
    shut = replace(WELL, status=401)
    assert "FAIRLEAD_JWT_SECRET_FILE" in judge([health(shut, one=DESK)], "r1").unknown
    (one,) = judge([health(shut, one=DESK, signed_in=True)], "r1").findings
    assert one.rule == "function/health-status"
