"""How does a process run while somebody waits for it, its output bounded as a job's is?"""

import os
import select
import signal
import time
from contextlib import suppress
from pathlib import Path

from fairlead.providers.commands.beginning import Process
from fairlead.providers.commands.command import CHUNK_BYTES, Output

_LOOK_S = 0.05
_KILLED_S = 10.0
# More than a pipe holds: all that was written before the process ended.
_MOST_REST_BYTES = 1024 * 1024


def run(process: Process, timeout_s: float, log: Path) -> int | None:
    """Wait for a process and return its exit status; None when it was ended for taking too long.

    Everything that it started in its group ends with it. `log` keeps the first 8 MiB of its output
    and the last 16 KiB; on a full disk, what there was room for. Errors: `OSError` when it has no
    log.
    """
    try:
        output = Output(log)
    except OSError:
        _end_group(process)
        raise
    try:
        return _heard(process, output, time.monotonic() + timeout_s)
    finally:
        _end_group(process)
        _take_rest(process.output, output)
        output.end()


def _heard(process: Process, output: Output, deadline: float) -> int | None:
    """Return the exit status; others may hold the pipe open when the process itself has ended."""
    while (status := process.status()) is None:
        left = deadline - time.monotonic()
        if left <= 0:
            return None
        if not select.select([process.output], [], [], min(_LOOK_S, left))[0]:
            continue
        data = os.read(process.output, CHUNK_BYTES)
        output.take(data)
        if not data:
            process.status(left)
    return status


def _end_group(process: Process) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.status(_KILLED_S)


def _take_rest(pipe: int, output: Output) -> None:
    left = _MOST_REST_BYTES
    os.set_blocking(pipe, False)
    with suppress(BlockingIOError):
        while left > 0 and (data := os.read(pipe, CHUNK_BYTES)):
            output.take(data)
            left -= len(data)
    os.close(pipe)
