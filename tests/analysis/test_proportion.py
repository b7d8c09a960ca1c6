"""Are bets on two proportions fair while the claim holds, and do more failures always tell?"""

from collections.abc import Callable
from math import comb, exp, log

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairlead.analysis.evidence.proportion import (
    Bet,
    Counts,
    as_good,
    nearest,
    raised,
    worse,
    worse_rates,
)

law = settings(deadline=None, max_examples=60)
sizes = st.integers(1, 6)
rates = st.floats(0.001, 0.95)
RATES = (0.001, 0.01, 0.1, 0.5, 0.9)
FAIR = 1 + 1e-6


def binomial(n: int, rate: float) -> list[float]:
    return [comb(n, x) * rate**x * (1 - rate) ** (n - x) for x in range(n + 1)]


def expected(
    n_c: int, n_b: int, rates: tuple[float, float], log_e: Callable[[Counts], float]
) -> float:
    """Return E[e] over every outcome of one block."""
    return sum(
        p * q * exp(log_e(Counts(n_c, x_c, n_b, x_b)))
        for x_c, p in enumerate(binomial(n_c, rates[0]))
        for x_b, q in enumerate(binomial(n_b, rates[1]))
    )


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("odds", [1.5, 10.0, 100.0])
def test_a_bet_on_worse_is_fair_when_both_fail_alike(rate: float, odds: float) -> None:
    bet = worse_rates(0.01, odds)
    for n_c in range(1, 7):
        for n_b in range(1, 7):
            assert expected(n_c, n_b, (rate, rate), lambda c: worse(c, bet)) <= FAIR


@law
@given(sizes, sizes, st.tuples(rates, rates), st.tuples(rates, rates), st.floats(0, 0.5))
def test_a_bet_on_worse_is_fair_wherever_the_claim_holds(
    n_c: int, n_b: int, bet: tuple[float, float], true: tuple[float, float], tolerance: float
) -> None:
    stable = true[1]
    canary = min(true[0], stable + tolerance, 1.0)
    found = expected(n_c, n_b, (canary, stable), lambda c: worse(c, Bet(*bet), tolerance))
    assert found <= FAIR


@pytest.mark.parametrize("margin", [0.001, 0.005, 0.05, 0.4])
@pytest.mark.parametrize("stable", [0.0, 0.001, 0.01, 0.1, 0.5])
@pytest.mark.parametrize("rate", [0.001, 0.005, 0.3, 0.9])
def test_promoting_is_a_fair_bet_on_its_boundary(margin: float, stable: float, rate: float) -> None:
    for n_c, n_b in ((1, 1), (1, 6), (6, 1), (3, 4), (6, 6)):
        true = (stable + margin, stable)
        assert expected(n_c, n_b, true, lambda c: as_good(c, rate, margin)) <= FAIR


@law
@given(sizes, sizes, rates, rates, rates, st.floats(0.001, 0.5))
def test_promoting_is_a_fair_bet_wherever_the_canary_is_worse(
    n_c: int, n_b: int, rate: float, stable: float, more: float, margin: float
) -> None:
    low = stable * (1 - margin)
    true = (min(1.0, low + margin + more * (1 - low - margin)), low)
    assert expected(n_c, n_b, true, lambda c: as_good(c, rate, margin)) <= FAIR


@law
@given(st.permutations(range(4)), rates)
def test_two_blocks_are_fair_in_either_order(order: list[int], rate: float) -> None:
    """The product's mean is at most 1 whichever block comes first, for drifting rates as well."""
    blocks = [((1, 3), rate), ((2, 1), rate / 2), ((1, 1), rate / 3), ((3, 2), 1 - rate / 2)]
    bet = worse_rates(0.05, 3.0)
    product = 1.0
    for number in order:
        (n_c, n_b), true = blocks[number]
        product *= expected(n_c, n_b, (true, true), lambda c: worse(c, bet))
        assert product <= FAIR


@law
@given(st.integers(0, 50), rates, rates, st.floats(0.0, 0.3))
def test_one_release_alone_says_nothing(
    n: int, canary: float, stable: float, margin: float
) -> None:
    for counts in (Counts(n, n // 2, 0, 0), Counts(0, 0, n, n // 2)):
        assert worse(counts, Bet(canary, stable), margin) == 0
        assert as_good(counts, stable, margin) == 0


def test_a_bet_that_keeps_the_claim_says_nothing() -> None:
    assert worse(Counts(10, 10, 10, 0), Bet(0.02, 0.01), tolerance=0.01) == 0


@law
@given(
    st.integers(1, 40),
    st.integers(1, 400),
    st.data(),
    st.floats(1e-6, 0.99),
    st.floats(0.0005, 0.5),
)
def test_more_bad_answers_of_the_canary_never_look_better(
    n_c: int, n_b: int, data: st.DataObject, rate: float, margin: float
) -> None:
    x_c, x_b = data.draw(st.integers(0, n_c - 1)), data.draw(st.integers(0, n_b))
    one, more = Counts(n_c, x_c, n_b, x_b), Counts(n_c, x_c + 1, n_b, x_b)
    assert as_good(more, rate, margin) <= as_good(one, rate, margin) + 1e-9
    bet = worse_rates(rate, 3.0)
    for tolerance in (0.0, margin):
        assert worse(more, bet, tolerance) >= worse(one, bet, tolerance) - 1e-9


@law
@given(st.integers(0, 9), st.integers(0, 99), st.data(), rates, st.sampled_from([0.0, 0.01]))
def test_bets_on_raised_odds_say_what_each_says_alone(
    n_c: int, n_b: int, data: st.DataObject, rate: float, tolerance: float
) -> None:
    x_c, x_b = data.draw(st.integers(0, n_c)), data.draw(st.integers(0, n_b))
    counts, odds = Counts(n_c, x_c, n_b, x_b), (1.5, 10.0, 100.0)
    alone = [worse(counts, worse_rates(rate, times), tolerance) for times in odds]
    assert raised(counts, rate, odds, tolerance) == pytest.approx(alone, abs=1e-9)


@law
@given(st.integers(1, 50), st.integers(1, 900), rates, st.floats(0.001, 0.5))
def test_no_pair_that_keeps_the_margin_is_nearer(
    n_c: int, n_b: int, rate: float, margin: float
) -> None:
    def kept(u: float) -> float:
        counts = Counts(n_c, 0, n_b, 0)
        return counts.canary_n * divergence(rate, u + margin) + n_b * divergence(rate, u)

    v, u = nearest(n_c, n_b, Bet(rate, rate), margin)
    assert v == pytest.approx(u + margin)
    for step in (-1e-4, 1e-4):
        if 0 < u + step < 1 - margin:
            assert kept(u) <= kept(u + step) + 1e-9


def divergence(p: float, q: float) -> float:
    return p * log(p / q) + (1 - p) * log((1 - p) / (1 - q))


def test_odds_are_multiplied_not_rates() -> None:
    assert worse_rates(0.5, 3.0) == Bet(0.75, 0.5)
