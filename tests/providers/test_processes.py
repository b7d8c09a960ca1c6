"""The promises of `Processes`, kept by the real supervisord."""

import os
import shutil
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from fairlead.errors import Temporary
from fairlead.providers.processes.supervisor import Supervisor
from fairlead.rollout.process import Process, ProcessState
from providers.processes_stand import a_home, a_keeper, a_program, keeper_pid, lives, soon


@pytest.fixture
def home() -> Iterator[Path]:
    with a_home() as made:
        yield made


@pytest.fixture
def keeper(home: Path) -> Iterator[Supervisor]:
    with a_keeper(home) as supervisor:
        yield supervisor


def one(keeper: Supervisor, name: str) -> Process:
    return keeper.look()[name]


def test_a_started_program_runs_and_says_so(keeper: Supervisor, home: Path) -> None:
    keeper.start(a_program(home, "one"))
    assert one(keeper, "one").state is ProcessState.STARTING
    soon(lambda: one(keeper, "one").state is ProcessState.RUNNING)
    running = one(keeper, "one")
    assert lives(running.pid)
    assert 1 <= running.up_s < 5


def test_starting_twice_keeps_the_first_process(keeper: Supervisor, home: Path) -> None:
    keeper.start(a_program(home, "one"))
    first = one(keeper, "one").pid
    keeper.start(a_program(home, "one"))
    assert one(keeper, "one").pid == first


def test_stopping_twice_is_stopping_once(keeper: Supervisor, home: Path) -> None:
    keeper.start(a_program(home, "one"))
    pid = one(keeper, "one").pid
    keeper.stop("one")
    keeper.stop("one")
    assert keeper.look() == {}
    assert not lives(pid)
    assert not list((home / "processes" / "conf.d").iterdir())


def test_what_was_stopped_can_be_started_again(keeper: Supervisor, home: Path) -> None:
    for _ in range(2):
        keeper.start(a_program(home, "one"))
        keeper.stop("one")
    assert keeper.look() == {}


def test_a_killed_program_comes_back(keeper: Supervisor, home: Path) -> None:
    keeper.start(a_program(home, "one"))
    soon(lambda: one(keeper, "one").state is ProcessState.RUNNING)
    first = one(keeper, "one").pid
    os.kill(first, signal.SIGKILL)
    soon(lambda: one(keeper, "one").pid not in (0, first))


def test_a_program_that_always_crashes_is_given_up_with_its_output_kept(
    keeper: Supervisor, home: Path
) -> None:
    keeper.start(a_program(home, "bad", "import sys; sys.exit('no settings')"))
    soon(lambda: one(keeper, "bad").state is ProcessState.RESTARTING)
    soon(lambda: one(keeper, "bad").state is ProcessState.GIVEN_UP)
    assert (home / "logs" / "bad.log").read_text() == "no settings\n" * 2
    assert one(keeper, "bad").pid == 0


def test_a_given_up_program_that_is_started_is_tried_anew_as_it_is_told_now(
    keeper: Supervisor, home: Path
) -> None:
    keeper.start(a_program(home, "bad", "raise SystemExit(1)"))
    soon(lambda: one(keeper, "bad").state is ProcessState.GIVEN_UP)
    keeper.start(a_program(home, "bad"))
    soon(lambda: one(keeper, "bad").state is ProcessState.RUNNING)


def test_without_a_keeper_every_question_is_temporary(home: Path) -> None:
    keeper = Supervisor(home / "processes", home / "run")
    assert not keeper.alive()
    with pytest.raises(Temporary):
        keeper.look()
    with pytest.raises(Temporary):
        keeper.start(a_program(home, "one"))
    with pytest.raises(Temporary):
        keeper.stop("one")
    keeper.down()


def test_the_keeper_outlives_whoever_started_it_and_is_found_again(
    keeper: Supervisor, home: Path
) -> None:
    keeper.start(a_program(home, "one"))
    pid = keeper_pid(home)
    assert os.getsid(pid) == pid
    second = Supervisor(home / "processes", home / "run")
    second.up()
    assert keeper_pid(home) == pid
    assert second.look()["one"].pid == one(keeper, "one").pid


def test_two_who_call_up_at_once_get_one_keeper(home: Path) -> None:
    those = [Supervisor(home / "processes", home / "run") for _ in range(4)]
    failed: list[BaseException] = []

    def rise(supervisor: Supervisor) -> None:
        try:
            supervisor.up()
        except BaseException as error:  # noqa: BLE001
            failed.append(error)

    threads = [threading.Thread(target=rise, args=[supervisor]) for supervisor in those]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    try:
        assert failed == []
        assert (home / "processes" / "supervisord.log").read_text().count("started with pid") == 1
    finally:
        those[0].down()


def test_down_ends_everything_and_up_brings_it_back(keeper: Supervisor, home: Path) -> None:
    keeper.start(a_program(home, "one"))
    pids = [keeper_pid(home), one(keeper, "one").pid]
    keeper.down()
    keeper.down()
    assert not any(lives(pid) for pid in pids)
    assert not keeper.alive()
    keeper.up()
    soon(lambda: one(keeper, "one").pid)


def test_a_lost_log_folder_does_not_keep_the_others_from_coming_up(
    keeper: Supervisor, home: Path
) -> None:
    keeper.start(a_program(home, "one"))
    keeper.down()
    shutil.rmtree(home / "logs")
    keeper.up()
    soon(lambda: one(keeper, "one").pid)


def test_the_latest_program_is_the_first_to_be_stopped(keeper: Supervisor, home: Path) -> None:
    for name in ("z-first", "a-second", "m-third"):
        keeper.start(a_program(home, name))
    keeper.down()
    log = (home / "processes" / "supervisord.log").read_text()
    places = [log.index(f"stopped: {name}") for name in ("m-third", "a-second", "z-first")]
    assert places == sorted(places)
