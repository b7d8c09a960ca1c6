"""When do seconds become minutes, hours and days? As soon as they are over; old ones are let go."""

from fairlead.pipeline import error_events
from fairlead.pipeline.house import House
from fairlead.store import errors, rollups, telling

# A backlog is worked off over several rounds, so that nothing else waits for it.
MOST_ROUNDS = 10


def roll(house: House) -> None:
    """Roll up what is over, and let go of what is told by coarser rows and old."""
    for _ in range(MOST_ROUNDS):
        with house.database.begin() as tx:
            if rollups.roll(tx, house.clock()) == 0:
                break
    with house.database.begin() as tx:
        rollups.forget(tx, house.clock())
        telling.forget(tx, house.clock())
    for _ in range(MOST_ROUNDS):
        with house.database.begin() as tx:
            if errors.forget(tx, house.clock()) < errors.MOST_FORGOTTEN:
                break
    error_events.forget(house)
