"""Which part is joined to which? Everything is put together here and nowhere else."""

import os
import secrets
import sys
from dataclasses import dataclass, replace
from pathlib import Path

from fairlead import places
from fairlead.analysis.measurement import Counters
from fairlead.analysis.watch import Health
from fairlead.clock import utc_now
from fairlead.commands.desk import Desk
from fairlead.commands.intake import Intake
from fairlead.commands.recording import WRITERS
from fairlead.commands.watching import Scored, Watch
from fairlead.pipeline.delivering import Messenger
from fairlead.pipeline.house import House
from fairlead.pipeline.sources import ByFile
from fairlead.pipeline.workflows import Pipeline
from fairlead.providers import registry
from fairlead.providers.metrics.ingested import Totals
from fairlead.release.trace import Traces
from fairlead.reports.health import health
from fairlead.reports.window import Window
from fairlead.settings import Settings
from fairlead.store import rollups
from fairlead.store.database import Database

LOG_FOLDERS = ("logs", "envoy", "postgres/log", "supervisor")


@dataclass(frozen=True, slots=True)
class Parts:
    """One server's parts; `sampled` is the house whose edge is read for all places at once."""

    house: House
    sampled: House
    desk: Desk
    window: Window
    intake: Intake
    pipeline: Pipeline
    watch: Watch
    messenger: Messenger
    traces: Traces | None


def assemble(settings: Settings) -> Parts:
    """Join the parts of a server to a running database, edge and keeper of processes."""
    url = places.database_url(settings)
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
        reports=house.reports,
        connections=registry.connections(places.outfit(settings)),
        figures=registry.figures(places.outfit(settings)),
    )
    intake = Intake(house.database, WRITERS)
    messenger = registry.webhooks(places.outfit(settings))
    traces = registry.traces(settings.traces_url, settings.traces_headers)
    watch = Watch(desk, _scored(window))
    outfit = places.outfit(settings)
    edge = registry.edge_read_together(outfit)
    together = registry.AllSources(outfit, _totals(house.database), edge=edge)
    sampled = replace(house, source=ByFile(house.database, together))
    return Parts(house, sampled, desk, window, intake, pipeline, watch, messenger, traces)


def _scored(window: Window) -> Scored:
    def score(app: str, environment: str) -> Health:
        found = health(window, (app, environment))
        return Health(found.score, found.because)

    return score


def _house(settings: Settings, database: Database) -> House:
    outfit = places.outfit(settings)
    return House(
        database=database,
        clock=utc_now,
        repository=registry.repository(outfit),
        artifacts=registry.artifacts(outfit),
        runner=registry.runner(outfit),
        judges=registry.judges(outfit),
        databases=registry.databases(outfit),
        reports=settings.home / "reports",
        target=registry.TARGETS["local"](outfit),
        router=registry.ROUTERS["envoy"](outfit),
        source=ByFile(database, registry.AllSources(outfit, _totals(database))),
        job_env=job_environment(settings.home),
    )


def _totals(database: Database) -> Totals:
    def told(
        place: tuple[str, str], source: str, wanted: tuple[tuple[str, str], ...]
    ) -> tuple[Counters, ...]:
        with database.begin() as tx:
            return rollups.totals(tx, place, source, wanted)

    return told


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
