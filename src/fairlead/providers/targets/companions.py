"""Which processes live only as long as we do? Companions: they end with us, however we end."""

import os
import signal
import subprocess
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from fairlead.errors import Temporary

MOST_HEARD = 1024 * 1024
_LONGEST_LINE = 4096
_KEPT_BYTES = 8192
_END_S = 5.0
# Its input ends when we do, even by KILL. It leads the group of all companions, so that one signal
# reaches every one; the last one ends the guard, too. Artifacts lie in read-only folders.
_GUARD = (
    'trap : HUP INT TERM; read -r _; kill -TERM 0; chmod -R u+w "$1"; rm -rf -- "$1"; kill -KILL 0'
)

Hear = Callable[[str], None]


class Companion:
    """A process that lives at most as long as we do; what it says is heard line by line."""

    def __init__(self, name: str, process: "subprocess.Popen[bytes]", hear: Hear) -> None:
        assert process.stdout is not None
        self._name, self._process, self._hear = name, process, hear
        self._last, self._room = b"", MOST_HEARD
        self._ear = threading.Thread(target=self._listen, args=(process.stdout,), daemon=True)
        self._ear.start()

    @property
    def status(self) -> int | None:
        """Return its exit status, less than 0 for a signal; None while it lives."""
        return self._process.poll()

    def last_output(self) -> bytes:
        """Return the last 8 kB of its output; all of it is there once it has ended."""
        if self._process.poll() is not None:
            self._ear.join(1)
        return self._last

    def wait(self) -> None:
        """Wait for its end."""
        self._process.wait()
        self._ear.join(1)

    def _listen(self, output: IO[bytes]) -> None:
        with output, suppress(ValueError):
            while line := output.readline(_LONGEST_LINE):
                self._last = (self._last + line)[-_KEPT_BYTES:]
                if self._room > 0:
                    self._hear(f"{self._name}: {line.decode('utf-8', 'replace').rstrip()}")
                    self._room -= len(line)
                    if self._room <= 0:
                        self._hear(f"{self._name}: [more of its output is not kept]")


class Companions:
    """A group of processes and a new `folder` that is theirs; use it as a context manager.

    However we end, all are ended and the folder is removed; `hear` is given what they say, from
    threads. Errors: `Temporary` when the machine has no room for a folder or another process.
    """

    def __init__(self, hear: Hear) -> None:
        self._hear = hear
        self._companions: list[Companion] = []
        try:
            self.folder = Path(tempfile.mkdtemp(prefix="fairlead-slot-"))
        except OSError as error:
            raise Temporary(f"no folder can be made: {error.strerror}") from error
        words = ["/bin/sh", "-c", _GUARD, "sh", str(self.folder)]
        self._guard = _started(words, Path("/"), {}, 0, subprocess.PIPE)

    def start(
        self, name: str, argv: Sequence[str], folder: Path, env: Mapping[str, str]
    ) -> Companion:
        """Start a process in `folder` that sees `env` and nothing else of our environment."""
        process = _started(argv, folder, env, self._guard.pid, subprocess.DEVNULL)
        companion = Companion(name, process, self._hear)
        self._companions.append(companion)
        return companion

    def __enter__(self) -> Self:
        """Nothing is left to do."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Return when all have ended and the folder is gone."""
        assert self._guard.stdin is not None
        self._guard.stdin.close()
        try:
            self._guard.wait(_END_S)
        except subprocess.TimeoutExpired:
            with suppress(ProcessLookupError):
                os.killpg(self._guard.pid, signal.SIGKILL)
            self._guard.wait()
        for companion in self._companions:
            companion.wait()


def _started(
    argv: Sequence[str], folder: Path, env: Mapping[str, str], group: int, given: int
) -> "subprocess.Popen[bytes]":
    is_guard = given == subprocess.PIPE
    try:
        return subprocess.Popen(
            [*argv],
            stdin=given,
            stdout=subprocess.DEVNULL if is_guard else subprocess.PIPE,
            stderr=subprocess.DEVNULL if is_guard else subprocess.STDOUT,
            cwd=folder,
            env={"PATH": "/usr/bin:/bin", **env},
            process_group=group,
        )
    except OSError as error:
        raise Temporary(f"the machine starts no more processes: {error.strerror}") from error
