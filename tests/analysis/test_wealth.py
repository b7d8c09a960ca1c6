"""Are bets fair, and is what was not staked still there?"""

from itertools import product
from math import exp, inf, log

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairlead.analysis.evidence.wealth import (
    AT_THE_START,
    LARGEST,
    LARGEST_LOG,
    Wealth,
    begun,
    unspent_at,
)

law = settings(deadline=None, max_examples=60)
PRIOR = (0.25, 0.75)


def test_one_unit_is_there_before_the_first_block() -> None:
    assert begun(3).total == 1


def test_what_is_not_staked_is_kept_and_counts() -> None:
    after = begun(2).after([log(3.0), log(5.0)], PRIOR, unspent=0.4)
    assert after.unspent == pytest.approx(0.4)
    assert after.stakes == pytest.approx((0.6 * 0.25 * 3, 0.6 * 0.75 * 5))
    assert after.total == pytest.approx(0.4 + sum(after.stakes))


def test_mass_in_the_pocket_is_never_taken_back() -> None:
    after = begun(2).after([0.0, 0.0], PRIOR, unspent=0.2)
    assert after.after([0.0, 0.0], PRIOR, unspent=0.9).unspent == pytest.approx(0.2)


def test_capital_of_other_bets_is_staked_anew() -> None:
    """As when a server with other bets takes over in the middle of a canary."""
    before = begun(3).after([log(3.0)] * 3, (0.2, 0.3, 0.5), unspent=0.1)
    after = before.after([0.0, 0.0], PRIOR, unspent=0.1)
    assert len(after.stakes) == 2
    assert after.total == pytest.approx(before.total)
    assert after.unspent == pytest.approx(0.1)


@law
@given(
    st.floats(0.05, 0.95),
    st.lists(st.tuples(st.floats(0.05, 0.95), st.floats(0.05, 0.95)), min_size=1, max_size=5),
    st.lists(st.floats(0, 1), min_size=5, max_size=5),
)
def test_the_total_is_a_martingale_under_fair_bets(
    p: float, bets: list[tuple[float, float]], left: list[float]
) -> None:
    """Two bets on coins of bias p, over every course: the mean total stays 1."""
    mean = 0.0
    for course in product((True, False), repeat=len(bets)):
        wealth, chance = begun(2), 1.0
        for heads, pair, unspent in zip(course, bets, sorted(left, reverse=True), strict=False):
            logs = [log(q / p) if heads else log((1 - q) / (1 - p)) for q in pair]
            wealth = wealth.after(logs, PRIOR, unspent)
            chance *= p if heads else 1 - p
        mean += chance * wealth.total
    assert mean == pytest.approx(1)


@law
@given(st.lists(st.floats(-1e300, 1e300), min_size=2, max_size=2))
def test_capital_neither_overflows_nor_turns_negative(logs: list[float]) -> None:
    wealth = begun(2)
    for _ in range(5):
        wealth = wealth.after(logs, PRIOR, 0.0)
    assert 0 <= wealth.total <= 2 * LARGEST


def test_the_caps_only_take_money_away() -> None:
    wealth = Wealth((LARGEST, 0.0), 0.0).after([inf, 0.0], PRIOR, 0.0)
    assert wealth.stakes[0] == LARGEST
    assert begun(1).after([10 * LARGEST_LOG], (1.0,), 0.0).total <= exp(LARGEST_LOG)


@law
@given(st.floats(0, 4000), st.floats(0, 4000), st.floats(61, 3600))
def test_mass_enters_minute_by_minute_and_all_by_the_horizon(
    one: float, other: float, horizon: float
) -> None:
    early, late = sorted((one, other))
    assert unspent_at(0, horizon) == pytest.approx(1 - AT_THE_START)
    assert unspent_at(early, horizon) >= unspent_at(late, horizon) >= 0
    assert unspent_at(horizon + 60, horizon) == 0


def test_a_short_horizon_stakes_all_at_once() -> None:
    assert unspent_at(0, 60) == 0
