"""What is the server process? One loop, one API, kept up by the keeper of processes."""

import gc
import getpass
import logging
import os
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import count

import uvicorn

from fairlead import places, wiring
from fairlead.access.person import Person
from fairlead.access.role import Role
from fairlead.api.app import create
from fairlead.api.guest import Doors
from fairlead.commands import contract, people
from fairlead.errors import FairleadError
from fairlead.pipeline import delivering, housekeeping, rolling, sampling, tracing
from fairlead.pipeline.database_sizes import Measuring
from fairlead.pipeline.rounds import Rounds
from fairlead.pipeline.sampling import Sampler
from fairlead.settings import from_environment
from fairlead.store import schema
from fairlead.store.database import wait_until_ready

log = logging.getLogger("fairlead.server")

DATABASE_WITHIN_S = 60.0
TIDY_S = 1.0
SAMPLE_S = 1.0
DELIVER_S = 1.0
TRACE_S = 5.0
MEASURE_S = 30.0
MEND_EVERY = ROLL_EVERY = 30


def main() -> None:
    """Serve until told to stop."""
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    logging.getLogger("httpx").setLevel(logging.WARNING)
    os.umask(0o077)
    settings = from_environment(os.environ)
    url = places.database_url(settings)
    wait_until_ready(url, DATABASE_WITHIN_S)
    schema.upgrade(url)
    parts = wiring.assemble(settings)
    owner = getpass.getuser()
    admin = Person(owner, f"{owner}@localhost", Role.ADMIN)
    people.first_admin(parts.desk, admin, settings.admin_token)
    housekeeping.adopt(parts.house)
    parts.pipeline.launch()
    parts.intake.start()
    stopping = threading.Event()
    beside = _start(parts, stopping)
    config = uvicorn.Config(
        create(Doors(parts.desk, parts.window, parts.intake), settings.name),
        host=settings.host,
        port=settings.port,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=2,
    )
    try:
        config.load()
        # What is here now stays: to look through all of it again and again stops every request.
        gc.collect()
        gc.freeze()
        uvicorn.Server(config).run()
    finally:
        stopping.set()
        for loop in beside:
            loop.join(timeout=5)
        parts.intake.close()
        parts.pipeline.close()
        parts.house.database.close()


def _start(parts: wiring.Parts, stopping: threading.Event) -> list[threading.Thread]:
    """Start what goes on beside the runs; what was sampled goes to the watch."""
    seen = Rounds()
    edge, polled = Sampler(parts.sampled), Sampler(parts.sampled, polling=True)
    measuring = Measuring(parts.house, parts.window.figures)
    work: dict[str, tuple[float, Callable[[], object]]] = {
        "sampling": (SAMPLE_S, lambda: seen.put(edge.sample())),
        "polling": (SAMPLE_S, lambda: seen.put(polled.sample())),
        "watching": (0.0, lambda: _watch(parts, seen)),
        "telling channels": (DELIVER_S, lambda: delivering.deliver(parts.house, parts.messenger)),
        "measuring databases": (MEASURE_S, measuring.measure),
        "rolling up": (SAMPLE_S, partial(_roll, parts, count())),
    }
    if (to := parts.traces) is not None:
        work["telling traces"] = (TRACE_S, lambda: tracing.send(parts.house, to))
    loops = [threading.Thread(target=_tidy, args=(parts, stopping), daemon=True)]
    loops += [
        threading.Thread(target=_again, args=(stopping, what, *each), daemon=True)
        for what, each in work.items()
    ]
    for loop in loops:
        loop.start()
    return loops


def _tidy(parts: wiring.Parts, stopping: threading.Event) -> None:
    """Keep house every second; after a round that failed comes the next."""
    for rounds in count():
        try:
            housekeeping.tidy(parts.house)
            contract.begin_due(parts.desk)
            if rounds % MEND_EVERY == 0:
                housekeeping.mend(parts.house)
                parts.pipeline.take_up()
                sampling.forget_old(parts.house)
        except FairleadError as error:
            log.warning("housekeeping waits: %s", error)
        except Exception:
            log.exception("housekeeping failed")
        if stopping.wait(TIDY_S):
            return


def _again(
    stopping: threading.Event, what: str, every_s: float, work: Callable[[], object]
) -> None:
    """Do something at every whole `every_s` seconds; its trouble is its own, and told once."""
    failed = False
    while not stopping.wait(every_s - time.monotonic() % every_s if every_s else 0.0):
        try:
            work()
            failed = False
        except FairleadError as error:
            if not failed:
                log.warning("%s waits: %s", what, error)
            failed = True
        except Exception:
            if not failed:
                log.exception("%s failed", what)
            failed = True


def _roll(parts: wiring.Parts, rounds: Iterator[int]) -> None:
    """Make one row of each second and, more seldom, coarser ones; never both at once."""
    rolling.gather(parts.house)
    if next(rounds) % ROLL_EVERY == 0:
        rolling.roll(parts.house)


def _watch(parts: wiring.Parts, seen: Rounds) -> None:
    """Watch live releases with every sample, and without one as well: that is noticed, too."""
    parts.watch.look(seen.next(2 * SAMPLE_S))


if __name__ == "__main__":
    main()
