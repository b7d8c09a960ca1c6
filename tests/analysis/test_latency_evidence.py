"""Is "slower" proven only when it is true, and is a block of one release silent?"""

from itertools import product
from math import exp, factorial, log, prod

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairlead.analysis.evidence.latency import (
    BETS,
    ENOUGH,
    PRIOR,
    STEPS,
    bets,
    beyond,
    slower,
)

law = settings(deadline=None, max_examples=40)
REFERENCES = (
    (40.0, 30.0, 20.0, 10.0),
    (500.0, 1.0, 1.0, 3.0),
    (0.0, 5.0, 0.0, 60.0),
    (20_000.0, 2000.0, 200.0, 15.0),
)
SHARES = ((0.4, 0.3, 0.2, 0.1), (0.97, 0.01, 0.01, 0.01), (0.1, 0.0, 0.0, 0.9))
histograms = st.lists(st.integers(0, 9), min_size=6, max_size=6).map(tuple)
references = st.lists(st.floats(0, 500), min_size=6, max_size=6).map(tuple)


def every(n: int, buckets: int) -> list[tuple[int, ...]]:
    """Return every histogram of n answers."""
    return [c for c in product(range(n + 1), repeat=buckets) if sum(c) == n]


def chance(counts: tuple[int, ...], shares: tuple[float, ...]) -> float:
    ways = factorial(sum(counts)) / prod(factorial(c) for c in counts)
    return ways * prod(s**c for s, c in zip(shares, counts, strict=True))


def expected(n_c: int, n_b: int, true: tuple[float, ...], reference: tuple[float, ...]) -> float:
    """Return the largest E[e] of all bets over every outcome, both releases being as quick."""
    mean = [0.0] * BETS
    for canary in every(n_c, len(true)):
        for stable in every(n_b, len(true)):
            p = chance(canary, true) * chance(stable, true)
            told = slower(canary, stable, reference)
            mean = [m + p * exp(one) for m, one in zip(mean, told, strict=True)]
    return max(mean)


@pytest.mark.parametrize("true", SHARES)
@pytest.mark.parametrize("reference", REFERENCES)
def test_a_bet_on_slower_is_fair_when_both_are_as_quick(
    true: tuple[float, ...], reference: tuple[float, ...]
) -> None:
    for n_c, n_b in ((1, 1), (1, 3), (2, 2), (3, 1)):
        assert expected(n_c, n_b, true, reference) <= 1 + 1e-9


@law
@given(histograms, histograms, references, st.integers(0, 4))
def test_a_slower_answer_never_proves_less(
    canary: tuple[int, ...], stable: tuple[int, ...], reference: tuple[float, ...], at: int
) -> None:
    if not canary[at]:
        return
    later = list(canary)
    later[at], later[at + 1] = later[at] - 1, later[at + 1] + 1
    before, after = slower(canary, stable, reference), slower(later, stable, reference)
    assert all(a >= b - 1e-9 for a, b in zip(after, before, strict=True))


@law
@given(histograms, references)
def test_one_release_alone_tells_nothing_of_its_speed(
    counts: tuple[int, ...], reference: tuple[float, ...]
) -> None:
    nobody = (0,) * len(counts)
    assert slower(counts, nobody, reference) == [0.0] * BETS
    assert slower(nobody, counts, reference) == [0.0] * BETS


def test_too_short_a_past_gives_no_bets() -> None:
    past = (ENOUGH / 2 - 0.1, ENOUGH / 2)
    assert slower((0, 9), (9, 0), past) == [0.0] * BETS
    assert slower((0, 9), (9, 0), ()) == [0.0] * BETS


@law
@given(references.filter(lambda r: sum(r) >= ENOUGH))
def test_every_bet_expects_more_the_slower_the_bucket(reference: tuple[float, ...]) -> None:
    found = bets(reference)
    assert len(found.tilts) + len(found.steps) == BETS == len(PRIOR)
    for tilt in found.tilts:
        assert list(tilt) == sorted(tilt)
    assert all(step.above >= 1 >= step.below > 0 for step in found.steps)


def test_all_of_the_stake_is_shared_out() -> None:
    assert sum(PRIOR) == pytest.approx(1)


def test_all_answers_slower_is_soon_proven() -> None:
    quick, slow = (0, 50, 40, 10, 0, 0), (0, 0, 50, 40, 10, 0)
    logs = slower(slow, quick, tuple(float(10 * q) for q in quick))
    assert max(logs) > 10


def test_answers_slower_beyond_p99_alone_are_soon_proven() -> None:
    """The slowest hundredth takes so long as one in a thousand did before."""
    past = (50_000.0, 40_000.0, 9000.0, 900.0, 100.0, 0.0)
    canary, stable = (500, 400, 90, 0, 10, 0), (9500, 7600, 1710, 171, 19, 0)
    assert max(slower(canary, stable, past)) > log(1000)
    assert max(slower(stable, stable, past)) <= 0


def test_too_few_slow_answers_give_no_bet_on_them() -> None:
    steps = bets((2000.0, 1700.0, 296.0, 4.0)).steps
    known = {quantile: step.above > 1 for (quantile, _), step in zip(STEPS, steps, strict=True)}
    assert known == {0.99: True, 0.999: False}


def test_answers_beyond_a_bucket_are_those_after_it() -> None:
    assert beyond((1, 2, 3, 4), 1) == 7
    assert beyond((), 3) == 0
