"""Does a live release go back when it must, and stay whenever that is not known for sure?"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from fairlead.analysis.check import Limits
from fairlead.analysis.measurement import Measurement, Unusable
from fairlead.analysis.verdict import Verdict
from fairlead.analysis.watch import (
    Decision,
    GoBack,
    Health,
    Leave,
    Past,
    Policy,
    Tell,
    Watched,
    after,
    decide,
    with_health,
)

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
LIMITS = Limits(error_rate=0.05, mean_ms=2000.0, min_samples=50, chance=1e-3)
POLICY = Policy(LIMITS, 85, 3.0, 2, 300.0, 600.0, 600.0, acts=True)
PAST = Past("old")


def second(at: int, requests: int = 100, errors: int = 0, mean_ms: float = 20.0) -> Measurement:
    ended = NOW + timedelta(seconds=at)
    began = ended - timedelta(seconds=1)
    return Measurement("new", "api", began, ended, requests, errors, requests * mean_ms)


def watched(*seconds: Measurement | Unusable, policy: Policy = POLICY) -> Watched:
    """Return what is known after these seconds, one after another."""
    known = Watched("new", NOW)
    for number, seen in enumerate(seconds, start=1):
        at = NOW + timedelta(seconds=number)
        known = after(known, seen if isinstance(seen, Unusable) else (seen,), policy, at)
    return known


def failing(number: int) -> list[Measurement]:
    return [second(at, errors=100) for at in range(1, number + 1)]


def decided(known: Watched, past: Past = PAST, policy: Policy = POLICY, at: float = 6) -> Decision:
    return decide(known, past, policy, NOW + timedelta(seconds=at))


def test_two_windows_of_failures_send_it_back_and_say_why() -> None:
    known = watched(*failing(6))
    assert decided(known) == Decision(
        GoBack(),
        "release new is unhealthy: api failed 100% of calls over 3 s (300 requests), limit 5%, "
        "2 windows running",
    )


def test_one_window_of_failures_is_not_enough() -> None:
    assert decided(watched(*failing(5))).move == Leave()


def test_slow_answers_send_it_back_as_failures_do() -> None:
    slow = [second(at, mean_ms=2100.0) for at in range(1, 7)]
    told = decided(watched(*slow))
    assert told.move == GoBack()
    assert "api took 2100 ms on average over 3 s (300 requests), limit 2000 ms" in told.because


def test_no_request_is_counted_in_two_windows() -> None:
    # Were the second window to hold seconds of the first, its three failing ones would still tell.
    known = watched(*failing(3), *[second(at) for at in range(4, 7)])
    assert (known.over, known.window) == (0, ())
    assert known.judged[0].requests == 300
    assert known.finding is not None
    assert known.finding.verdict is Verdict.HEALTHY


def test_looks_a_little_too_early_close_the_window_as_well() -> None:
    early = [replace(m, began=m.began + timedelta(milliseconds=40)) for m in failing(6)]
    assert watched(*early).over == 2


def test_too_few_requests_keep_the_window_open_until_there_are_enough() -> None:
    few = [second(at, requests=10, errors=10) for at in range(1, 11)]
    assert watched(*few[:4]).over == 0
    assert watched(*few[:5]).over == 1
    assert decided(watched(*few)).move == GoBack()


def test_a_window_with_too_few_requests_is_unknown_in_the_end() -> None:
    short = replace(POLICY, longest_s=5.0)
    known = watched(*[second(at, requests=1, errors=1) for at in range(1, 6)], policy=short)
    assert known.finding is not None
    assert known.finding.verdict is Verdict.UNKNOWN
    assert (known.window, known.over, known.known_at) == ((), 0, NOW)


def test_more_failures_than_the_limit_by_chance_send_nothing_back() -> None:
    # 6 of 100 is more than 5 %, and what a release that keeps its limit does every other window.
    bad = [second(at, requests=34, errors=2) for at in range(1, 7)]
    assert decided(watched(*bad)).move == Leave()


def test_what_is_not_seen_sends_nothing_back_and_begins_anew() -> None:
    away = Unusable("Envoy does not answer")
    known = watched(*failing(5), away)
    assert (known.window, known.over) == ((), 0)
    told = decided(known, at=900)
    assert isinstance(told.move, Tell)
    assert told.because == (
        "it is not known how release new does, for 897 s now: Envoy does not answer; it stays live"
    )
    assert decided(known, at=500).move == Leave()


def test_that_nobody_looks_at_all_is_told_as_well() -> None:
    told = decided(watched(*[second(at) for at in range(1, 4)]), at=900)
    assert isinstance(told.move, Tell)
    assert "for 897 s now: nothing was measured" in told.because


def test_a_release_that_failed_and_that_nobody_asks_any_more_stays() -> None:
    quiet = [second(at, requests=0) for at in range(10, 200)]
    known = watched(*failing(9), *quiet)
    assert known.over == 3
    told = decided(known, at=200)
    assert told == Decision(Leave(), "0 requests in 190 s, fewer than the 50 needed to judge")
    # It is asked again, and still fails.
    again = [second(at, errors=100) for at in range(200, 203)]
    assert decided(watched(*failing(9), *quiet, *again), at=203).move == GoBack()


def test_a_place_that_never_had_traffic_is_told_only_when_it_must_be_known() -> None:
    never = watched(*[second(at, requests=0) for at in range(1, 5)])
    assert isinstance(decided(never, at=900).move, Tell)
    idle = replace(POLICY, must_be_known=False)
    assert decided(never, policy=idle, at=900).move == Leave()


@pytest.mark.parametrize(
    ("past", "policy", "why"),
    [
        (Past(""), POLICY, "there is no release before it: a person has to decide"),
        (
            Past("old", NOW, "r1", newest_at=NOW),
            POLICY,
            "it was sent back once already, in run r1: a person has to decide",
        ),
        (
            Past("old", newest_at=NOW - timedelta(seconds=60)),
            POLICY,
            "another one went back a moment ago: not before 03:09:00 UTC",
        ),
        (PAST, replace(POLICY, acts=False), "watch.unhealthy says only to tell"),
    ],
)
def test_what_cannot_go_back_is_told(past: Past, policy: Policy, why: str) -> None:
    told = decided(watched(*failing(6)), past, policy)
    assert isinstance(told.move, Tell)
    assert f"release new is unhealthy and stays, since {why}: api failed 100%" in told.because


def test_a_way_back_that_goes_on_is_left_alone() -> None:
    past = Past("old", NOW, "r1", own_run_open=True, newest_at=NOW)
    assert decided(watched(*failing(6)), past).move == Leave()


def test_what_was_refused_is_tried_again_after_the_cooldown() -> None:
    refused = Past("old", NOW, "", newest_at=NOW)
    assert decided(watched(*failing(6)), refused, at=599).move == Leave()
    assert decided(watched(*failing(6)), refused, at=601).move == GoBack()


def test_the_cooldown_ends() -> None:
    past = Past("old", newest_at=NOW - timedelta(seconds=600))
    assert decided(watched(*failing(6)), past).move == GoBack()


def scored(health: Health) -> Watched:
    known = Watched("new", NOW)
    for at in range(1, 7):
        moment = NOW + timedelta(seconds=at)
        known = with_health(known, after(known, (second(at),), POLICY, moment), health, POLICY)
    return known


def test_a_low_health_score_sends_it_back_as_a_broken_limit_does() -> None:
    told = decided(scored(Health(84.0, "connections 98% used")))
    assert told.move == GoBack()
    assert "the health score is 84, limit 85: connections 98% used" in told.because
    assert decided(scored(Health(85.0, "all is well"))).move == Leave()


def test_an_unknown_health_score_is_not_100_and_sends_nothing_back() -> None:
    known = scored(Health(None, "nobody told about connections"))
    assert decided(known).move == Leave()
    told = decided(known, at=700)
    assert isinstance(told.move, Tell)
    assert "the health score is unknown: nobody told about connections" in told.because


def test_an_unknown_health_score_hides_no_failures() -> None:
    known = Watched("new", NOW)
    for at, seen in enumerate(failing(6), start=1):
        then = after(known, (seen,), POLICY, NOW + timedelta(seconds=at))
        known = with_health(known, then, Health(None, "unknown"), POLICY)
    assert decided(known).move == GoBack()
