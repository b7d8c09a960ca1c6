"""What do two readings say together, and when do they say nothing?"""

import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairlead.analysis.measurement import Counters, Measurement, Reading, Unusable, difference

BEGAN = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
ENDED = BEGAN + timedelta(seconds=30)
law = settings(deadline=None, max_examples=60)


def reading(at: datetime, *counters: Counters, epoch: str = "first") -> Reading:
    return Reading(at, epoch, counters)


def counted(
    requests: int, errors: int = 0, ms: float = 0.0, component: str = "functions"
) -> Counters:
    return Counters("new", component, requests, errors, ms)


def between(before: Counters | None, after: Counters | None) -> Measurement | str:
    first = reading(BEGAN, *([before] if before else []))
    second = reading(ENDED, *([after] if after else []))
    found = difference(first, second, "new", ("functions",))
    return found.because if isinstance(found, Unusable) else found[0]


def test_a_window_holds_what_was_counted_between_its_readings() -> None:
    found = between(counted(100, 2, 1000.0), counted(150, 3, 6000.0))
    assert found == Measurement("new", "functions", BEGAN, ENDED, 50, 1, 5000.0)
    assert (found.seconds, found.error_rate, found.mean_ms) == (30, 0.02, 100)


def test_a_component_that_was_not_told_before_is_unusable() -> None:
    """One that came back would bring along all that it did since it started."""
    assert between(None, counted(7, 1, 70.0)) == "no counters for functions of release new"


def test_a_component_that_went_missing_is_unusable() -> None:
    assert between(counted(10), None) == "no counters for functions of release new"


def test_one_missing_component_spoils_the_window_of_all() -> None:
    before = reading(BEGAN, counted(5, component="frontend"), counted(5))
    after = reading(ENDED, counted(10, component="frontend"))
    found = difference(before, after, "new", ("frontend", "functions"))
    assert found == Unusable("no counters for functions of release new")


def test_counters_of_another_release_do_not_count() -> None:
    other = Counters("old", "functions", 500, 500, 9.0)
    found = difference(reading(BEGAN), reading(ENDED, other), "new", ("functions",))
    assert isinstance(found, Unusable)


def test_a_source_that_started_anew_is_unusable() -> None:
    before, after = reading(BEGAN, counted(5)), reading(ENDED, counted(9), epoch="second")
    found = difference(before, after, "new", ("functions",))
    assert found == Unusable("the counters started anew during the window")


@pytest.mark.parametrize("later_s", [0, -1])
def test_a_second_reading_that_is_not_newer_is_unusable(later_s: int) -> None:
    after = reading(BEGAN + timedelta(seconds=later_s), counted(9))
    found = difference(reading(BEGAN, counted(5)), after, "new", ("functions",))
    assert found == Unusable("the second reading is not newer than the first")


@pytest.mark.parametrize("after", [counted(9, 5, 50.0), counted(10, 4, 50.0), counted(10, 5, 49.0)])
def test_a_counter_that_ran_backwards_is_unusable(after: Counters) -> None:
    assert between(counted(10, 5, 50.0), after) == "the counters of functions ran backwards"


def test_more_errors_than_requests_are_unusable() -> None:
    assert between(counted(10, 0), counted(12, 3)) == "functions counted more errors than requests"


@pytest.mark.parametrize("ms", [math.nan, math.inf])
def test_answer_times_that_are_no_number_are_unusable(ms: float) -> None:
    told = "the answer times of functions are not a number"
    assert between(counted(10), counted(200, 0, ms)) == told
    assert between(counted(10, 0, ms), counted(200, 0, ms)) == told


def test_a_window_without_requests_has_neither_rate_nor_mean() -> None:
    found = between(counted(10, 1, 5.0), counted(10, 1, 5.0))
    assert isinstance(found, Measurement)
    assert (found.error_rate, found.mean_ms) == (None, None)


def test_nobody_to_measure_gives_no_measurements() -> None:
    assert difference(reading(BEGAN), reading(ENDED), "new", ()) == ()


totals = st.tuples(st.integers(0, 10**6), st.integers(0, 10**6), st.floats(0, 1e9))


@law
@given(totals, totals)
def test_every_usable_measurement_makes_sense(
    first: tuple[int, int, float], second: tuple[int, int, float]
) -> None:
    found = between(counted(*first), counted(*second))
    if isinstance(found, Measurement):
        assert 0 <= found.errors <= found.requests
        assert found.total_ms >= 0
        assert (found.requests, found.errors) == (second[0] - first[0], second[1] - first[1])
