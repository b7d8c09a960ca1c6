"""What is lost when the server is killed while 500 clients tell it something? Nothing acknowledged.

The server is killed with SIGKILL at random moments and its keeper starts it again. In between the
database stands still for some seconds, so that too much waits and clients are sent away. In the end
every acknowledged batch and event is looked for in the tables.
"""

import random
import signal
import threading
import time
from contextlib import suppress
from dataclasses import dataclass

import psutil
import psycopg

from fairlead import places
from fairlead.installation import SERVER
from fairlead.settings import Settings
from stand import Stand, say
from telemetry_clients import Clients, Plan, Told

SAMPLERS, REPORTERS = 400, 100
SECONDS = 60.0
PACE_S = 0.3
BATCH = 15
BACKLOG = 10_000
STANDSTILL = (20.0, 27.0)
KILLS = ((8.0, 14.0), (36.0, 42.0), (50.0, 56.0))


class Server:
    """The server's process: how much memory it takes, and a way to kill it."""

    def __init__(self, settings: Settings) -> None:
        self._keeper = places.keeper(settings)
        self._over = threading.Event()
        self.most_mb = 0.0
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def kill(self) -> None:
        """Kill it with SIGKILL."""
        self.process().send_signal(signal.SIGKILL)

    def process(self) -> psutil.Process:
        """Return the process that there is now."""
        return psutil.Process(self._keeper.look()[SERVER].pid)

    def end(self) -> float:
        """Look no longer; return its most memory in MB."""
        self._over.set()
        self._thread.join()
        return self.most_mb

    def _watch(self) -> None:
        process = None
        while not self._over.wait(0.2):
            with suppress(psutil.Error, OSError):
                if process is None or not process.is_running():
                    process = self.process()
                self.most_mb = max(self.most_mb, process.memory_info().rss / 1e6)


@dataclass(frozen=True, slots=True)
class Loss:
    """What was acknowledged, and how much of it is not there; what was sent away."""

    batches: int
    events: int
    lost: int
    refused: int
    without_retry_after: int


def lose(stand: Stand, token: str, release: str, place: tuple[str, str]) -> Loss:
    """Let 500 clients tell for a minute, kill the server meanwhile, and count what is missing."""
    port, first = stand.settings.port, time.time() - 3000
    # They hand in what has piled up as it begins: who waits for an answer hands in nothing.
    flood = (STANDSTILL[0] - 2, STANDSTILL[1])
    samplers = Plan(
        port, token, release, SAMPLERS, BATCH, SECONDS, PACE_S, True, first, flood, BACKLOG
    )
    reporters = Plan(port, token, release, REPORTERS, 0, SECONDS, PACE_S, True)
    both = Clients(samplers, stand.folder, "samplers"), Clients(reporters, stand.folder, "errors")
    _trouble(stand.settings)
    samples, errors = both[0].told(), both[1].told()
    lost = missing_samples(stand.settings, place, samples)
    lost += missing_errors(stand.settings, place, errors)
    say(
        f"500 clients for {SECONDS:.0f} s: {samples.batches} batches of {samples.samples} samples "
        f"and {errors.batches} errors acknowledged; {samples.unanswered + errors.unanswered} got "
        f"no answer, {samples.refused + errors.refused} were sent away, "
        f"others {samples.failed | errors.failed or 'none'}; lost {lost}"
    )
    return Loss(
        samples.batches,
        errors.batches,
        lost,
        samples.refused + errors.refused,
        samples.without_retry_after + errors.without_retry_after,
    )


def missing_samples(settings: Settings, place: tuple[str, str], told: Told) -> int:
    """Return how many acknowledged samples are not kept."""
    with psycopg.connect(places.database_url(settings)) as connection:
        rows = connection.execute(
            "SELECT component, extract(epoch FROM began)::bigint, sum(requests)::bigint "
            "FROM fairlead.rollups WHERE app = %s AND environment = %s AND grain = 1 "
            "AND source = 'fairlead' GROUP BY 1, 2",
            place,
        ).fetchall()
    kept = {(component, second): count for component, second, count in rows}
    batches = [(str(c), int(str(s)), int(str(n))) for c, s, n in told.acknowledged]
    return sum(max(0, n - kept.get((component, s), 0)) for component, s, n in batches)


def missing_errors(settings: Settings, place: tuple[str, str], told: Told) -> int:
    """Return how many acknowledged errors are not kept."""
    with psycopg.connect(places.database_url(settings)) as connection:
        rows = connection.execute(
            "SELECT id::text FROM fairlead.error_events WHERE app = %s AND environment = %s", place
        ).fetchall()
    return len({str(name) for (name,) in told.acknowledged} - {name for (name,) in rows})


def _trouble(settings: Settings) -> None:
    """Kill the server and stop the database in its tracks, when it is time."""
    began, chance, server = time.monotonic(), random.Random(6), Server(settings)
    moments = sorted((chance.uniform(*span), "kill") for span in KILLS)
    for at, what in sorted([*moments, (STANDSTILL[0], "standstill")]):
        time.sleep(max(0.0, began + at - time.monotonic()))
        if what == "kill":
            server.kill()
            say(f"the server is killed {at:.1f} s after the clients began")
        else:
            _stand_still(settings, STANDSTILL[1] - STANDSTILL[0])
    time.sleep(max(0.0, began + SECONDS - time.monotonic()))
    say(f"the server took {server.end():.0f} MB at most")


def _stand_still(settings: Settings, seconds: float) -> None:
    """Let nobody write measurements for so long: what a stuck disk looks like to the server."""
    with psycopg.connect(places.database_url(settings)) as connection:
        connection.execute("LOCK TABLE fairlead.rollups IN EXCLUSIVE MODE")
        time.sleep(seconds)
    say(f"nothing could be written for {seconds:.0f} s")
