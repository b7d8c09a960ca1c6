"""How does a process begin that somebody waits for: a command, or work of ours that is loaded?"""

import multiprocessing
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Protocol


class Process(Protocol):
    """A process in a session of its own; from `output` one reads all that it says."""

    @property
    def pid(self) -> int:
        """Return its number, which is that of its group, too."""

    @property
    def output(self) -> int:
        """Return the end of the pipe to read from."""

    def status(self, wait_s: float = 0.0) -> int | None:
        """Return its exit status as `subprocess` tells it; None while it runs."""


class Command:
    """A command with its words and environment. Errors: `OSError` when it cannot be started."""

    def __init__(self, words: Sequence[str], env: Mapping[str, str]) -> None:
        self.output, out = os.pipe()
        try:
            self._process = subprocess.Popen(
                words,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                env=env,
                start_new_session=True,
            )
        except OSError:
            os.close(self.output)
            raise
        finally:
            os.close(out)
        self.pid = self._process.pid

    def status(self, wait_s: float = 0.0) -> int | None:
        """Return its exit status; None while it runs."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(wait_s)
        return self._process.returncode


class Branch:
    """Work of ours in a process forked from this one, as loading everything anew takes long.

    Make it before there are threads: a lock that one of them holds would stay held in the branch
    for ever. It waits for `begin`, and goes away when this process does so first.
    """

    def __init__(self, work: Callable[[], int]) -> None:
        fork = multiprocessing.get_context("fork")
        told, self._go = fork.Pipe(duplex=False)
        self.output, out = os.pipe()
        words = (work, told, self._go, out)
        self._process = fork.Process(target=_branched, args=words, daemon=True)
        self._process.start()
        told.close()
        os.close(out)
        self.pid = self._process.pid or 0

    def begin(self) -> "Branch":
        """Let it work."""
        with suppress(BrokenPipeError):
            # It was killed just now; its status says so.
            self._go.send(True)
        return self

    def status(self, wait_s: float = 0.0) -> int | None:
        """Return its exit status; None while it runs."""
        self._process.join(wait_s)
        return self._process.exitcode


def _branched(
    work: Callable[[], int], told: "Connection[None, bool]", go: "Connection[bool, None]", out: int
) -> None:
    os.setsid()
    go.close()
    try:
        told.recv()
    except EOFError:
        return
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(out, 1)
    os.dup2(out, 2)
    sys.stdout = os.fdopen(1, "w", encoding="utf-8", errors="replace", buffering=1, closefd=False)
    sys.stderr = sys.stdout
    sys.exit(work())
