"""Which processes lost their keeper, and how are they ended?"""

import os
import signal
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import psutil

# Every program carries this variable: the house's mark, a slash, its name (supervisord's is empty).
MARK_VARIABLE = "FAIRLEAD_PROGRAM"
AFTER_KILL_S = 5.0


@dataclass(frozen=True, slots=True)
class Leftover:
    """A process that runs although nobody keeps it; `program` is empty for supervisord itself."""

    program: str
    process: psutil.Process


@dataclass(frozen=True, slots=True)
class Ending:
    """How a program likes to be ended: a signal's name, and the seconds it may take."""

    signal: str = "TERM"
    wait_s: int = 10


def leftovers(mark: str) -> list[Leftover]:
    """Return the processes of the house `mark` whose session lost its leader, and its supervisords.

    supervisord leads the session of all it starts. What began a session of its own, as a job that
    must outlive the house does, is not ours to end.
    """
    found = []
    for process in psutil.process_iter():
        told = _variable(process)
        house, _, program = told.partition("/")
        if house != mark or process.pid == os.getpid():
            continue
        if program == "" or _lost_its_leader(process.pid):
            found.append(Leftover(program, process))
    return found


def end(those: Iterable[Leftover], ending: Callable[[str], Ending]) -> None:
    """End processes as gently as `ending(program)` says, and by SIGKILL when that did not do."""
    waiting = list(those)
    patience = 0
    for leftover in waiting:
        how = ending(leftover.program)
        patience = max(patience, how.wait_s)
        _send(leftover.process, signal.Signals[f"SIG{how.signal}"])
    waiting = _wait(waiting, patience)
    for leftover in waiting:
        _send(leftover.process, signal.SIGKILL)
    _wait(waiting, AFTER_KILL_S)


def has_ended(pid: int) -> bool:
    """Tell whether the process has ended; a zombie that nobody reaped has."""
    try:
        return _has_ended(psutil.Process(pid))
    except psutil.NoSuchProcess:
        return True


def _has_ended(process: psutil.Process) -> bool:
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def _wait(those: list[Leftover], seconds: float) -> list[Leftover]:
    deadline = time.monotonic() + seconds
    while those := [leftover for leftover in those if not _has_ended(leftover.process)]:
        if time.monotonic() > deadline:
            break
        time.sleep(0.02)
    return those


def _send(process: psutil.Process, what: signal.Signals) -> None:
    try:
        process.send_signal(what)
    except psutil.NoSuchProcess:
        return


def _variable(process: psutil.Process) -> str:
    try:
        return str(process.environ().get(MARK_VARIABLE, ""))
    except (psutil.Error, OSError):
        return ""


def _lost_its_leader(pid: int) -> bool:
    try:
        return has_ended(os.getsid(pid))
    except OSError:
        return False
