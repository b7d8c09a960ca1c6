"""How does something run while somebody waits for it, kept as a job is and gone when they are?"""

import multiprocessing
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple, NoReturn

from fairlead.providers.commands import guard
from fairlead.providers.commands.command import (
    ENDING_S,
    Command,
    NotStartedError,
    Output,
    launch,
)
from fairlead.providers.commands.living import end_below, send

_LOOK_S = 0.05

# It starts a process, and returns its id and the pipe that carries its output.
Start = Callable[[], tuple[int, int]]


class Ended(NamedTuple):
    """How it ended: its status as a shell has it, None when it was ended, and a sentence."""

    status: int | None
    because: str


class Foreground:
    """Something that runs in the hands of a process of its own, forked from this one.

    Make it before there are threads: a lock that one of them holds would stay held there for ever.
    It begins when somebody waits for it, and ends with everything that it started when it takes too
    long, takes too much of the machine, or this process goes away. `log` keeps the first 8 MiB of
    its output and the last 16 KiB; on a full disk, what there was room for.
    """

    def __init__(self, start: Start, limit_s: float, log: Path) -> None:
        fork = multiprocessing.get_context("fork")
        self._limit_s = limit_s
        self._line, theirs = fork.Pipe()
        keep = partial(_kept, start, limit_s, log, os.getpid())
        self._process = fork.Process(target=_wait, args=(self._line, theirs, keep), daemon=True)
        self._process.start()
        theirs.close()

    def wait(self) -> Ended:
        """Let it begin, and wait for its end."""
        with suppress(OSError, EOFError):
            self._line.send(True)
            give_up = time.monotonic() + self._limit_s + ENDING_S
            while self._process.is_alive() and not self._line.poll(_LOOK_S):
                if time.monotonic() > give_up:
                    self._kill()
            if self._line.poll():
                return Ended(*self._line.recv())
        return Ended(None, "was ended together with what kept it")

    def stop(self) -> None:
        """End it, and return when that is done."""
        self._process.terminate()
        self._process.join(ENDING_S)
        if self._process.is_alive():
            self._kill()

    def _kill(self) -> None:
        """End it all from here: its keeper no longer does anything."""
        keeper = self._process.pid or 0
        # Stopped it starts nothing more, and what loses its parent becomes its child all the same.
        send(keeper, signal.SIGSTOP)
        end_below(keeper)
        send(keeper, signal.SIGKILL)
        self._process.join()


def command(words: Sequence[str], env: Mapping[str, str]) -> Start:
    """Return what starts a command in the folder that this process is in."""
    job = {"argv": [*words], "env": dict(env), "folder": str(Path.cwd())}
    return partial(launch, job, lambda _pid: None)


def branch(work: Callable[[], int]) -> Start:
    """Return what starts work of ours, which takes long to load, in a copy of this process."""
    return partial(_branched, work)


def _wait(here: Connection, theirs: Connection, keep: Callable[[], Ended]) -> None:
    """Wait for the word to begin; go away when whoever would say it has done so first."""
    here.close()
    os.setsid()
    with suppress(OSError, EOFError):
        theirs.recv()
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        theirs.send(tuple(keep()))


def _kept(start: Start, limit_s: float, log: Path, maker: int) -> Ended:
    wake = guard.prepare()
    try:
        output = Output(log)
        pid, pipe = start()
    except (OSError, NotStartedError) as error:
        return Ended(None, f"did not start: {error}")
    running = Command(pid, pipe, wake, output)
    told = guard.watch(running, limit_s, lambda: os.getppid() != maker)
    left = "" if running.end_all() else "; some of its processes could not be ended: look for them"
    running.drain()
    return Ended(told["status"], told["because"] + left)


def _branched(work: Callable[[], int]) -> tuple[int, int]:
    pipe, out = os.pipe()
    pid = os.fork()
    if pid == 0:
        _become(work, out)
    os.close(out)
    return pid, pipe


def _become(work: Callable[[], int], out: int) -> NoReturn:
    status = 1
    try:
        os.setsid()
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGTERM, signal.SIGCHLD):
            signal.signal(number, signal.SIG_DFL)
        os.dup2(out, 1)
        os.dup2(out, 2)
        said = os.fdopen(1, "w", encoding="utf-8", errors="replace", buffering=1, closefd=False)
        sys.stdout = sys.stderr = said
        status = work()
    except BaseException:  # noqa: BLE001 - whatever it is, it must not run on as a copy of the keeper
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        os._exit(status)
