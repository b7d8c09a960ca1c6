"""Are answer times counted where they belong?"""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairlead.analysis.histogram import (
    BOUNDS_MS,
    BUCKETS,
    WIDTH,
    bucket,
    quantile,
    shifted,
    steps_of,
)

law = settings(deadline=None, max_examples=60)
counts = st.lists(st.integers(0, 20), min_size=4, max_size=12).map(tuple)


@law
@given(st.floats(0, 1e7))
def test_an_answer_lies_at_most_at_the_bound_of_its_bucket(ms: float) -> None:
    at = bucket(ms)
    assert at == BUCKETS - 1 or ms <= BOUNDS_MS[at]
    assert at == 0 or ms > BOUNDS_MS[at - 1]


def test_buckets_are_nine_percent_wide_and_reach_a_minute() -> None:
    assert pytest.approx(0.0905, abs=1e-4) == WIDTH
    assert BOUNDS_MS[-1] > 60_000
    assert bucket(math.inf) == BUCKETS - 1
    assert len(BOUNDS_MS) == BUCKETS - 1


@law
@given(counts, st.integers(0, 3))
def test_shifting_keeps_all_answers_and_makes_none_slower(
    buckets: tuple[int, ...], by: int
) -> None:
    found = shifted(buckets, by)
    assert (len(found), sum(found)) == (len(buckets), sum(buckets))
    for at in range(len(buckets)):
        assert sum(found[: at + 1]) == sum(buckets[: at + 1 + by])


def test_nothing_measured_stays_nothing_however_far_it_is_shifted() -> None:
    assert shifted((), 2) == ()


@law
@given(st.floats(0, 4))
def test_a_tolerance_is_as_wide_as_asked_to_a_hundredth_of_a_bucket(share: float) -> None:
    steps = steps_of(share)
    assert (1 + WIDTH) ** (steps + 0.011) >= 1 + share
    assert steps == 0 or (1 + WIDTH) ** (steps - 1) < 1 + share


def test_nine_percent_are_one_bucket() -> None:
    assert [steps_of(share) for share in (-0.1, 0.0, 0.04, 0.09, 0.1, 0.2)] == [0, 0, 1, 1, 2, 3]


@law
@given(counts.filter(any), st.floats(0.01, 1))
def test_a_quantile_has_its_share_up_to_it_and_not_before(
    buckets: tuple[int, ...], share: float
) -> None:
    at, wanted = quantile(buckets, share), share * sum(buckets)
    assert sum(buckets[: at + 1]) >= wanted
    assert at == 0 or sum(buckets[:at]) < wanted


def test_no_answers_have_quantile_zero() -> None:
    assert quantile((), 0.5) == 0
