"""Does the detector stay quiet while nothing is worse, and speak soon when something is?"""

import random
from math import comb

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairlead.analysis.evidence.detector import ODDS, Detector, reference_rate

law = settings(deadline=None, max_examples=60)


@pytest.mark.parametrize("rate", [0.0, 0.005, 0.05])
@pytest.mark.parametrize("n", [1, 3, 6])
def test_one_look_adds_at_most_one_while_the_rate_is_kept(rate: float, n: int) -> None:
    """E[M] <= M + 1 is all that the average run length needs."""
    before = Detector((0.5, 2.0, 0.0, 7.0, 1.0, 0.0, 3.0))
    mean = [0.0] * len(ODDS)
    for x in range(n + 1):
        chance = comb(n, x) * rate**x * (1 - rate) ** (n - x)
        sums = before.after(n, x, 0.05).sums
        mean = [m + chance * s for m, s in zip(mean, sums, strict=True)]
    assert all(m <= s + 1 + 1e-9 for m, s in zip(mean, before.sums, strict=True))


@law
@given(st.integers(1, 100), st.data(), st.floats(0.001, 0.4))
def test_one_more_failure_never_calms_it(n: int, data: st.DataObject, rate: float) -> None:
    x = data.draw(st.integers(0, n - 1))
    assert Detector().after(n, x + 1, rate).total >= Detector().after(n, x, rate).total


def test_a_look_without_requests_only_counts_the_look() -> None:
    assert Detector().after(0, 0, 0.01).sums == (1.0,) * len(ODDS)


def test_a_release_that_turns_bad_is_found_within_a_minute() -> None:
    chance, detector = random.Random(4), Detector()
    alarm_at = 30 * 24 * 3600
    for _ in range(600):
        detector = detector.after(100, sum(chance.random() < 0.005 for _ in range(100)), 0.006)
    assert detector.total < alarm_at
    looks = 0
    while detector.total < alarm_at:
        detector = detector.after(100, sum(chance.random() < 0.025 for _ in range(100)), 0.006)
        looks += 1
    assert looks < 60


def test_it_does_not_overflow_when_everything_fails_for_ever() -> None:
    detector = Detector()
    for _ in range(50):
        detector = detector.after(1000, 1000, 0.001)
    assert detector.total <= 1.001e200


def test_burstiness_makes_it_slower() -> None:
    assert Detector().after(100, 20, 0.01, phi=3.0).total < Detector().after(100, 20, 0.01).total


@law
@given(st.integers(1, 100_000), st.data(), st.floats(0, 0.1))
def test_the_reference_is_above_what_was_counted(
    n: int, data: st.DataObject, tolerance: float
) -> None:
    x = data.draw(st.integers(0, n))
    assert reference_rate(n, x, tolerance) >= min(0.5, x / n)
    assert 0 < reference_rate(n, x, tolerance) <= 0.5


def test_nothing_counted_lets_a_tenth_fail() -> None:
    assert reference_rate(0, 0, 0.0) == 0.1
