"""Does the watch get what is new, and is the old let go, however long it does not look?"""

import threading

from fairlead.analysis.measurement import Unusable
from fairlead.analysis.watch import Second
from fairlead.pipeline.rounds import MOST, Rounds


def round_of(number: int) -> list[Second]:
    return [Second("shop", "live", f"{number}", Unusable("nobody looked"))]


def test_rounds_come_in_their_order_and_none_that_is_not_there_is_waited_for_long() -> None:
    rounds = Rounds()
    rounds.put(round_of(1))
    rounds.put(round_of(2))
    assert [rounds.next(0.01) for _ in range(3)] == [round_of(1), round_of(2), []]


def test_of_what_nobody_looked_at_only_the_newest_is_kept() -> None:
    rounds = Rounds()
    for number in range(1000):
        rounds.put(round_of(number))
    kept = [rounds.next(0.01) for _ in range(MOST + 1)]
    assert kept == [*(round_of(number) for number in range(1000 - MOST, 1000)), []]


def test_two_samplers_that_hand_on_at_once_never_wait_for_each_other() -> None:
    rounds = Rounds()

    def hand_on() -> None:
        for number in range(2000):
            rounds.put(round_of(number))

    both = [threading.Thread(target=hand_on, daemon=True) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join(10)
    assert not any(one.is_alive() for one in both)
    assert len([1 for _ in range(MOST) if rounds.next(0.01)]) == MOST
