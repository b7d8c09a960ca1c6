"""Are failures that come together told from those that do not?"""

import random
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairlead.analysis.evidence.burst import (
    ENOUGH,
    INDEPENDENT,
    MARGIN,
    POLLS,
    Burst,
    Sums,
    begun,
    index,
    told,
)

HOUR = 3600


def binomial(chance: random.Random, n: int, rate: float) -> int:
    return sum(chance.random() < rate for _ in range(n))


def geometric(chance: random.Random, mean: float) -> int:
    size = 1
    while chance.random() >= 1 / mean:
        size += 1
    return size


def after(counts: list[int]) -> Burst:
    burst = Burst()
    for count in counts:
        burst = burst.after(count)
    return burst


def test_independent_failures_count_in_full() -> None:
    for seed in range(4):
        chance = random.Random(seed)
        assert after([binomial(chance, 95, 0.005) for _ in range(HOUR)]).phi == 1


def test_bursts_of_three_count_less_than_half() -> None:
    for seed in range(4):
        chance = random.Random(seed)
        counts = [
            sum(geometric(chance, 3.0) for _ in range(binomial(chance, 30, 0.005)))
            for _ in range(HOUR)
        ]
        assert 2 < after(counts).phi < 12


def test_what_was_measured_beforehand_is_never_undercut() -> None:
    burst = begun(4.0)
    assert burst.phi == 4.0
    for count in [1, 0] * POLLS * 2:
        burst = burst.after(count)
    assert burst.phi == 4.0
    for count in ([0] * 19 + [40]) * 60:
        burst = burst.after(count)
    assert burst.phi > 4.0


@given(st.lists(st.integers(0, 50), min_size=2, max_size=80))
def test_sums_tell_the_variance(counts: list[int]) -> None:
    assert Sums.of(counts).spread == pytest.approx(statistics.variance(counts))


def test_a_finding_is_told_above_three() -> None:
    assert told(3.0) == ""
    assert told(4.2) == (
        "the bad answers arrive in bursts of about 4: proof takes 4 times as long; count clients "
        "rather than retries"
    )


def test_a_slow_drift_is_no_burst() -> None:
    chance = random.Random(5)
    counts = [binomial(chance, 95, 0.005 + 0.05 * second / HOUR) for second in range(HOUR)]
    assert after(counts).phi == 1


def test_before_a_minute_is_over_nothing_is_known() -> None:
    assert after([50, 0] * (POLLS // 2 - 1)).phi == 1


def test_few_failures_tell_nothing() -> None:
    assert after([ENOUGH - 1] + [0] * (POLLS - 1)).phi == 1
    assert after([ENOUGH] + [0] * (POLLS - 1)).phi > 1


def test_a_measured_index_counts_with_a_margin() -> None:
    burst = after(([0] * 9 + [20]) * 6)
    measured = index(burst.minutes)
    assert measured > INDEPENDENT
    assert burst.phi == measured * MARGIN


def test_bursts_longer_than_a_poll_are_found_in_ten() -> None:
    burst = after(([2] * 10 + [0] * 20) * 2)
    assert burst.minutes[0].coarse > burst.minutes[0].fine


def test_an_outage_of_both_is_no_burst_and_does_not_make_the_judge_deaf() -> None:
    chance, burst = random.Random(1), Burst()
    for second in range(HOUR + 300):
        rate = 0.6 if 3690 <= second < 3780 else 0.005
        burst = burst.after(binomial(chance, 95, rate))
    assert burst.phi == 1
