"""Do added sketches tell the percentiles of all, within what is promised?"""

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairlead.analysis import histogram, sketch

TIMES = st.lists(st.floats(0.02, 100_000), min_size=1, max_size=200)


@given(TIMES, st.sampled_from([0.5, 0.95, 0.99, 1.0]))
def test_percentiles_are_within_two_percent(times: list[float], share: float) -> None:
    true = sorted(times)[max(0, math.ceil(share * len(times) - 1e-9) - 1)]
    told = sketch.percentile_ms(sketch.of_times(times), share)
    assert told is not None
    assert abs(told - true) <= 0.02 * true


@given(TIMES, TIMES)
def test_adding_sketches_is_the_sketch_of_all(some: list[float], others: list[float]) -> None:
    both = sketch.added([sketch.of_times(some), sketch.of_times(others)])
    assert both == sketch.of_times(some + others)
    assert sketch.Stored(sketch.packed(both)) == both


def test_nothing_has_no_percentile() -> None:
    assert sketch.percentile_ms({}, 0.5) is None
    assert sketch.Stored(sketch.packed({})) == {}


def test_times_beyond_all_bounds_are_counted_at_the_end() -> None:
    extreme = sketch.of_times([0.0, -1.0, 1e-9, 1e12])
    assert sum(extreme.values()) == 4
    assert sketch.Stored(sketch.packed(extreme)) == extreme


def test_wider_buckets_keep_their_count_and_come_within_their_width() -> None:
    chance = random.Random(5)
    times = [chance.lognormvariate(3, 1) for _ in range(5000)]
    wide = [0] * histogram.BUCKETS
    for ms in times:
        wide[histogram.bucket(ms)] += 1
    found = sketch.of_buckets(wide)
    assert sum(found.values()) == len(times)
    for share in (0.5, 0.95, 0.99):
        told, true = sketch.percentile_ms(found, share), sorted(times)[int(share * 5000) - 1]
        assert told is not None
        assert abs(told - true) <= histogram.WIDTH * true


def test_what_was_stored_is_read_like_any_sketch() -> None:
    stored = sketch.Stored(sketch.packed({-3: 1, 40: 7, 41: 2}))
    assert (list(stored), len(stored), stored[40], stored.get(39)) == ([-3, 40, 41], 3, 7, None)
    assert 42 not in stored
    assert sketch.added([stored, {40: 1, 50: 1}]) == {-3: 1, 40: 8, 41: 2, 50: 1}


@given(st.lists(TIMES.map(sketch.of_times), max_size=8))
def test_stored_sketches_are_added_as_they_were_told(told: list[dict[int, int]]) -> None:
    stored = [sketch.Stored(sketch.packed(one)) for one in told]
    assert sketch.added(stored) == sketch.added(told)
    assert sketch.total(sketch.added(stored)) == sum(map(sketch.total, stored))


def test_a_bucket_that_is_stored_without_any_is_not_there() -> None:
    stored = sketch.Stored(sketch.packed({-3: 1, -1: 5, 0: 2}))
    assert stored.is_whole
    assert (list(stored), len(stored), stored.get(-2)) == ([-3, -1, 0], 3, None)
    assert stored == {-3: 1, -1: 5, 0: 2}
    assert sketch.added([stored, stored]) == {-3: 2, -1: 10, 0: 4}


def test_far_apart_buckets_are_stored_without_what_lies_between() -> None:
    assert len(sketch.packed({-192: 1, 832: 1})) == 7


def test_no_count_runs_over_into_its_neighbour() -> None:
    most = sketch.Stored(sketch.packed({7: 2**63 - 1, 8: 1, 9: 2**63 - 1}))
    assert sketch.added([most, most]) == {7: 2**64 - 2, 8: 2, 9: 2**64 - 2}


@pytest.mark.parametrize(
    ("highest", "size"), [(255, 4), (256, 5), (2**16, 7), (2**32 - 1, 7), (2**32, 11)]
)
def test_a_count_takes_as_few_bytes_as_the_highest_needs(highest: int, size: int) -> None:
    assert len(sketch.packed({5: highest})) == size
    many = {number: highest - number % 3 for number in range(-5, 90)}
    stored = [
        sketch.Stored(sketch.packed(many)),
        sketch.Stored(sketch.packed({5: 1, 200: highest})),
    ]
    assert [one.is_whole for one in stored] == [True, False]
    assert stored == [many, {5: 1, 200: highest}]
    assert sketch.added(stored) == sketch.added([many, {5: 1, 200: highest}])
