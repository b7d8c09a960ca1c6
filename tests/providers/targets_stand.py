"""A local target over a real supervisord, with small functions to run on it."""

import http.client
import socket
import sys
from dataclasses import dataclass, replace
from pathlib import Path

from deno import find_deno_bin

from fairlead.analysis.verdict import Finding, Verdict
from fairlead.providers.processes.supervisor import Supervisor
from fairlead.providers.targets.local import LocalTarget
from fairlead.rollout.process import Process, Processes, Program
from fairlead.rollout.slot import Endpoint, Slot
from providers.processes_stand import soon

HELLO = 'Deno.serve((request) => new Response("hello " + new URL(request.url).pathname));'
SLOT = Slot("shop", "production", "4f2a", "functions", "functions", ("hello",), ("--allow-env",))


class Aged(Processes):
    """The same processes, as they will look a minute from now."""

    def __init__(self, processes: Processes) -> None:
        self._processes = processes

    def start(self, *programs: Program) -> None:
        self._processes.start(*programs)

    def stop(self, name: str) -> None:
        self._processes.stop(name)

    def dismiss(self, name: str) -> None:
        self._processes.dismiss(name)

    def look(self) -> dict[str, Process]:
        return {n: replace(p, up_s=p.up_s + 60) for n, p in self._processes.look().items()}


@dataclass
class Stand:
    home: Path
    keeper: Supervisor

    def start(self, slot: Slot, files: Path) -> tuple[Endpoint, ...]:
        """Start one slot, and return where it answers."""
        return self.target().start({slot: files})[slot]

    def target(self, processes: Processes | None = None) -> LocalTarget:
        return LocalTarget(
            processes or self.keeper,
            self.home / "run",
            self.home / "target",
            Path(find_deno_bin()),
            Path(sys.executable),
        )

    def files(self, **sources: str) -> Path:
        folder = self.home / f"files-{len(list(self.home.iterdir()))}"
        for name, source in sources.items():
            (folder / name).mkdir(parents=True)
            (folder / name / "index.ts").write_text(source)
        return folder

    def settled(self, slot: Slot, verdict: Verdict) -> Finding:
        target = self.target()
        soon(lambda: target.health(slot).verdict is verdict)
        return target.health(slot)

    def pid(self, slot: Slot, unit: str = "hello") -> int:
        return self.keeper.look()[f"slot.{slot.id}.{unit}"].pid


class Line(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("localhost")
        self.path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(str(self.path))


def ask(place: Endpoint, path: str = "") -> str:
    """Return what an endpoint answers."""
    line = Line(Path(place.address.removeprefix("unix:")))
    try:
        line.request("GET", place.prefix + path)
        answer = line.getresponse()
        assert answer.status == 200
        return answer.read().decode()
    finally:
        line.close()


def reachable(place: Endpoint) -> bool:
    try:
        return bool(ask(place))
    except (FileNotFoundError, ConnectionRefusedError):
        return False
