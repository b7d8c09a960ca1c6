"""What do users meet while a story goes on? Steady requests, every one of them on record."""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import psutil

from fairlead.demo.traffic import Request, Traffic
from journeys.app import SCORE, App

RATE = 120.0
ARRIVE_S = 30.0
_numbers = count(1)


@dataclass(slots=True)
class Users:
    """All requests of a story, known once it is over."""

    met: list[Request] = field(default_factory=list)

    def noticed_nothing(self, bad: str = "") -> bool:
        """Tell whether no request failed but those that the bad release answered itself."""
        failed = [r for r in self.met if r.failed and not (bad and r.release == bad)]
        assert failed == []
        return len(self.met) > 0

    def on(self, release: str) -> int:
        """Return how many requests a release answered."""
        return sum(r.release == release for r in self.met)


@contextmanager
def users_of(app: App, place: str = "live", rate: float = RATE) -> Iterator[Users]:
    """Send requests to a place while the block lasts; the first have arrived when it begins."""
    record = Path(app.folder.parent) / f"traffic-{next(_numbers)}.jsonl"
    users = Users()
    traffic = Traffic(app.address(place) + SCORE, rate, record)
    try:
        _wait_for_arrivals(int(app.address(place).rpartition(":")[2]))
        yield users
    except BaseException:
        # The story's own failure is told, not that of its traffic.
        with suppress(OSError, ValueError):
            traffic.stop()
        raise
    users.met = traffic.stop()


def _wait_for_arrivals(port: int) -> None:
    end = time.monotonic() + ARRIVE_S
    while not any(c.raddr and c.raddr.port == port for c in psutil.net_connections("tcp")):
        assert time.monotonic() < end, f"nobody came to port {port}"
        time.sleep(0.02)
