"""How is a command started, heard and ended together with everything it started?

Standard library only: the keeper imports it.
"""

import contextlib
import errno
import os
import select
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from fairlead.providers.commands.living import KILL_S, below, processes, send

KEPT_BYTES = 8 * 1024 * 1024
LAST_BYTES = 16 * 1024
CHUNK_BYTES = 64 * 1024
GRACE_S = 2.0
# What ends a command that takes too long may itself take so long, unless that has stopped it.
ENDING_S = GRACE_S + KILL_S + 3.0
# The kernel, short of memory, takes a check before it takes what serves users.
OUT_OF_MEMORY_SCORE = "500"


class NotStartedError(Exception):
    """A sentence for people: why the command could not be started, and what to do."""


class Output:
    """The command's output on disk: its first bytes, and its last ones when there were too many."""

    def __init__(self, path: Path) -> None:
        self.file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        self.room = KEPT_BYTES
        self.dropped = 0
        self.last = b""

    def take(self, data: bytes) -> None:
        """Keep what there is room for."""
        kept, rest = data[: self.room], data[self.room :]
        self.room -= len(kept)
        self._write(kept)
        if rest:
            self.dropped += len(rest)
            self.last = (self.last[-LAST_BYTES:] + rest)[-LAST_BYTES:]

    def end(self) -> None:
        """Say how much is missing and add the last lines."""
        if self.dropped:
            missing = self.dropped - len(self.last)
            self._write(f"\n[{missing} bytes of output were not kept]\n".encode() + self.last)
        os.close(self.file)

    def _write(self, data: bytes) -> None:
        try:
            while data:
                data = data[os.write(self.file, data) :]
        except OSError:
            # A full disk is no reason to hold the command up or to lose how it ended.
            self.room = 0


class Command:
    """The command while it runs, with every process it started."""

    def __init__(self, pid: int, pipe: int, wake: int, log: Output) -> None:
        self.pid, self.pipe, self.wake, self.log = pid, pipe, wake, log
        self.sources = [pipe, wake]
        self.status: int | None = None

    def pump(self, seconds: float) -> bool:
        """Wait for output or an end, at most so long; tell whether there was output."""
        ready, _, _ = select.select(self.sources, [], [], seconds)
        if self.wake in ready:
            os.read(self.wake, CHUNK_BYTES)
        data = os.read(self.pipe, CHUNK_BYTES) if self.pipe in ready else b""
        if data:
            self.log.take(data)
        elif self.pipe in ready:
            self.sources.remove(self.pipe)
        self._reap()
        return bool(data)

    def end_all(self) -> bool:
        """TERM, then KILL what is left of the command; tell whether everything is gone.

        Orphans, in whatever session, became children of this process, so all are found. A signal
        to a group is atomic, where one to each member would race with their forks. Whether any
        live is asked of the kernel: a list of processes may miss one whose parent ends meanwhile.
        """
        for number, patience in ((signal.SIGTERM, GRACE_S), (signal.SIGKILL, KILL_S)):
            told: set[int] = set()
            give_up = time.monotonic() + patience
            while self._reap() and time.monotonic() < give_up:
                groups = self._groups()
                for group in groups - told:
                    send(-group, number)
                told |= groups if number is signal.SIGTERM else set()
                self.pump(0.01)
        return not self._reap()

    def drain(self) -> None:
        """Take the output that still waits in the pipe, and close it."""
        while self.pump(0):
            pass
        os.close(self.pipe)
        self.log.end()

    def _groups(self) -> set[int]:
        seen = processes()
        groups = {seen[pid].group for pid in below({os.getpid()}, seen)}
        return groups or ({self.pid} if self.status is None else set())

    def _reap(self) -> bool:
        """Take the ends of what has ended; tell whether anything of ours still lives."""
        try:
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                if ended[0] == self.pid:
                    self.status = ended[1]
        except ChildProcessError:
            return False
        return True


def launch(job: dict[str, Any], remember: Callable[[int], None]) -> tuple[int, int]:
    """Start the command; return its process id and the pipe that carries its output.

    The new process waits until `remember` has its id on disk, and goes away when the keeper dies
    first: so there is never a command that nobody can find. Errors: `NotStartedError`.
    """
    out, trouble, go = os.pipe(), os.pipe(), os.pipe()
    try:
        pid = os.fork()
    except OSError as error:
        raise NotStartedError(f"the machine has no room for another process: {error}") from error
    if pid == 0:
        os.close(go[1])
        _become(job, out[1], trouble[1], go[0])
    for end in (out[1], trouble[1], go[0]):
        os.close(end)
    remember(pid)
    os.write(go[1], b"g")
    os.close(go[1])
    with os.fdopen(trouble[0]) as told:
        step, _, number = told.read().partition(" ")
    if step:
        os.waitpid(pid, 0)
        raise NotStartedError(_sentence(job, step, int(number)))
    return pid, out[0]


def _become(job: dict[str, Any], out: int, trouble: int, go: int) -> NoReturn:
    step = "folder"
    try:
        os.setsid()
        for number in (signal.SIGTERM, signal.SIGCHLD, signal.SIGPIPE, signal.SIGXFSZ):
            signal.signal(number, signal.SIG_DFL)
        if os.read(go, 1) == b"g":
            with contextlib.suppress(OSError):
                Path("/proc/self/oom_score_adj").write_text(OUT_OF_MEMORY_SCORE)
            os.dup2(out, 1)
            os.dup2(out, 2)
            os.chdir(job["folder"])
            step = "program"
            os.execvpe(job["argv"][0], job["argv"], job["env"])  # noqa: S606 - no shell is wanted
    except OSError as error:
        os.write(trouble, f"{step} {error.errno or errno.EIO}".encode())
    except (ValueError, IndexError):
        os.write(trouble, f"words {errno.EINVAL}".encode())
    finally:
        os._exit(127)


def _sentence(job: dict[str, Any], step: str, number: int) -> str:
    program = job["argv"][0] if job["argv"] else ""
    known = {
        errno.ENOENT: f"the program {program!r} is not on this machine: install it, or correct the "
        "command in fairlead.yaml",
        errno.EACCES: f"{program!r} may not be run: make it executable (chmod +x) and commit that",
        errno.ENOEXEC: f"{program!r} is not a program for this machine: give it a first line such "
        "as #!/bin/sh",
    }
    if step == "folder":
        return f"its folder {job['folder']!r} cannot be entered: {os.strerror(number)}"
    if step == "words":
        return "its words cannot be passed on: they are empty or hold a NUL; correct the command"
    if number == errno.ENOENT and "/" in program and Path(job["folder"], program).exists():
        return f"the interpreter that the first line of {program!r} names is not on this machine"
    return known.get(number, f"{program!r} cannot be started: {os.strerror(number)}")
