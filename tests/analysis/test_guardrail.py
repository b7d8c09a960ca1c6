"""Do guard-rails speak only on enough numbers, and only after so many windows?"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairlead.analysis.expression import Expression
from fairlead.analysis.expression_text import parsed
from fairlead.analysis.guardrail import (
    Guardrail,
    Tally,
    Window,
    counted,
    joined,
    reopened,
    seen,
    told,
    values,
)
from fairlead.analysis.histogram import BUCKETS, bucket, percentile_ms
from fairlead.analysis.measurement import Measurement, Unusable, summed
from fairlead.analysis.verdict import Finding, Verdict

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
law = settings(deadline=None, max_examples=60)


def rail(text: str, *, back: bool = False, windows: int = 2) -> Guardrail:
    expression = parsed(text)
    assert isinstance(expression, Expression)
    return Guardrail("tail", expression, 50, windows, unknown_is_broken=back)


def measured(
    requests: int, errors: int = 0, p99_ms: float | None = 80.0, component: str = "functions"
) -> Measurement:
    times = [0] * BUCKETS
    if p99_ms is not None:
        times[bucket(p99_ms)] = requests
    began = NOW - timedelta(seconds=31)
    ended = NOW - timedelta(seconds=1)
    return Measurement("new", component, began, ended, requests, errors, requests * 2.0, (*times,))


def one(text: str, *window: Measurement, beside: Sequence[Measurement] = ()) -> Window | None:
    return seen(rail(text), window, beside, NOW)


def verdict(text: str, *window: Measurement, beside: Sequence[Measurement] = ()) -> Verdict | None:
    found = one(text, *window, beside=beside)
    return found.verdict if found else None


def test_the_metrics_of_a_component_are_what_was_counted() -> None:
    found = values(measured(300, 6, 80.0))
    assert {name: round(value, 3) for name, value in found.items()} == {
        "requests": 300,
        "errors": 6,
        "requests_per_second": 10,
        "error_rate": 0.02,
        "mean_ms": 2,
        **{"p50_ms": 79.479, "p90_ms": 82.282, "p95_ms": 82.639, "p99_ms": 82.926},
    }


def test_without_requests_or_times_there_are_no_rates_and_no_percentiles() -> None:
    assert values(measured(0)).keys() == {"requests", "errors", "requests_per_second"}
    assert "p99_ms" not in values(measured(100, p99_ms=None))


def test_a_release_over_it_says_by_which_numbers() -> None:
    assert one("p99_ms > 500 or error_rate > 0.5", measured(100, 3, 800.0)) == Window(
        Verdict.UNHEALTHY,
        "guard-rail tail: functions over 30 s: p99_ms 860.332, error_rate 0.03; "
        "unhealthy if p99_ms > 500 or error_rate > 0.5",
    )


def test_the_worst_component_decides() -> None:
    bad = measured(60, 30)
    assert verdict("error_rate > 0.1", measured(9000, component="site"), bad) is Verdict.UNHEALTHY


def test_too_few_requests_are_unknown() -> None:
    found = one("error_rate > 0.1", measured(10), measured(49, component="site"))
    assert found == Window(
        Verdict.UNKNOWN,
        "guard-rail tail: at most 49 requests of a component, fewer than the 50 needed to judge",
    )


def test_a_component_that_is_asked_seldom_speaks_only_when_it_is_over() -> None:
    busy = measured(100, component="site")
    assert verdict("error_rate > 0.1", busy, measured(10)) is Verdict.HEALTHY
    found = one("error_rate > 0.1", busy, measured(10, 5))
    assert found is not None
    assert found.verdict is Verdict.UNKNOWN
    assert found.because.endswith("but 10 requests are too few to judge")


def test_nothing_measured_unusable_or_old_is_unknown() -> None:
    old = replace(measured(100), ended=NOW - timedelta(seconds=90))
    told_by = [seen(rail("errors > 1"), w, (), NOW) for w in ((), Unusable("no counters"), (old,))]
    assert [w.because if w else "" for w in told_by] == [
        "guard-rail tail: nothing was measured",
        "guard-rail tail: no counters",
        "guard-rail tail: the measurements are 90.0 s old, older than 60 s",
    ]
    assert {w.verdict for w in told_by if w} == {Verdict.UNKNOWN}


def test_without_answer_times_a_percentile_is_unknown() -> None:
    found = one("p99_ms > 500", measured(100, p99_ms=None))
    assert found == Window(
        Verdict.UNKNOWN,
        "guard-rail tail: functions over 30 s: p99_ms has no value, so p99_ms > 500 is not known",
    )


def test_a_division_by_zero_is_unknown() -> None:
    found = one("requests / errors > 500", measured(100))
    assert found is not None
    assert found.verdict is Verdict.UNKNOWN
    assert "it divides by zero" in found.because


def test_it_compares_with_the_same_component_of_the_release_before() -> None:
    text = "error_rate > 2 * stable.error_rate + 0.01"
    beside = [measured(1000, 10), measured(1000, 900, component="site")]
    assert verdict(text, measured(100, 5), beside=beside) is Verdict.UNHEALTHY
    assert verdict(text, measured(100, 3), beside=beside) is Verdict.HEALTHY


def test_a_release_before_that_nobody_asked_makes_a_comparison_unknown() -> None:
    silent = [measured(0)]
    assert verdict("error_rate > stable.error_rate", measured(100), beside=silent) is (
        Verdict.UNKNOWN
    )


def test_without_a_release_before_what_depends_on_it_is_left_out() -> None:
    text = "p99_ms > 500 or error_rate > stable.error_rate + 0.01"
    assert one(text, measured(100, 50)) is None
    assert verdict(text, measured(100, 0, 900.0)) is Verdict.UNHEALTHY
    assert verdict("p99_ms > 500 and error_rate > stable.error_rate", measured(100)) is (
        Verdict.HEALTHY
    )


def test_an_outage_of_both_is_not_the_new_releases_fault() -> None:
    beside = [measured(1000, 500)]
    found = one("error_rate > 0.1", measured(100, 50), beside=beside)
    assert found is not None
    assert (found.verdict, found.excused) == (Verdict.UNKNOWN, True)
    assert found.because.endswith("and so is the release before")
    # Few requests of the release before excuse nothing.
    few = [measured(10, 5)]
    assert verdict("error_rate > 0.1", measured(100, 50), beside=few) is Verdict.UNHEALTHY
    # Whoever compares has said what an outage of both means.
    compares = "error_rate > 0.1 and error_rate > stable.error_rate - 0.1"
    assert verdict(compares, measured(100, 50), beside=beside) is Verdict.UNHEALTHY


HEALTHY, UNHEALTHY = Window(Verdict.HEALTHY, "well"), Window(Verdict.UNHEALTHY, "over")
UNKNOWN = Window(Verdict.UNKNOWN, "who knows")
EXCUSED = Window(Verdict.UNKNOWN, "both", excused=True)


def after(guardrail: Guardrail, *windows: Window | None) -> Finding | None:
    tally = Tally()
    for window in windows:
        tally = counted(guardrail, tally, window)
    return tally.finding


def test_one_window_over_it_is_waited_for_the_next() -> None:
    two = rail("errors > 1")
    assert after(two, UNHEALTHY) == Finding(Verdict.UNKNOWN, "over: 1 of 2 windows running")
    assert after(two, UNHEALTHY, UNHEALTHY) == Finding(Verdict.UNHEALTHY, "over, 2 windows running")
    at_once = rail("errors > 1", windows=1)
    assert after(at_once, UNHEALTHY) == Finding(Verdict.UNHEALTHY, "over, in this window")


@pytest.mark.parametrize(
    ("windows", "expected"),
    [
        ((UNHEALTHY, HEALTHY, UNHEALTHY), Verdict.UNKNOWN),
        ((UNHEALTHY, UNKNOWN, UNHEALTHY), Verdict.UNHEALTHY),
        ((UNHEALTHY, EXCUSED, UNHEALTHY), Verdict.UNKNOWN),
        ((UNKNOWN, UNKNOWN, UNKNOWN), Verdict.UNKNOWN),
        ((UNHEALTHY, HEALTHY), Verdict.HEALTHY),
    ],
)
def test_windows_are_counted_running(windows: tuple[Window, ...], expected: Verdict) -> None:
    found = after(rail("errors > 1"), *windows)
    assert found is not None
    assert found.verdict is expected


def test_unknown_can_count_like_broken_but_an_outage_of_both_never_does() -> None:
    back = rail("errors > 1", back=True)
    assert after(back, UNKNOWN, UNKNOWN) == Finding(
        Verdict.UNHEALTHY, "who knows; UNKNOWN 2 windows running"
    )
    assert after(back, EXCUSED, EXCUSED, EXCUSED) == Finding(Verdict.UNKNOWN, "both")


def test_until_the_first_window_closes_it_is_unknown() -> None:
    one_rail = rail("errors > 1")
    open_yet = Finding(Verdict.UNKNOWN, "guard-rail tail: the first window is still open")
    assert told([one_rail], {}) == open_yet
    closed = {"tail": counted(one_rail, Tally(), HEALTHY)}
    assert told([one_rail], closed) == Finding(Verdict.HEALTHY, "well")
    assert told([one_rail], reopened(closed)) == open_yet
    assert told([], {}) is None
    assert told([one_rail], {"tail": counted(one_rail, Tally(), None)}) is None


def test_a_guardrail_that_is_kept_adds_nothing_to_the_sentence() -> None:
    found = Finding(Verdict.HEALTHY, "fine")
    assert joined(found, None) == found
    assert joined(found, Finding(Verdict.HEALTHY, "well")) == found
    assert joined(found, Finding(Verdict.UNKNOWN, "who knows")).because == "who knows"
    unknown = Finding(Verdict.UNKNOWN, "not yet")
    assert joined(unknown, Finding(Verdict.UNKNOWN, "who knows")).because == "not yet; who knows"


def test_a_count_outlives_windows_that_begin_anew() -> None:
    two = rail("errors > 1")
    tallies = reopened({"tail": counted(two, Tally(), UNHEALTHY)})
    found = counted(two, tallies["tail"], UNHEALTHY).finding
    assert found is not None
    assert found.verdict is Verdict.UNHEALTHY


@law
@given(st.lists(st.sampled_from([HEALTHY, UNHEALTHY, UNKNOWN, EXCUSED]), min_size=1, max_size=8))
def test_only_a_healthy_window_is_healthy(windows: list[Window]) -> None:
    found = after(rail("errors > 1"), *windows)
    assert found is not None
    assert (found.verdict is Verdict.HEALTHY) == (windows[-1] is HEALTHY)


@law
@given(st.integers(0, 300), st.integers(0, 300), st.floats(0.1, 60_000))
def test_healthy_needs_enough_requests_and_a_false_answer(
    requests: int, errors: int, p99_ms: float
) -> None:
    window = measured(requests, min(errors, requests), p99_ms)
    found = one("error_rate > 0.1 or p99_ms > 500", window)
    assert found is not None
    if found.verdict is Verdict.HEALTHY:
        known = values(window)
        assert requests >= 50
        assert known["error_rate"] <= 0.1
        assert known["p99_ms"] <= 500


@law
@given(st.lists(st.floats(0.3, 60_000), min_size=1, max_size=50), st.floats(0.01, 1))
def test_a_percentile_is_right_to_a_bucket(times: list[float], share: float) -> None:
    buckets = [0] * BUCKETS
    for ms in times:
        buckets[bucket(ms)] += 1
    found = percentile_ms(buckets, share)
    exact = sorted(times)[max(0, -int(-share * len(times) // 1) - 1)]
    assert found is not None
    assert exact / 1.0906 <= found <= exact * 1.0906


def test_windows_put_together_keep_their_times_unless_one_has_none() -> None:
    first, second = measured(100, 0, 80.0), measured(300, 0, 900.0)
    (together,) = summed([first, second])
    assert sum(together.buckets) == 400
    assert (percentile_ms(together.buckets, 0.5) or 0) > 800
    (blind,) = summed([first, replace(second, buckets=())])
    assert blind.buckets == ()
