"""How is the loop driven without its engine? Turn by turn, on real state, with time of its own.

Git, artifacts, commands and PostgreSQL are real. Slots, edge and counters are tiny and obedient.
"""

import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count, groupby
from pathlib import Path
from typing import Any, cast

from fairlead.access.person import Person
from fairlead.access.role import Role
from fairlead.analysis.histogram import BUCKETS
from fairlead.analysis.measurement import Counters, Reading
from fairlead.analysis.verdict import Finding, Verdict, worst
from fairlead.commands import deploy
from fairlead.commands.desk import Desk
from fairlead.errors import FairleadError
from fairlead.gates.ports import Asked, Built
from fairlead.journal.event import Event
from fairlead.migrations.ports import Connections, Place, Task
from fairlead.pipeline import turn
from fairlead.pipeline.house import House
from fairlead.providers.commands.runner import ProcessRunner
from fairlead.providers.databases.figures import DatabaseFigures
from fairlead.providers.objects.local import LocalArtifacts
from fairlead.providers.secrets.files import SecretFiles
from fairlead.providers.sources.git import GitRepository
from fairlead.release.progress import Run
from fairlead.reports.window import Window
from fairlead.rollout.slot import Edge, Endpoint, Slot
from fairlead.store import environments, journal, runs
from fairlead.store.database import Database, Tx
from journeys.app import App

MOST_TURNS = 1000
NO_PACKAGES = '{"components": [], "compositions": [{"aggregate": "complete"}]}'
TOLD = '{"because": "its SBOM names no package"}'
ANA = Person("ana", "ana@example.org", Role.DEPLOYER)


