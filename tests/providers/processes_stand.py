"""A real supervisord to try things on, and what is needed to watch it."""

import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from fairlead.providers.processes.supervisor import Supervisor
from fairlead.rollout.process import Program

SLEEP = "import time; time.sleep(1000)"


@contextmanager
def a_home() -> Iterator[Path]:
    """Give a folder with a path short enough for sockets."""
    home = Path(tempfile.mkdtemp(dir="/tmp"))
    try:
        yield home
    finally:
        shutil.rmtree(home)


@contextmanager
def a_keeper(home: Path) -> Iterator[Supervisor]:
    """Give a supervisord that is up, and take it down."""
    supervisor = Supervisor(home / "processes", home / "run")
    supervisor.up()
    try:
        yield supervisor
    finally:
        supervisor.down()


def keeper_pid(home: Path) -> int:
    return int((home / "processes" / "supervisord.pid").read_text())


def a_program(home: Path, name: str, code: str = SLEEP, *arguments: str) -> Program:
    argv = (sys.executable, "-I", "-S", "-c", code, *arguments)
    return Program(name, argv, home, home / "logs" / f"{name}.log", start_retries=1)


def soon(what: Callable[[], object], seconds: float = 30) -> None:
    """Wait until something is true."""
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.03)


def lives(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"
