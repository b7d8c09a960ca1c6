"""Which name in fairlead.yaml stands for which provider? One line each."""

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import httpx
from deno import find_deno_bin

from fairlead.analysis.ports import Source
from fairlead.providers.commands.runner import ProcessRunner
from fairlead.providers.databases.commands import DatabaseCommands
from fairlead.providers.databases.connections import TakenConnections
from fairlead.providers.databases.figures import DatabaseFigures
from fairlead.providers.messages.webhook import Webhooks
from fairlead.providers.metrics import remote
from fairlead.providers.metrics.envoy import EnvoySource, EnvoyTogether
from fairlead.providers.metrics.http_json import HttpJson
from fairlead.providers.metrics.ingested import Ingested, Totals
from fairlead.providers.metrics.prometheus import Prometheus
from fairlead.providers.objects.local import LocalArtifacts
from fairlead.providers.scanners.commands import GateCommands
from fairlead.providers.secrets.files import SecretFiles
from fairlead.providers.sources.git import GitRepository
from fairlead.providers.targets.local import LocalTarget
from fairlead.providers.traffic.envoy import Envoy
from fairlead.release.sources import Asked
from fairlead.release.trace import Traces
from fairlead.rollout.ports import Router, Target
from fairlead.rollout.process import Processes


@dataclass(frozen=True, slots=True)
class Outfit:
    """What providers are given: folders, the keeper of processes and a clock."""

    home: Path
    run: Path
    processes: Processes
    clock: Callable[[], datetime]


def edge(outfit: Outfit) -> Envoy:
    """Return the one Envoy of this installation."""
    return Envoy(outfit.home / "envoy", outfit.run, outfit.processes)


def local_target(outfit: Outfit) -> LocalTarget:
    """Return what runs slots on this machine."""
    deno, python = Path(find_deno_bin()), Path(sys.executable)
    return LocalTarget(outfit.processes, outfit.run, outfit.home, deno, python)


def repository(outfit: Outfit) -> GitRepository:
    """Return our own copy of everybody's commits."""
    return GitRepository(outfit.home / "repositories")


def artifacts(outfit: Outfit) -> LocalArtifacts:
    """Return where artifacts are kept."""
    return LocalArtifacts(outfit.home / "artifacts")


def runner(outfit: Outfit) -> ProcessRunner:
    """Return what runs gates and builds."""
    return ProcessRunner(outfit.home / "jobs")


def judges(outfit: Outfit) -> GateCommands:
    """Return what judges gates by more than their exit status."""
    return GateCommands(SecretFiles(outfit.home / "secrets"), outfit.home)


def webhooks(outfit: Outfit) -> Webhooks:
    """Return what brings messages to their channels."""
    return Webhooks(SecretFiles(outfit.home / "secrets"))


def databases(outfit: Outfit) -> DatabaseCommands:
    """Return what changes users' databases."""
    return DatabaseCommands(outfit.home / "app-backups", SecretFiles(outfit.home / "secrets"))


def connections(outfit: Outfit) -> TakenConnections:
    """Return what looks at how full users' databases are."""
    return TakenConnections(SecretFiles(outfit.home / "secrets"), outfit.clock)


def traces(url: str, headers: str) -> Traces | None:
    """Return who keeps traces of runs; None when nobody does, and then nothing is loaded for it."""
    if not url:
        return None
    from fairlead.providers.telemetry import otlp  # noqa: PLC0415 - only who asks for it pays

    return otlp.Collector(url, otlp.headers(headers))


def figures(outfit: Outfit) -> DatabaseFigures:
    """Return what tells how users' databases are used."""
    return DatabaseFigures(SecretFiles(outfit.home / "secrets"))


TARGETS: dict[str, Callable[[Outfit], Target]] = {"local": local_target}
ROUTERS: dict[str, Callable[[Outfit], Router]] = {"envoy": edge}


@dataclass(frozen=True, slots=True)
class AllSources:
    """Satisfies the port `Sources`; `totals` is what applications told us.

    `edge` reads the edge; left out, each environment is read by itself, at the moment it is asked.
    """

    outfit: Outfit
    totals: Totals
    client: httpx.Client = field(default_factory=remote.client)
    edge: Source | None = None

    def of(self, asked: Asked) -> Source:
        """Return the source that is asked for; nothing is read yet."""
        return SOURCES[asked.metrics.from_](self, asked)

    def secret(self, name: str) -> str:
        """Return the value of a secret. Errors: `NotFound` when nobody has put it."""
        return SecretFiles(self.outfit.home / "secrets").file(name).read_text("utf-8").strip()


def edge_read_together(outfit: Outfit) -> Source:
    """Return what reads the edge for who asks about many environments, one after the other."""
    return EnvoyTogether(outfit.run, outfit.clock)


def _ingested(all_: AllSources, asked: Asked) -> Source:
    return Ingested(asked, all_.totals, all_.outfit.clock)


SOURCES: dict[str, Callable[[AllSources, Asked], Source]] = {
    "envoy": lambda all_, _: all_.edge or EnvoySource(all_.outfit.run, all_.outfit.clock),
    "fairlead": _ingested,
    "spans": _ingested,
    "prometheus": lambda a, asked: Prometheus(asked, a.client, a.secret, a.outfit.clock),
    "http": lambda a, asked: HttpJson(asked, a.client, a.secret, a.outfit.clock),
}
