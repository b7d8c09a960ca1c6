"""Where do the stories happen? In a whole installation of its own, with people, torn down after."""

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from fairlead import installation, places
from fairlead.demo.sample import free_ports
from fairlead.settings import Settings
from journeys.app import AUTHOR, App
from journeys.person import Person
from room import on_disk

# Others may work on the same cores: be patient here, and strict about what came of it.
PATIENCE_S = 90.0


@dataclass(frozen=True, slots=True)
class Stand:
    """A running installation. ana writes and deploys, bob and cleo approve, vic may only look."""

    folder: Path
    settings: Settings
    admin: Person
    ana: Person
    bob: Person
    cleo: Person
    vic: Person

    def app(self, name: str, configuration: Callable[..., dict[str, Any]], **more: Any) -> App:
        """Return a new app whose places listen on ports of their own."""
        return App(self.folder / "apps" / name, name, configuration(name, free_ports(3), **more))

    def shipped(
        self, name: str, configuration: Callable[..., dict[str, Any]], **more: Any
    ) -> tuple[App, str]:
        """Return an app whose first release is live, and that release."""
        app = self.app(name, configuration, **more)
        good = app.commit("good")
        ended = self.ship(app)
        assert ended["status"] == "succeeded", ended["because"]
        return app, good

    def ship(self, app: App, ref: str = "main") -> dict[str, Any]:
        """Deploy what is committed, let bob approve it if he is asked; return the run's end."""
        return self.follow(self.ana.deploy(app, ref))

    def follow(self, run: str) -> dict[str, Any]:
        """Let bob approve the run when it asks, and return it when it has ended."""
        state = self.ana.wait(run, lambda it: bool(it["question"] or it["finished_at"]))
        if state["question"]:
            answer = self.bob.answer(run, state["question"]["plan_hash"])
            assert answer.status_code == 204, answer.text
        return self.ana.wait(run, lambda it: bool(it["finished_at"]))

    def process(self, program: str) -> psutil.Process:
        """Return the running process of a program that is kept up."""
        return psutil.Process(places.keeper(self.settings).look()[program].pid)

    def programs(self) -> list[str]:
        """Return the names of all programs that are kept up."""
        return sorted(places.keeper(self.settings).look())


@contextmanager
def standing(folder: Path) -> Iterator[Stand]:
    """Bring an installation up in `folder`, and leave nothing running whatever happens."""
    settings = Settings(folder / "home", "127.0.0.1", free_ports(1)[0], "")
    people: list[Person] = []
    try:
        with on_disk():
            installation.up(settings, lambda _: None)
        admin = Person(settings.url, settings.admin_token.read_text("utf-8").strip())
        people.append(admin)
        for name, email, role in (
            ("ana", AUTHOR[1], "deployer"),
            ("bob", "bob@example.org", "approver"),
            ("cleo", "cleo@example.org", "approver"),
            ("vic", "vic@example.org", "viewer"),
        ):
            people.append(Person(settings.url, admin.let_in(name, email, role)))
        yield Stand(folder, settings, *people)
    finally:
        for person in people:
            person.leave()
        try:
            installation.down(settings, lambda _: None)
        finally:
            end_everything_of(folder)


@contextmanager
def folder_of_its_own() -> Iterator[Path]:
    """Give a folder short enough for unix sockets; it is gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="fl-story-", dir="/tmp"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def until(done: Callable[[], Any], what: str, patience_s: float = PATIENCE_S) -> Any:
    """Return the first true answer of `done`."""
    end = time.monotonic() + patience_s
    while not (found := done()):
        assert time.monotonic() < end, f"{what}: not within {patience_s:g} s"
        time.sleep(0.03)
    return found


def processes_naming(text: str) -> list[psutil.Process]:
    """Return the living processes whose command, folder or environment names `text`."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            told = [process.cwd(), *process.cmdline(), *process.environ().values()]
            zombie = process.status() == psutil.STATUS_ZOMBIE
            if process.pid != os.getpid() and not zombie and any(text in it for it in told):
                found.append(process)
    return found


def end_everything_of(folder: Path) -> None:
    """Kill what is left of an installation: gates outlive a stopped server on purpose."""
    left = processes_naming(str(folder))
    for process in left:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(left, timeout=10)
