"""Is what a canary can find said rightly before it starts?"""

from math import inf

import pytest

from fairlead.analysis.evidence.power import (
    USUAL_WEIGHTS,
    Plan,
    enough_weight,
    seeing_weight,
    sentences,
    to_find,
    to_prove,
    wald,
)
from fairlead.analysis.evidence.rules import Rules

RULES = Rules()


@pytest.mark.parametrize(("worse", "bound"), [(0.01, 3794), (0.025, 372), (0.105, 37), (1.0, 1.9)])
def test_the_bound_is_that_of_wald(worse: float, bound: float) -> None:
    assert wald(0.005, worse, 19, 0.001) == pytest.approx(bound, rel=0.01)


def test_what_is_tolerated_is_never_found() -> None:
    assert to_find(Plan(100, 0.05, 0.005), 0.01, Rules(tolerance=0.01, mde=0.02)) == inf


def test_more_traffic_and_more_weight_find_it_sooner() -> None:
    seconds = [
        plan.seconds(to_find(plan, 0.02, RULES))
        for plan in (Plan(12, 0.05, 0.005), Plan(12, 0.25, 0.005), Plan(100, 0.25, 0.005))
    ]
    assert seconds == sorted(seconds, reverse=True)


def test_a_healthy_release_needs_about_two_thousand_requests() -> None:
    assert 1500 < to_prove(Plan(100, 0.05, 0.005), RULES) < 2500


def test_bursts_make_proof_from_errors_take_longer_and_that_of_answer_times_not() -> None:
    calm, bursty = Plan(100, 0.05, 0.005), Plan(100, 0.05, 0.005, phi=4.0)
    assert to_find(bursty, 0.02, RULES) == pytest.approx(4 * to_find(calm, 0.02, RULES))
    assert to_prove(calm, RULES) < to_prove(bursty, RULES) < 4 * to_prove(calm, RULES) + 1


def test_a_small_canary_says_what_it_cannot_see_and_what_would_help() -> None:
    proof, sees, blind = sentences(Plan(12, 0.05, 0.005), RULES)
    assert proof == (
        "at 12 requests/s and 5% it takes about 55 minutes to prove a release as good, longer than "
        "its horizon; a first weight of 10% would do in 28 minutes"
    )
    assert sees == "it sees +10 points in about 87 s, +2 points in about 14 minutes"
    assert blind == "it cannot see +0.5 points within 30 minutes"


def test_what_a_larger_first_weight_would_see_is_said_and_what_none_would() -> None:
    assert sentences(Plan(20, 0.05, 0.005), RULES)[-1] == (
        "it cannot see +0.5 points within 30 minutes; a first weight of 20% would in 27 minutes"
    )
    assert sentences(Plan(5, 0.05, 0.005), RULES)[-2:] == [
        "it cannot see +2 points within 30 minutes; a first weight of 10% would in 19 minutes",
        "it cannot see +0.5 points within 30 minutes",
    ]
    assert sentences(Plan(0.01, 0.05, 0.005), RULES)[-1] == (
        "it cannot see +10, +2, +0.5 points within 30 minutes"
    )


def test_the_weight_that_is_proposed_is_the_smallest_that_sees_in_time() -> None:
    found = seeing_weight(Plan(20, 0.05, 0.005), 0.005, RULES)
    assert found is not None
    for weight in USUAL_WEIGHTS:
        plan = Plan(20, weight / 100, 0.005)
        in_time = plan.seconds(to_find(plan, 0.005, RULES)) <= RULES.horizon_s
        assert in_time is (weight >= found[0])


@pytest.mark.parametrize(
    ("plan", "told"),
    [
        (
            Plan(200, 0.05, 0.005),
            "a release that fails every call gives about 10 bad answers before the first look, "
            "over 10% of max_bad 50; a first weight of 2% or a poll of 500ms would stay within it",
        ),
        (
            Plan(400, 0.01, 0.005, poll=5.0),
            "a release that fails every call gives about 20 bad answers before the first look, "
            "over 10% of max_bad 50; a poll of 1.2s would stay within it",
        ),
        (
            Plan(100, 0.5, 0.005, poll=0.2),
            "a release that fails every call gives about 10 bad answers before the first look, "
            "over 10% of max_bad 50; a first weight of 25% or a poll of 100ms would stay within it",
        ),
        (
            Plan(20_000, 0.01, 0.005),
            "a release that fails every call gives about 200 bad answers before the first look, "
            "over 10% of max_bad 50; nothing smaller than 1% or a poll of 100ms can be written",
        ),
    ],
)
def test_what_the_first_weight_costs_is_said_before_it_starts(plan: Plan, told: str) -> None:
    assert sentences(plan, RULES)[-1] == told


def test_a_first_weight_within_a_tenth_of_max_bad_needs_no_word() -> None:
    for plan in (Plan(100, 0.05, 0.005), Plan(500, 0.05, 0.005, poll=0.2)):
        assert not any("fails every call" in told for told in sentences(plan, RULES))


def test_no_weight_is_enough_for_next_to_no_traffic() -> None:
    assert enough_weight(Plan(0.1, 0.05, 0.005), RULES) is None
