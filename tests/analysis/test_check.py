"""Is a release judged by its own numbers, and never called healthy without them?"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import comb

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairlead.analysis.check import Limits, judge
from fairlead.analysis.measurement import Measurement, Unusable
from fairlead.analysis.verdict import Finding, Verdict

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
LIMITS = Limits(error_rate=0.02, mean_ms=1000.0, min_samples=50)
law = settings(deadline=None, max_examples=60)


def measured(
    requests: int, errors: int = 0, mean_ms: float = 80.0, component: str = "functions"
) -> Measurement:
    began = NOW - timedelta(seconds=31)
    return Measurement(
        "new", component, began, NOW - timedelta(seconds=1), requests, errors, requests * mean_ms
    )


def judged(*window: Measurement) -> Finding:
    return judge(window, LIMITS, NOW)


def test_a_release_within_its_limits_is_healthy_and_says_by_how_much() -> None:
    assert judged(measured(1000, 3)) == Finding(
        Verdict.HEALTHY,
        "0.3% errors (limit 2%), 80 ms mean (limit 1000 ms) over 30 s (1000 requests)",
    )


def test_a_missing_error_rate_is_unknown_where_the_runbook_says_zero() -> None:
    assert judge(None, LIMITS, NOW) == Finding(Verdict.UNKNOWN, "nothing was measured")


def test_a_null_answer_of_the_source_is_unknown_where_the_runbook_says_healthy() -> None:
    null = Unusable("the source does not answer")
    assert judge(null, LIMITS, NOW) == Finding(Verdict.UNKNOWN, "the source does not answer")


def test_an_empty_answer_is_unknown_where_the_runbook_says_score_100() -> None:
    assert judge((), LIMITS, NOW).verdict is Verdict.UNKNOWN


def test_a_release_nobody_asked_is_unknown_not_free_of_errors() -> None:
    assert judged(measured(0)) == Finding(
        Verdict.UNKNOWN, "0 requests in 30 s, fewer than the 50 needed to judge"
    )


def test_too_few_requests_are_unknown() -> None:
    assert judged(measured(49)).verdict is Verdict.UNKNOWN
    assert judged(measured(50)).verdict is Verdict.HEALTHY


def test_requests_are_counted_over_all_components() -> None:
    window = (measured(20), measured(30, component="frontend"))
    assert judged(*window).verdict is Verdict.HEALTHY


@pytest.mark.parametrize(("age_s", "verdict"), [(60, Verdict.HEALTHY), (61, Verdict.UNKNOWN)])
def test_measurements_older_than_the_limit_are_unknown(age_s: int, verdict: Verdict) -> None:
    old = replace(measured(1000), ended=NOW - timedelta(seconds=age_s))
    assert judged(old).verdict is verdict


def test_one_stale_component_makes_all_unknown() -> None:
    stale = replace(measured(1000, component="frontend"), ended=NOW - timedelta(seconds=90))
    assert judged(measured(1000), stale) == Finding(
        Verdict.UNKNOWN, "the measurements are 90.0 s old, older than 60 s"
    )


def test_measurements_of_the_future_are_unknown_but_a_moment_is_forgiven() -> None:
    def ends_in(seconds: float) -> Measurement:
        return replace(measured(1000), ended=NOW + timedelta(seconds=seconds))

    assert judged(ends_in(0.2)).verdict is Verdict.HEALTHY
    assert judged(ends_in(3600)).because == (
        "the measurements end 3600.0 s in the future: a clock was set back"
    )
    assert judged(ends_in(3600)).verdict is Verdict.UNKNOWN


def test_two_percent_of_a_limit_of_two_percent_is_healthy() -> None:
    assert judged(measured(1000, 20)).verdict is Verdict.HEALTHY
    assert judged(measured(1000, 21)).verdict is Verdict.UNHEALTHY


def test_a_mean_of_exactly_the_limit_is_healthy() -> None:
    assert judged(measured(100, 0, 1000.0)).verdict is Verdict.HEALTHY
    assert judged(measured(100, 0, 1000.5)).verdict is Verdict.UNHEALTHY


def test_an_unhealthy_sentence_names_number_limit_and_window() -> None:
    assert judged(measured(1000, 31)).because == (
        "functions failed 3.1% of calls over 30 s (1000 requests), limit 2%"
    )
    assert judged(measured(1000, 0, 1234.0)).because == (
        "functions took 1234 ms on average over 30 s (1000 requests), limit 1000 ms"
    )


def test_a_limit_broken_by_a_hair_can_be_told_from_its_limit() -> None:
    assert "2.042% of calls" in judged(measured(50_000, 1021)).because
    assert "1000.4 ms on average" in judged(measured(1000, 0, 1000.4)).because
    narrow = Limits(error_rate=0.0004, mean_ms=0.5, min_samples=50)
    assert judge((measured(1000, 1),), narrow, NOW).because == (
        "functions failed 0.1% of calls over 30 s (1000 requests), limit 0.04%; "
        "functions took 80 ms on average over 30 s (1000 requests), limit 0.5 ms"
    )


@pytest.mark.parametrize("bad", [measured(60, 6), measured(60, 0, 1500.0)])
def test_one_bad_component_cannot_hide_behind_a_good_whole(bad: Measurement) -> None:
    finding = judged(measured(100_000, component="frontend"), bad)
    assert finding.verdict is Verdict.UNHEALTHY
    assert finding.because.startswith("functions ")


@pytest.mark.parametrize("doubtful", [measured(10, 3), measured(10, 0, 9000.0)])
def test_a_limit_broken_on_too_few_requests_is_unknown(doubtful: Measurement) -> None:
    finding = judged(measured(100_000, component="frontend"), doubtful)
    assert finding.verdict is Verdict.UNKNOWN
    assert "but 10 requests are too few to judge" in finding.because


def test_all_broken_limits_are_told_together() -> None:
    because = judged(measured(100, 50, 5000.0)).because
    assert "failed 50% of calls" in because
    assert "took 5000 ms on average" in because


def test_a_window_shorter_than_a_second_is_told_in_milliseconds() -> None:
    short = replace(measured(100), began=NOW - timedelta(seconds=1.25))
    assert "over 250 ms" in judged(short).because


windows = st.lists(
    st.builds(
        measured, st.integers(0, 300), st.just(0), st.floats(0, 3000), st.sampled_from("abc")
    ),
    max_size=3,
)
shares = st.lists(st.floats(0, 1), min_size=3, max_size=3)


def failing(window: list[Measurement], share: list[float]) -> list[Measurement]:
    return [
        replace(m, errors=round(m.requests * part)) for m, part in zip(window, share, strict=False)
    ]


@law
@given(windows, shares, shares)
def test_more_errors_never_turn_the_verdict_milder(
    window: list[Measurement], few: list[float], more: list[float]
) -> None:
    most = [max(pair) for pair in zip(few, more, strict=True)]
    fewer, worse = judged(*failing(window, few)), judged(*failing(window, most))
    assert worse.verdict >= fewer.verdict


@law
@given(windows, st.floats(1, 10))
def test_slower_answers_never_turn_the_verdict_milder(
    window: list[Measurement], factor: float
) -> None:
    slower = [replace(m, total_ms=m.total_ms * factor) for m in window]
    assert judged(*slower).verdict >= judged(*window).verdict


@law
@given(windows, shares)
def test_healthy_needs_enough_requests_and_every_limit_kept(
    window: list[Measurement], share: list[float]
) -> None:
    window = failing(window, share)
    finding = judged(*window)
    assert finding.because
    if finding.verdict is Verdict.HEALTHY:
        assert sum(m.requests for m in window) >= LIMITS.min_samples
        assert all((m.error_rate or 0) <= LIMITS.error_rate for m in window)
        assert all((m.mean_ms or 0) <= LIMITS.mean_ms for m in window)


def by_chance(errors: int, requests: int = 60) -> Finding:
    return judge((measured(requests, errors),), replace(LIMITS, chance=0.004), NOW)


def test_beside_evidence_a_limit_counts_only_where_chance_would_not_break_it() -> None:
    assert by_chance(3) == Finding(
        Verdict.UNKNOWN,
        "functions failed 5% of calls (limit 2%) over 30 s, which may be chance with 60 requests",
    )
    assert by_chance(12).verdict is Verdict.UNHEALTHY
    assert by_chance(60).verdict is Verdict.UNHEALTHY
    assert judged(measured(60, 3)).verdict is Verdict.UNHEALTHY


@law
@given(st.integers(50, 400), st.floats(0.001, 0.02))
def test_a_release_within_its_limit_seems_over_it_no_likelier_than_was_promised(
    requests: int, rate: float
) -> None:
    """Every number of errors is tried: those called UNHEALTHY are together as unlikely as said."""
    likely = [comb(requests, x) * rate**x * (1 - rate) ** (requests - x) for x in range(requests)]
    worse = [by_chance(x, requests).verdict is Verdict.UNHEALTHY for x in range(requests)]
    assert sum(p for p, over in zip(likely, worse, strict=True) if over) <= 0.004
