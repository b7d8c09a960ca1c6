"""What does a row of sizes tell of the days to come, and when does it tell nothing?"""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairlead.analysis.growth import MOST_SIZES, Growth, Size, after, days_until, growth

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def hourly(*sizes: float) -> list[Size]:
    """Return sizes an hour apart, of which the last was seen just now."""
    return [Size(NOW - HOUR * n, round(size)) for n, size in enumerate(reversed(sizes))][::-1]


def line(a_day: float, hours: int = 240, start: float = 1e9) -> list[float]:
    return [start + a_day * n / 24 for n in range(hours)]


def test_a_straight_line_is_told_as_it_is() -> None:
    known = growth(hourly(*line(2_400_000)), NOW)
    assert known.bytes_a_day == pytest.approx(2_400_000)
    assert known.low == pytest.approx(2_400_000)
    assert known.high == pytest.approx(2_400_000)
    assert (known.sizes, known.because) == (240, "")
    there = after(known, 10**9, 10)
    assert there is not None
    assert there.expected == pytest.approx(1_024_000_000)


def test_jumps_make_no_trend_and_widen_the_range_little() -> None:
    sizes = [size + (5e9 if 100 <= n < 110 else 0) for n, size in enumerate(line(1e6))]
    known = growth(hourly(*sizes), NOW)
    assert known.bytes_a_day == pytest.approx(1e6, rel=0.1)


def test_the_range_holds_the_truth_about_as_often_as_it_says() -> None:
    chance, held = Random(7), 0
    for _ in range(100):
        sizes = [size + chance.gauss(0, 2e6) for size in line(1e6, 60)]
        known = growth(hourly(*sizes), NOW)
        assert known.low is not None
        assert known.high is not None
        held += known.low <= 1e6 <= known.high
    assert 88 <= held <= 100


@pytest.mark.parametrize(
    ("sizes", "because"),
    [
        ([], "its size was never seen"),
        (hourly(1, 2, 3), "its size is known for 2 h (3 times): growth is told from 24 h and 12"),
        (hourly(*range(10)), "its size is known for 9 h (10 times)"),
        ([Size(s.at - HOUR * 2, s.bytes) for s in hourly(*line(5))], "its newest size is 2 h old"),
    ],
)
def test_too_young_too_few_and_too_old_are_unknown(sizes: list[Size], because: str) -> None:
    known = growth(sizes, NOW)
    assert known.because.startswith(because)
    assert (known.bytes_a_day, known.low, known.high) == (None, None, None)
    assert after(known, 5, 30) is None
    assert days_until(known, 5, 10) is None


def test_when_it_is_full_is_told_with_the_earliest_and_the_latest_day() -> None:
    known = Growth(bytes_a_day=10.0, low=-1.0, high=20.0)
    there = days_until(known, 100, 300)
    assert there is not None
    assert (there.expected, there.low, there.high) == (20.0, 10.0, None)
    full = days_until(known, 300, 300)
    assert full is not None
    assert (full.expected, full.low, full.high) == (0.0, 0.0, 0.0)


def test_dense_and_sparse_times_count_alike() -> None:
    """An hour of the first days and ten minutes of the last: the old slope is not outvoted."""
    before = [Size(NOW - HOUR * (240 - n), 10**9 + 10**6 * n) for n in range(230)]
    last = before[-1].bytes
    flat = [Size(NOW - timedelta(minutes=10 * n), last) for n in range(60)][::-1]
    known = growth(before + flat, NOW)
    assert known.bytes_a_day == pytest.approx(24e6, rel=0.2)


@given(st.lists(st.integers(0, 10**13), min_size=25, max_size=2 * MOST_SIZES))
def test_the_range_always_holds_what_is_expected(sizes: list[int]) -> None:
    known = growth(hourly(*sizes), NOW)
    assert known.bytes_a_day is not None
    assert known.low is not None
    assert known.high is not None
    assert known.low <= known.bytes_a_day <= known.high
    there = after(known, sizes[-1], 30)
    assert there is not None
    assert there.expected is not None
    assert there.expected >= 0