class Clock:
    """Time that passes only when the loop waits."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, seconds: float) -> None:
        self.now += timedelta(seconds=max(seconds, 0.001))


class Slots:
    """A `Target`: every slot is up once it is started, unless its release is in `sick`."""

    def __init__(self) -> None:
        self.up: set[str] = set()
        self.sick: dict[str, Finding] = {}
        self.trouble: Callable[[], Exception] | None = None

    def start(self, wanted: Mapping[Slot, Path]) -> dict[Slot, tuple[Endpoint, ...]]:
        if self.trouble:
            raise self.trouble()
        assert all(files.is_dir() for files in wanted.values())
        self.up.update(slot.id for slot in wanted)
        return {
            slot: tuple(
                Endpoint(slot.component, u, f"unix:/{slot.id}", f"/{u}") for u in slot.units
            )
            for slot in wanted
        }

    def health(self, *slots: Slot) -> Finding:
        return worst(self._one(slot) for slot in slots)

    def _one(self, slot: Slot) -> Finding:
        if slot.id not in self.up:
            return Finding(Verdict.UNHEALTHY, f"nobody started {slot.id}")
        return self.sick.get(slot.release, Finding(Verdict.HEALTHY, "it answers"))

    def await_listening(self, slots: Sequence[Slot], timeout_s: float) -> None:
        pass

    def stop(self, slot_id: str) -> None:
        self.up.discard(slot_id)

    def logs(self, slot: Slot) -> dict[str, Path]:
        return {unit: Path(f"/logs/{slot.id}.{unit}.log") for unit in slot.units}

    def running(self) -> frozenset[str]:
        return frozenset(self.up)


class Unjudged:
    """`Judges` whose command only tells what it was asked; `script` may do more."""

    def __init__(self) -> None:
        self.script = 'echo "{\\"because\\": \\"$1 since $2 is fine\\"}" > "$0"'
        self.sbom_script = f"echo '{NO_PACKAGES}' > \"$1\"; echo '{TOLD}' > \"$0\""
        self.reports = 'echo "{\\"because\\": \\"$2 was looked at\\"}" > "$0"'

    def command(self, asked: Asked) -> list[str]:
        told = (str(asked.report), asked.gate, asked.since, str(asked.before or ""))
        return ["/bin/sh", "-c", self.script, *told]

    def sbom(self, built: Built) -> list[str]:
        return ["/bin/sh", "-c", self.sbom_script, str(built.report), str(built.document)]

    def privacy(self, asked: Asked) -> list[str]:
        logs = " ".join(f"{log.name}@{log.release}={log.file}" for log in asked.logs)
        told = (str(asked.report), str(asked.privacy), asked.secret, logs)
        return ["/bin/sh", "-c", self.reports, *told]


class Changes:
    """`Databases` whose command only tells what it was asked; `script` may do more."""

    def __init__(self) -> None:
        self.script = 'echo "{\\"because\\": \\"$1 of $2 is done\\"}" > "$0"'

    def command(self, task: Task, place: Place, files: Path, report: Path) -> list[str]:
        assert files.is_dir()
        return ["/bin/sh", "-c", self.script, str(report), task.value, place.secret]

    def environment(self) -> dict[str, str]:
        return {}


class Full:
    """`Connections` of a database: so many are taken, or why that cannot be said."""

    share: float | FairleadError = 0.1

    def taken(self, secret: str) -> float:
        if isinstance(self.share, FairleadError):
            raise self.share
        return self.share


class Edges:
    """A `Router` that does what it is told; `trouble` is raised instead while it is set."""

    def __init__(self) -> None:
        self.now: dict[str, Edge] = {}
        self.trouble: Callable[[], Exception] | None = None

    def route(self, edge: Edge) -> None:
        if self.trouble:
            raise self.trouble()
        self.now[edge.app] = edge

    def weights(self, app: str, environment: str) -> dict[str, int]:
        return self.now[app].weights() if app in self.now else {}

    def busy(self, app: str, environment: str, release: str) -> int:
        return 0

    def remove(self, app: str, environment: str) -> None:
        self.now.pop(app, None)


class Counting:
    """A `Source`: a hundred requests a look, for every release that has traffic."""

    def __init__(self, edges: Edges, clock: Clock) -> None:
        self._edges, self._clock = edges, clock
        self._seen: dict[str, tuple[int, int]] = {}
        self._times: dict[str, list[int]] = {}
        self.fails: dict[str, int] = {}
        self.bucket: dict[str, int] = {}
        self.tells_times = True

    def read(self, app: str, environment: str) -> Reading:
        found = []
        for release, weight in self._edges.weights(app, environment).items():
            requests, errors = self._seen.get(release, (0, 0))
            if weight:
                requests, errors = requests + 100, errors + self.fails.get(release, 0)
                self._seen[release] = requests, errors
            times = self._times.setdefault(release, [0] * BUCKETS)
            times[self.bucket.get(release, 60)] += 100 if weight else 0
            told = (*times,) if self.tells_times else ()
            found.append(Counters(release, "functions", requests, errors, requests * 2.0, told))
        return Reading(self._clock(), "one", tuple(found))


@dataclass(slots=True)
class Loop:
    """A house, an app to ship through it, and the turns that are taken."""

    house: House
    clock: Clock
    slots: Slots
    edges: Edges
    counting: Counting
    app: App
    wrapped: Callable[[House], House] = field(default=lambda house: house)

    def desk(self) -> Desk:
        """Return where people ask for things; nobody is nudged, turns are taken by hand."""
        return Desk(
            database=self.house.database,
            clock=self.clock,
            run_name=lambda: f"r{secrets.token_hex(4)}",
            secret=lambda: secrets.token_hex(16),
            repository=self.house.repository,
            artifacts=self.house.artifacts,
            target=self.house.target,
            start=lambda _: None,
            nudge=lambda _: None,
        )

    def window(self, connections: Connections | None = None) -> Window:
        """Return what people look through; users' databases are those of the house's secrets."""
        house = self.house
        return Window(
            database=house.database,
            clock=self.clock,
            router=house.router,
            target=house.target,
            runner=house.runner,
            logs=(),
            reports=house.reports,
            connections=connections or Full(),
            figures=DatabaseFigures(self.secrets),
        )

    @property
    def secrets(self) -> SecretFiles:
        """Return where the addresses of users' databases are put."""
        return SecretFiles(self.house.reports.parent / "secrets")

    def submit(self) -> Run:
        """Take what is committed into the pipeline."""
        self.clock.pass_by(1)
        return deploy.submit(self.desk(), ANA, str(self.app.folder), "main")

    def ship(self, take: Callable[[str], turn.Next] | None = None) -> Run:
        """Submit what is committed and take its turns to the end."""
        run = self.submit()
        self.carry(run.id, take)
        return self.run(run.id)

    def carry(
        self,
        run_id: str,
        take: Callable[[str], turn.Next] | None = None,
        until: Callable[[], bool] = lambda: False,
    ) -> None:
        """Take the turns of a run until it has ended, or `until` is true."""
        take = take or self.take
        for _ in range(MOST_TURNS):
            if until():
                return
            following = take(run_id)
            if following.wait_s is None:
                return
            self.clock.pass_by(following.wait_s)
        raise AssertionError(f"{self.run(run_id).status} after {MOST_TURNS} turns")

    def take(self, run_id: str) -> turn.Next:
        """Take one turn, with a house of its own as after a restart."""
        return turn.take(self.wrapped(replace(self.house)), run_id)

    def run(self, run_id: str) -> Run:
        with self.house.database.begin() as tx:
            return runs.get(tx, run_id)

    def kinds(self, run_id: str) -> list[str]:
        """Return what the record holds about a run; verdicts in a row count as one."""
        with self.house.database.begin() as tx:
            told = [entry.event.kind for entry in journal.entries(tx, 0, run_id)]
        return [kind for kind, same in groupby(told) for _ in _once(kind, same)]

    def events(self, run_id: str) -> list[Event]:
        """Return what the record holds about a run."""
        with self.house.database.begin() as tx:
            return [entry.event for entry in journal.entries(tx, 0, run_id)]

    def live(self) -> environments.EnvironmentState:
        with self.house.database.begin() as tx:
            return environments.get(tx, self.app.name, "live")


