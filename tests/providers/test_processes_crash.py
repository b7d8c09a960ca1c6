"""What a killed keeper leaves behind does not get in the way of what comes after it."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from fairlead.providers.processes.leftovers import MARK_VARIABLE, leftovers
from fairlead.providers.processes.supervisor import Supervisor
from fairlead.rollout.process import Program
from providers.processes_stand import a_home, a_keeper, keeper_pid, lives, soon

# Two of these cannot be at once: the second one's bind fails.
LISTENER = """
import signal, socket, sys, time
line = socket.socket()
line.bind(("127.0.0.1", int(sys.argv[1])))
line.listen()
def leave(*_):
    open("left-properly", "w").close()
    sys.exit(0)
signal.signal(signal.SIGINT, leave)
time.sleep(1000)
"""


@pytest.fixture
def home() -> Iterator[Path]:
    with a_home() as made:
        yield made


@pytest.fixture
def keeper(home: Path) -> Iterator[Supervisor]:
    with a_keeper(home) as supervisor:
        yield supervisor


def is_listening(port: int) -> bool:
    with socket.socket() as line:
        return line.connect_ex(("127.0.0.1", port)) == 0


def a_listener(home: Path) -> tuple[Program, int]:
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        port = line.getsockname()[1]
    argv = (sys.executable, "-I", "-S", "-c", LISTENER, str(port))
    return Program("edge", argv, home, home / "edge.log", stop_signal="INT"), port


def test_programs_of_a_killed_keeper_make_room_for_their_new_copies(
    keeper: Supervisor, home: Path
) -> None:
    program, port = a_listener(home)
    keeper.start(program)
    soon(lambda: is_listening(port))
    orphan = keeper.look()["edge"].pid
    os.kill(keeper_pid(home), signal.SIGKILL)
    soon(lambda: not keeper.alive())
    assert is_listening(port)
    keeper.up()
    soon(lambda: is_listening(port))
    assert keeper.look()["edge"].pid not in (0, orphan)
    assert not lives(orphan)
    assert (home / "left-properly").exists()


def test_a_program_that_was_stopped_while_its_keeper_was_dead_does_not_come_back(
    keeper: Supervisor, home: Path
) -> None:
    program, port = a_listener(home)
    keeper.start(program)
    soon(lambda: is_listening(port))
    os.kill(keeper_pid(home), signal.SIGKILL)
    (home / "processes" / "conf.d" / "edge.conf").unlink()
    soon(lambda: not keeper.alive())
    keeper.up()
    assert keeper.look() == {}
    soon(lambda: not is_listening(port))


def test_down_ends_what_a_killed_keeper_left(keeper: Supervisor, home: Path) -> None:
    program, port = a_listener(home)
    keeper.start(program)
    soon(lambda: is_listening(port))
    os.kill(keeper_pid(home), signal.SIGKILL)
    soon(lambda: not keeper.alive())
    keeper.down()
    assert not is_listening(port)


def test_a_keeper_that_lost_its_socket_is_replaced(keeper: Supervisor, home: Path) -> None:
    program, port = a_listener(home)
    keeper.start(program)
    soon(lambda: is_listening(port))
    first = keeper_pid(home)
    (home / "run" / "supervisor.sock").unlink()
    keeper.up()
    assert keeper_pid(home) != first
    soon(lambda: is_listening(port))


def test_a_process_in_a_session_of_its_own_is_left_alone(home: Path) -> None:
    job = subprocess.Popen(
        ["/bin/sleep", "1000"],
        env={MARK_VARIABLE: "some-house/job"},
        start_new_session=True,
    )
    try:
        assert leftovers("some-house") == []
    finally:
        job.kill()
        job.wait()
