"""How does a command run while somebody waits for it, its output bounded as a job's is?"""

import os
import select
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from fairlead.providers.commands.command import CHUNK_BYTES, Output

_LOOK_S = 0.05
# More than a pipe holds: all that was written before the command ended.
_MOST_REST_BYTES = 1024 * 1024


def run(words: Sequence[str], env: Mapping[str, str], timeout_s: float, log: Path) -> int | None:
    """Run a command here and return its exit status; None when it was ended for taking too long.

    Everything that it started in its group ends with it. `log` keeps the first 8 MiB of its output
    and the last 16 KiB; on a full disk, what there was room for. Errors: `OSError` when it cannot
    be started, or has no log.
    """
    output = Output(log)
    try:
        with subprocess.Popen(
            words,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=env,
            start_new_session=True,
        ) as process:
            try:
                return _heard(process, output, time.monotonic() + timeout_s)
            finally:
                _end_group(process)
                _take_rest(process, output)
    finally:
        output.end()


def _heard(process: "subprocess.Popen[bytes]", output: Output, deadline: float) -> int | None:
    """Return the exit status; others may hold the pipe open when the command itself has ended."""
    assert process.stdout is not None
    pipe = process.stdout.fileno()
    while process.poll() is None:
        left = deadline - time.monotonic()
        if left <= 0:
            return None
        if not select.select([pipe], [], [], min(_LOOK_S, left))[0]:
            continue
        data = os.read(pipe, CHUNK_BYTES)
        output.take(data)
        if not data:
            with suppress(subprocess.TimeoutExpired):
                process.wait(left)
    return process.returncode


def _end_group(process: "subprocess.Popen[bytes]") -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _take_rest(process: "subprocess.Popen[bytes]", output: Output) -> None:
    assert process.stdout is not None
    pipe, left = process.stdout.fileno(), _MOST_REST_BYTES
    os.set_blocking(pipe, False)
    with suppress(BlockingIOError):
        while left > 0 and (data := os.read(pipe, CHUNK_BYTES)):
            output.take(data)
            left -= len(data)
