"""Which part is joined to which? Everything is put together here and nowhere else."""

import os
import secrets
import sys
from dataclasses import dataclass
from pathlib import Path

from fairlead.clock import utc_now
from fairlead.commands.desk import Desk
from fairlead.pipeline.house import House
from fairlead.pipeline.workflows import Pipeline
from fairlead.providers import registry
from fairlead.providers.databases.embedded import EmbeddedPostgres
from fairlead.providers.processes.supervisor import Supervisor
from fairlead.reports.window import Window
from fairlead.settings import Settings
from fairlead.store.database import Database

LOG_FOLDERS = ("logs", "envoy", "postgres/log", "supervisor")


@dataclass(frozen=True, slots=True)
class Parts:
    """One server's parts."""

    house: House
    desk: Desk
    window: Window
    pipeline: Pipeline


def keeper(settings: Settings) -> Supervisor:
    """Return what keeps our processes up."""
    return Supervisor(settings.home / "supervisor", settings.run)


def embedded_database(settings: Settings) -> EmbeddedPostgres:
    """Return the PostgreSQL that an installation without one of its own runs on."""
    return EmbeddedPostgres(settings.home / "postgres", settings.run, keeper(settings))


def database_url(settings: Settings) -> str:
    """Return where our tables are."""
    return settings.database_url or embedded_database(settings).url


def assemble(settings: Settings) -> Parts:
    """Join the parts of a server to a running database, edge and keeper of processes."""
    url = database_url(settings)
    house = _house(settings, Database(url))
    pipeline = Pipeline(house, url)
    desk = Desk(
        database=house.database,
        clock=house.clock,
        run_name=lambda: f"r{secrets.token_hex(4)}",
        secret=lambda: secrets.token_urlsafe(32),
        repository=house.repository,
        artifacts=house.artifacts,
        target=house.target,
        start=pipeline.start,
        nudge=pipeline.nudge,
    )
    window = Window(
        database=house.database,
        clock=house.clock,
        router=house.router,
        target=house.target,
        runner=house.runner,
        logs=tuple(settings.home / folder for folder in LOG_FOLDERS),
    )
    return Parts(house, desk, window, pipeline)


def _house(settings: Settings, database: Database) -> House:
    outfit = registry.Outfit(settings.home, settings.run, keeper(settings), utc_now)
    return House(
        database=database,
        clock=utc_now,
        repository=registry.repository(outfit),
        artifacts=registry.artifacts(outfit),
        runner=registry.runner(outfit),
        target=registry.TARGETS["local"](outfit),
        router=registry.ROUTERS["envoy"](outfit),
        source=registry.SOURCES["envoy"](outfit),
        job_env=job_environment(settings.home),
    )


def job_environment(home: Path) -> dict[str, str]:
    """Return the whole environment of gates and builds: nothing of the server's own leaks in."""
    tools = Path(sys.executable).parent
    return {
        "PATH": f"{tools}:/usr/local/bin:/usr/bin:/bin",
        "HOME": str(home / "jobs"),
        "LANG": "C.UTF-8",
        "CI": "true",
        "NO_COLOR": "1",
        "DENO_DIR": str(home / "deno"),
        "DENO_NO_UPDATE_CHECK": "1",
        "GIT_CEILING_DIRECTORIES": str(home),
    } | {name: os.environ[name] for name in ("TZ",) if name in os.environ}
