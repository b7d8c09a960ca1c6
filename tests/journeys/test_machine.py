"""What if the machine itself is in trouble? An installation of its own, on a small disk."""

import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from fairlead import installation
from journeys.configurations import at_once, canary
from journeys.person import refused
from journeys.stand import Stand, folder_of_its_own, processes_naming, standing, until
from journeys.users import users_of

NO_ROOM = "No space left on device; free disk space"


@pytest.fixture(scope="module")
def small() -> Iterator[Stand]:
    """Give an installation whose home is a disk of 160 MB, where one may be mounted."""
    with folder_of_its_own() as folder, disk(folder / "home"), standing(folder) as one:
        yield one


@contextmanager
def disk(place: Path) -> Iterator[None]:
    place.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", "size=160m", "tmpfs", str(place)]
    mounted = subprocess.run(words, check=False, capture_output=True).returncode == 0
    try:
        yield
    finally:
        if mounted:
            subprocess.run(["umount", "--lazy", str(place)], check=True)


@contextmanager
def filled_up(stand: Stand) -> Iterator[None]:
    """Leave not a byte of room on the disk of the home while the block lasts."""
    ballast = stand.settings.home / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for block in (b"x" * 2**20, b"x" * 4096):
            with suppress(OSError):
                while True:
                    file.write(block)
    try:
        yield
    finally:
        ballast.unlink()


def test_a_full_disk_holds_a_release_up_until_there_is_room(small: Stand) -> None:
    if not small.settings.home.is_mount():
        pytest.skip("a disk of its own cannot be mounted here")
    app, good = small.shipped("filled", canary, hold="3s")
    with users_of(app) as users:
        new = app.commit("new")
        run = small.ana.deploy(app)
        small.ana.wait(run, lambda it: it["rollouts"] and it["rollouts"][0]["windows"])
        with filled_up(small):
            held = small.ana.wait(run, lambda it: NO_ROOM in it["because"])
            assert held["status"] == "running"
            # Whichever needs room first says so.
            assert held["because"].startswith(
                ("the edge cannot be told anything new: ", "the database has no room: ")
            )
            assert small.ana.place(app)["weights"] == {good: 50, new: 50}
            app.commit("one more")
            assert "the disk is full; free space" in refused(small.ana.submit(app), 503)
        ended = small.ana.ended(run)
    assert ended["status"] == "succeeded", ended["because"]
    assert users.noticed_nothing()
    assert app.ask().release == new
    assert small.ana.tell("/journal/verification")["fault"] is None


def test_a_killed_keeper_leaves_everything_serving_and_up_heals_it(small: Stand) -> None:
    app, good = small.shipped("keeperless", at_once)
    keeper = next(p for p in processes_naming(str(small.settings.home)) if _is_keeper(p.cmdline()))
    with users_of(app) as users:
        keeper.send_signal(signal.SIGKILL)
        keeper.wait(10)
        new = app.commit("new")
        run = small.ana.deploy(app)
        stuck = small.ana.wait(run, lambda it: "supervisord does not listen" in it["because"])
        assert stuck["status"] == "running"
        assert app.ask().release == good
    # Its children serve on, and nobody notices that nobody would start them again.
    assert users.noticed_nothing()
    assert users.on(good) == len(users.met)
    said: list[str] = []
    installation.up(small.settings, said.append)
    assert said[-1] == "server: ready"
    ended = small.ana.ended(run)
    assert ended["status"] == "succeeded", ended["because"]
    until(lambda: app.ask().release == new, "the new release serves")
    running = [p for p in processes_naming(str(small.settings.home)) if _is_keeper(p.cmdline())]
    assert len(running) == 1
    slots = [name for name in small.programs() if name.startswith("slot.keeperless.")]
    assert slots == sorted(f"slot.keeperless.live.{r}.functions.score" for r in (good, new))


def _is_keeper(words: list[str]) -> bool:
    return "supervisor.supervisord" in words


def test_down_leaves_nothing_running_and_up_brings_all_of_it_back(small: Stand) -> None:
    app, good = small.shipped("restarted", at_once)
    home = str(small.settings.home)
    said: list[str] = []
    installation.down(small.settings, said.append)
    assert said == ["server: stopped", "edge, slots and database: stopped"]
    assert processes_naming(home) == []
    installation.down(small.settings, said.append)
    assert said[-1] == "nothing is running"
    installation.up(small.settings, said.append)
    assert app.ask().release == good
    place = small.ana.place(app)
    assert place["releases"][good]["slots"][0]["verdict"] == "HEALTHY"
    new = app.commit("new")
    assert small.ship(app)["status"] == "succeeded"
    assert app.ask().release == new
