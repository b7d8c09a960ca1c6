"""Does what was measured count more than what the file says, and is the file compared with it?"""

from fairlead.analysis.history import Usual
from fairlead.release.judging import canary, power
from fairlead.release.spec.model import Environment

THERE = Environment.model_validate(
    {
        "listen": "127.0.0.1:8080",
        "strategy": "canary",
        "judgement": {},
        "traffic": {"requests_per_second": 100},
    }
)


def test_without_measurements_the_file_counts() -> None:
    plan = canary(THERE)
    assert plan is not None
    assert (plan.rate, plan.base, plan.phi) == (100, 0.005, 1)
    assert power(THERE, None) == power(THERE)


def test_measurements_count_more_than_the_file() -> None:
    plan = canary(THERE, Usual(400_000, 123.456, 0.004, 2.0))
    assert plan is not None
    assert (plan.rate, plan.base, plan.phi) == (123, 0.004, 2)
    told = power(THERE, Usual(400_000, 123.456, 0.004, 2.0))
    assert told[0].startswith("at 123 requests/s and 5%")
    assert not any("traffic." in sentence or "bursts" in sentence for sentence in told)


def test_bursts_are_a_finding_of_their_own() -> None:
    bursty = power(THERE, Usual(400_000, 123.456, 0.004, 6.0))
    assert "the bad answers arrive in bursts of about 6: proof takes 6 times as long" in bursty[-1]


def test_a_file_that_is_far_from_what_was_measured_is_told() -> None:
    *_, rate, errors = power(THERE, Usual(40_000, 11.11, 0.02, 1.0))
    assert rate == (
        "traffic.requests_per_second says 100, 11.1 were measured in the last hour: "
        "write what is usual"
    )
    assert errors == (
        "traffic.error_rate says 0.5%, 2.00% was measured in the last hour: write what is usual"
    )


def test_a_quiet_hour_says_nothing_of_the_share_that_fails() -> None:
    assert not any("error_rate" in told for told in power(THERE, Usual(900, 90.0, 0.001, 1.0)))


def test_an_hour_without_any_request_leaves_the_file_to_count() -> None:
    told = power(THERE, Usual(0, 0.0, 0.005, 1.0))
    assert told[0].startswith("at 100 requests/s and 5%")
    assert "0 were measured in the last hour" in told[-1]


def test_the_poll_of_the_file_decides_what_the_first_weight_costs() -> None:
    for poll, costs in (("200ms", False), ("2s", True)):
        asked = {**THERE.model_dump(by_alias=True), "judgement": {"evidence": {"poll": poll}}}
        there = Environment.model_validate(asked)
        plan = canary(there)
        assert plan is not None
        assert plan.poll == (2.0 if costs else 0.2)
        assert any("before the first look" in told for told in power(there)) is costs
