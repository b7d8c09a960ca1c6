"""Does it escalate, end, and keep to the budget, whatever happens?"""

from hypothesis import given, settings
from hypothesis import strategies as st

from fairlead.migrations.patience import WAITS_MS, GiveUp, Patience, Tried, Wait, next_wait

PATIENCE = st.builds(
    Patience,
    budget_s=st.floats(0, 20),
    retry_for_s=st.floats(0, 100),
)
SECONDS = st.floats(0, 200)
TRIED = st.builds(
    Tried,
    tries=st.integers(1, 1000),
    elapsed_s=SECONDS,
    last_s=st.floats(0, 5),
    spent_s=SECONDS,
    victims=st.integers(0, 50),
    oldest_s=st.none() | SECONDS,
    blind=st.booleans(),
)


@given(PATIENCE)
def test_the_first_try_waits_for_nobody(patience: Patience) -> None:
    assert next_wait(Tried(), patience) == Wait(0, 0.0, "nobody waits for it meanwhile")


@given(TRIED, PATIENCE)
def test_a_wait_is_one_of_four_and_never_longer_than_the_budget_can_pay(
    tried: Tried, patience: Patience
) -> None:
    chosen = next_wait(tried, patience)
    if isinstance(chosen, Wait):
        assert chosen.lock_ms in WAITS_MS
        cost = chosen.lock_ms / 1000 * max(1, tried.victims)
        assert not chosen.lock_ms or tried.spent_s + cost <= patience.budget_s
        assert chosen.pause_s >= 0.01
        assert tried.elapsed_s + chosen.pause_s <= patience.retry_for_s
    assert chosen.because


@settings(deadline=None)
@given(PATIENCE, st.integers(0, 50), st.floats(0, 1), st.none() | SECONDS, st.booleans())
def test_it_ends_and_spends_at_most_one_wait_of_everybody_beyond_the_budget(
    patience: Patience, victims: int, work_s: float, oldest_s: float | None, blind: bool
) -> None:
    tried = Tried()
    while isinstance(chosen := next_wait(tried, patience), Wait):
        waited = chosen.lock_ms / 1000
        tried = Tried(
            tries=tried.tries + 1,
            elapsed_s=tried.elapsed_s + chosen.pause_s + waited + work_s,
            last_s=waited + work_s,
            spent_s=tried.spent_s + waited * victims,
            victims=max(tried.victims, victims if waited else 0),
            oldest_s=oldest_s,
            blind=blind,
        )
        assert tried.tries <= 100 * patience.retry_for_s + 1
    assert tried.spent_s <= patience.budget_s + 0.5 * victims


def waits(victims: int, oldest_s: float | None, patience: Patience) -> list[int]:
    """Return the waits that are chosen one after the other, each once."""
    tried, found = Tried(), [0]
    while isinstance(chosen := next_wait(tried, patience), Wait):
        found += [chosen.lock_ms] if chosen.lock_ms != found[-1] else []
        took = chosen.pause_s + chosen.lock_ms / 1000
        tried = Tried(tried.tries + 1, tried.elapsed_s + took, 0.0, 0.0, victims, oldest_s)
    return found


def test_it_escalates_where_nothing_is_known_of_those_in_front() -> None:
    assert waits(1, None, Patience()) == [0, 20, 100, 500]


def test_a_wait_that_everybody_would_share_is_not_begun_when_it_cannot_be_paid() -> None:
    assert waits(16, None, Patience()) == [0, 20, 100]
    assert waits(16, None, Patience(budget_s=0.1)) == [0]


def test_nobody_is_kept_waiting_behind_a_transaction_that_will_not_end_soon() -> None:
    assert waits(1, 3600.0, Patience()) == [0]
    assert waits(1, 0.9, Patience()) == [0, 500]


def test_short_transactions_that_are_never_all_gone_are_waited_for_soon() -> None:
    tried = Tried(tries=5, elapsed_s=0.1, oldest_s=0.005)
    chosen = next_wait(tried, Patience())
    assert chosen == Wait(20, 0.1, "those in front are short, but never all gone")


def test_the_end_tells_the_numbers() -> None:
    spent = next_wait(Tried(tries=3, elapsed_s=2.0, spent_s=5.1, victims=16), Patience())
    assert spent == GiveUp("others waited 5.10 s in all, 5 s are allowed (3 tries in 2.0 s)")
    over = next_wait(Tried(tries=1, elapsed_s=60.0), Patience())
    assert over == GiveUp("1 try in 60.0 s, 60 s are allowed, and others waited 0.00 s in all")
