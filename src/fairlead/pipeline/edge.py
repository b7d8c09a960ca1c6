"""What should the edge of an environment do now? Made from what is kept, never from memory."""

import threading
from collections import defaultdict

from fairlead.pipeline.house import House
from fairlead.rollout.slot import Arm, Edge, Endpoint
from fairlead.store import environments, slots

_locks: defaultdict[tuple[str, str], threading.RLock] = defaultdict(threading.RLock)


def alone(app: str, environment: str) -> threading.RLock:
    """Return the lock of an environment's slots and edge: a leg and housekeeping share both."""
    return _locks[app, environment]


def apply(house: House, app: str, environment: str) -> Edge:
    """Make the edge do what the kept state says; returns once it does."""
    with alone(app, environment):
        wanted = read(house, app, environment)
        house.router.route(wanted)
        return wanted


def read(house: House, app: str, environment: str) -> Edge:
    """Return what the edge should do: one arm a release, the release taking over first."""
    with house.database.begin() as tx:
        state = environments.get(tx, app, environment)
        kept = slots.of_environment(tx, app, environment)
    endpoints: dict[str, list[Endpoint]] = defaultdict(list)
    for slot in kept:
        endpoints[slot.slot.release].extend(slot.endpoints)
    order = sorted(endpoints, key=lambda release: (release == state.live, release))
    arms = tuple(
        Arm(release, state.weights.get(release, 0), tuple(endpoints[release])) for release in order
    )
    return Edge(app, environment, state.listen, tuple(arm for arm in arms if arm.endpoints))
