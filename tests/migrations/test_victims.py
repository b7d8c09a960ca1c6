"""Is it counted right who waits for us, and for how long?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairlead.migrations.victims import Limits, Suffered, Waiting, victims, why_stop

OURS = 1


def waiting(pid: int, *blockers: int, since: float = 0.0) -> Waiting:
    return Waiting(pid, since, blockers)


def test_who_waits_for_somebody_who_waits_for_us_is_a_victim() -> None:
    graph = [waiting(2, OURS), waiting(3, 2, 9), waiting(4, 9), waiting(OURS, 9), waiting(5, 0)]
    assert [one.pid for one in victims(graph, OURS)] == [2, 3]


@given(st.lists(st.tuples(st.integers(1, 8), st.sets(st.integers(0, 8))), unique_by=lambda x: x[0]))
def test_victims_are_just_those_from_whom_a_way_leads_to_us(
    edges: list[tuple[int, set[int]]],
) -> None:
    graph = {pid: blockers for pid, blockers in edges if pid != OURS}

    def reaches(pid: int, seen: frozenset[int]) -> bool:
        return pid == OURS or any(
            reaches(each, seen | {pid}) for each in graph.get(pid, set()) if each not in seen
        )

    found = {one.pid for one in victims([waiting(p, *b) for p, b in edges], OURS)}
    assert found == {pid for pid in graph if reaches(pid, frozenset())}


def test_a_wait_counts_until_the_look_that_no_longer_sees_it() -> None:
    two = [waiting(2, OURS, since=10.0), waiting(3, OURS, since=10.5)]
    at_11 = Suffered().seen(11.0, two, watched_since=9.0)
    assert (at_11.blocked_client_s, at_11.worst_s, at_11.most) == (1.5, 1.0, 2)
    at_12 = at_11.seen(12.0, two[:1], watched_since=9.0)
    assert (at_12.blocked_client_s, at_12.worst_s, at_12.most) == (3.5, 2.0, 2)
    assert at_12.seen(13.0, [], 9.0).over().blocked_client_s == 4.5


def test_what_somebody_waited_before_us_is_not_ours() -> None:
    seen = Suffered().seen(11.0, [waiting(2, OURS, since=1.0)], watched_since=10.0)
    assert seen.blocked_client_s == 1.0


def test_after_the_last_look_nothing_is_added() -> None:
    seen = Suffered().seen(11.0, [waiting(2, OURS, since=10.0)], watched_since=9.0).over()
    assert seen.seen(99.0, [], 98.0).blocked_client_s == 1.0


@given(st.lists(st.tuples(st.sets(st.integers(2, 6)), st.floats(0.001, 1.0)), max_size=20))
def test_what_was_suffered_only_grows_and_never_exceeds_everybody_all_the_time(
    looks: list[tuple[set[int], float]],
) -> None:
    suffered, now = Suffered(), 0.0
    for pids, step in looks:
        now += step
        after = suffered.seen(now, [waiting(pid, OURS, since=0.0) for pid in pids], 0.0)
        assert after.blocked_client_s >= suffered.blocked_client_s - 1e-9
        assert after.worst_s <= now + 1e-9
        suffered = after


@pytest.mark.parametrize(
    ("spent", "own_wait_s", "why"),
    [
        (4.0, 0.0, ""),
        (4.99, 0.0, "1 wait for it and others have waited 4.99 s in all, 5 s are allowed"),
        (0.0, 0.3, "it waited 0.30 s for a lock, 0.25 s were meant"),
    ],
)
def test_our_statement_is_stopped_before_the_budget_is_spent(
    spent: float, own_wait_s: float, why: str
) -> None:
    suffered = Suffered(now=spent, going_on={(2, 0.0): 0.0})
    assert why_stop(suffered, own_wait_s, 0.02, Limits(5.0, 0.25)) == why


def test_a_spent_budget_stops_nothing_that_nobody_waits_for() -> None:
    assert why_stop(Suffered(over_s=9.0), 0.0, 0.02, Limits(5.0, 0.25)) == ""
