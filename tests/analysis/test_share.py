"""Is a canary that loses its traffic found, and no other?"""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairlead.analysis.evidence.share import missing, p_value

law = settings(deadline=None, max_examples=60)


def test_the_published_values_come_out() -> None:
    """Counts and results as Netflix's sequential multinomial test gives them, k = 100."""
    assert p_value([100, 201], [0.5, 0.5]) == pytest.approx(5.0606e-06, rel=1e-4)
    assert p_value([100, 101], [0.5, 0.5]) == 1


def test_looking_at_every_request_blames_few_honest_splits() -> None:
    chance, found = random.Random(3), 0
    for _ in range(100):
        counts = [0, 0]
        for _ in range(300):
            counts[chance.random() >= 0.05] += 1
            if p_value(counts, (0.05, 0.95)) < 0.05:
                found += 1
                break
    assert found <= 10


@law
@given(st.integers(0, 5000), st.floats(0.01, 0.99))
def test_a_share_within_a_factor_of_two_is_never_missing(total: int, weight: float) -> None:
    assert not missing(round(total * weight), total - round(total * weight), weight, 0.001)


def test_a_canary_that_drops_connections_is_found() -> None:
    assert missing(0, 2000, 0.05, 0.001)
    assert missing(100, 9900, 0.05, 0.001)
    assert missing(2000, 8000, 0.05, 0.001)


def test_few_requests_prove_nothing_about_the_share() -> None:
    assert not missing(0, 100, 0.05, 0.001)
    assert not missing(0, 0, 0.05, 0.001)


@law
@given(st.integers(0, 50), st.integers(0, 50), st.sampled_from([0.0, 1.0]))
def test_without_a_split_there_is_no_share_to_miss(canary: int, stable: int, weight: float) -> None:
    assert not missing(canary, stable, weight, 0.001)


@law
@given(st.integers(0, 300), st.integers(0, 3000))
def test_a_p_value_lies_between_zero_and_one(canary: int, stable: int) -> None:
    assert 0 <= p_value((canary, stable), (0.05, 0.95)) <= 1