def _once(kind: str, same: Iterator[str]) -> list[str]:
    every = [*same]
    return every[:1] if kind == "release.judged" else every


def a_loop(database: Database, folder: Path, app: App) -> Loop:
    """Return a loop on a database, with everything else of its own in `folder`."""
    clock, slots, edges = Clock(), Slots(), Edges()
    counting = Counting(edges, clock)
    house = House(
        database=database,
        clock=clock,
        repository=GitRepository(folder / "repositories"),
        artifacts=LocalArtifacts(folder / "artifacts"),
        runner=ProcessRunner(folder / "jobs"),
        judges=Unjudged(),
        databases=Changes(),
        reports=folder / "reports",
        target=slots,
        router=edges,
        source=counting,
        job_env={"PATH": "/usr/bin:/bin"},
    )
    return Loop(house, clock, slots, edges, counting, app)


class Killed(BaseException):
    """The process dies here: nothing that comes after is done, nobody catches it."""


class Killer:
    """Lets so many steps pass, then kills. A step is a call of a port or a transaction."""

    def __init__(self) -> None:
        self.left = 0
        self.kills = 0

    def step(self) -> None:
        if self.left == 0:
            self.kills += 1
            raise Killed
        self.left -= 1

    def wrapped(self, house: House) -> House:
        """Return a house whose every part asks first whether it may still act."""
        ports = ("repository", "artifacts", "runner", "target", "router", "source")
        mortal = {name: cast(Any, Mortal(getattr(house, name), self.step)) for name in ports}
        database = cast(Database, MortalDatabase(house.database, self.step))
        return replace(house, database=database, **mortal)

    def taking(self, loop: Loop) -> Callable[[str], turn.Next]:
        """Return how to take a turn that is killed before each of its steps in turn, then done."""
        loop.wrapped = self.wrapped

        def take(run_id: str) -> turn.Next:
            for steps in count():
                self.left = steps
                try:
                    return loop.take(run_id)
                except Killed:
                    loop.clock.pass_by(0.001)
            raise AssertionError

        return take


class Mortal:
    """Any part of the house; every call of it is a step."""

    def __init__(self, part: Any, step: Callable[[], None]) -> None:
        self._part, self._step = part, step

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._part, name)

        def call(*arguments: Any, **more: Any) -> Any:
            self._step()
            return found(*arguments, **more)

        return call


class MortalDatabase:
    """The database; every transaction is a step."""

    def __init__(self, database: Database, step: Callable[[], None]) -> None:
        self._database, self._step = database, step

    @contextmanager
    def begin(self) -> Iterator[Tx]:
        self._step()
        with self._database.begin() as tx:
            yield tx
