"""What is the server process? One loop, one API, kept up by the keeper of processes."""

import getpass
import logging
import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from queue import Empty, SimpleQueue

import uvicorn

from fairlead import places, wiring
from fairlead.access.person import Person
from fairlead.access.role import Role
from fairlead.analysis.watch import Second
from fairlead.api.app import create
from fairlead.api.guest import Doors
from fairlead.commands import contract, people
from fairlead.errors import FairleadError
from fairlead.pipeline import delivering, housekeeping, rolling, sampling, tracing
from fairlead.pipeline.database_sizes import Measuring
from fairlead.pipeline.sampling import Sampler
from fairlead.release.trace import Traces
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
MEND_EVERY = 30
Seconds = SimpleQueue[list[Second]]
"""What was sampled, round by round."""


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
    seen: Seconds = SimpleQueue()
    work: list[tuple[Callable[..., None], tuple[object, ...]]] = [
        (_tidy, ()),
        (_sample, (Sampler(parts.sampled), seen)),
        (_sample, (Sampler(parts.sampled, polling=True), seen)),
        (_watch, (seen,)),
        (_deliver, ()),
        (_measure, ()),
    ]
    if parts.traces is not None:
        work.append((_trace, (parts.traces,)))
    loops = [
        threading.Thread(target=do, args=(parts, stopping, *more), daemon=True) for do, more in work
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
            rolling.gather(parts.house)
            if rounds % MEND_EVERY == 0:
                housekeeping.mend(parts.house)
                parts.pipeline.take_up()
                sampling.forget_old(parts.house)
                rolling.roll(parts.house)
        except FairleadError as error:
            log.warning("housekeeping waits: %s", error)
        except Exception:
            log.exception("housekeeping failed")
        if stopping.wait(TIDY_S):
            return


def _trace(parts: wiring.Parts, stopping: threading.Event, to: Traces) -> None:
    """Tell runs that have ended to whoever keeps traces; its trouble is told once."""
    failed = False
    while not stopping.wait(TRACE_S):
        try:
            tracing.send(parts.house, to)
            failed = False
        except FairleadError as error:
            if not failed:
                log.warning("traces of runs wait: %s", error)
            failed = True
        except Exception:
            if not failed:
                log.exception("telling traces failed")
            failed = True


def _sample(_: wiring.Parts, stopping: threading.Event, sampler: Sampler, seen: Seconds) -> None:
    """Read what live releases do, every whole second; its trouble is its own and told once."""
    failed = False
    while not stopping.wait(SAMPLE_S - time.monotonic() % SAMPLE_S):
        try:
            seen.put(sampler.sample())
            failed = False
        except Exception:
            if not failed:
                log.exception("sampling failed")
            failed = True


def _watch(parts: wiring.Parts, stopping: threading.Event, seen: Seconds) -> None:
    """Watch live releases with every sample, and without one as well: that is noticed, too."""
    failed = False
    while not stopping.is_set():
        seconds: list[Second] = []
        with suppress(Empty):
            seconds = seen.get(timeout=2 * SAMPLE_S)
        try:
            parts.watch.look(seconds)
            failed = False
        except Exception:
            if not failed:
                log.exception("nobody watches for now")
            failed = True


def _deliver(parts: wiring.Parts, stopping: threading.Event) -> None:
    """Bring messages to their channels, every second."""
    failed = False
    while not stopping.wait(DELIVER_S):
        try:
            delivering.deliver(parts.house, parts.messenger)
            failed = False
        except Exception:
            if not failed:
                log.exception("messages wait")
            failed = True


def _measure(parts: wiring.Parts, stopping: threading.Event) -> None:
    """Measure users' databases as their turns come; its trouble is its own and told once."""
    measuring, failed = Measuring(parts.house, parts.window.figures), False
    while not stopping.wait(MEASURE_S):
        try:
            measuring.measure()
            failed = False
        except Exception:
            if not failed:
                log.exception("measuring failed")
            failed = True


if __name__ == "__main__":
    main()
