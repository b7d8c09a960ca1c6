"""When do seconds become minutes, hours and days? As soon as they are over; old ones are let go."""

from collections.abc import Callable
from datetime import datetime
from functools import partial

from fairlead.analysis.rollup import GRAINS_S
from fairlead.pipeline import error_events
from fairlead.pipeline.house import House
from fairlead.store import old_errors, rolling, telling
from fairlead.store.database import Tx

# A backlog is worked off over several rounds, so that nothing else waits for it.
MOST_ROUNDS = 50


def gather(house: House) -> None:
    """Make one row of all that was told about a second, so that its windows stay cheap."""
    _in_rounds(house, partial(rolling.gather, grain=GRAINS_S[0]))


def roll(house: House) -> None:
    """Roll up what is over, and let go of what is told by coarser rows and old."""
    _in_rounds(house, rolling.roll)
    for grain in GRAINS_S[1:]:
        _in_rounds(house, partial(rolling.gather, grain=grain))
    with house.database.begin() as tx:
        rolling.forget(tx, house.clock())
        telling.forget(tx, house.clock())
    _in_rounds(house, old_errors.forget)
    error_events.forget(house)


def _in_rounds(house: House, work: Callable[[Tx, datetime], int]) -> None:
    for _ in range(MOST_ROUNDS):
        with house.database.begin() as tx:
            if work(tx, house.clock()) == 0:
                break
