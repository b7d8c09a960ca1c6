"""What is the server process? One loop, one API, kept up by the keeper of processes."""

import getpass
import logging
import os
import threading
import time
from itertools import count

import uvicorn

from fairlead import places, wiring
from fairlead.access.person import Person
from fairlead.access.role import Role
from fairlead.api.app import create
from fairlead.api.guest import Doors
from fairlead.commands import contract, people
from fairlead.errors import FairleadError
from fairlead.pipeline import housekeeping, rolling, sampling
from fairlead.settings import from_environment
from fairlead.store import schema
from fairlead.store.database import wait_until_ready

log = logging.getLogger("fairlead.server")

DATABASE_WITHIN_S = 60.0
TIDY_S = 1.0
SAMPLE_S = 1.0
MEND_EVERY = 30


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
    tidying = threading.Thread(target=_tidy, args=(parts, stopping), daemon=True)
    tidying.start()
    sampling_too = threading.Thread(target=_sample, args=(parts, stopping), daemon=True)
    sampling_too.start()
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
        tidying.join(timeout=5)
        sampling_too.join(timeout=5)
        parts.intake.close()
        parts.pipeline.close()
        parts.house.database.close()


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
                rolling.roll(parts.house)
        except FairleadError as error:
            log.warning("housekeeping waits: %s", error)
        except Exception:
            log.exception("housekeeping failed")
        if stopping.wait(TIDY_S):
            return


def _sample(parts: wiring.Parts, stopping: threading.Event) -> None:
    """Read what live releases do, every whole second; its trouble is its own and told once."""
    sampler, failed = sampling.Sampler(parts.house), False
    while not stopping.wait(SAMPLE_S - time.monotonic() % SAMPLE_S):
        try:
            sampler.sample()
            failed = False
        except Exception:
            if not failed:
                log.exception("sampling failed")
            failed = True


if __name__ == "__main__":
    main()
