"""Does a command take more of the machine than a check may? Then it is ended.

Standard library only: the keeper imports it.
"""

import os
import time
from pathlib import Path

from fairlead.providers.commands.living import below, processes

MOST_PROCESSES = 500
# With less memory left than this, a command that holds that much has to go.
LEAST_LEFT, MOST_HELD = 0.05, 0.25
_LOOK_S = 0.1


class Room:
    """Looks now and then at what everything below this process takes."""

    def __init__(self) -> None:
        self._tasks, self._next = _tasks(), 0.0

    def overrun(self) -> str:
        """Return why the command has to end, as the end of a sentence; empty while it may go on."""
        if time.monotonic() < self._next:
            return ""
        self._next = time.monotonic() + _LOOK_S
        total, available = _memory()
        is_short = available < LEAST_LEFT * total
        # Looking at every process takes time: only when there are many more, or memory is short.
        if _tasks() - self._tasks <= MOST_PROCESSES and not is_short:
            return ""
        ours = below({os.getpid()}, processes())
        if len(ours) > MOST_PROCESSES:
            return f"it ran more than {MOST_PROCESSES} processes at once"
        if is_short and sum(map(_held, ours)) > MOST_HELD * total:
            return "it took so much memory that the machine had almost none left"
        return ""


def _tasks() -> int:
    """Return how many processes and threads the machine has; 0 where nobody tells."""
    try:
        return int(Path("/proc/loadavg").read_text().split()[3].partition("/")[2])
    except (OSError, ValueError, IndexError):
        return 0


def _memory() -> tuple[int, int]:
    """Return the machine's memory and what of it is to be had, in kB; 0 where nobody tells."""
    told = {"MemTotal": 0, "MemAvailable": 0}
    try:
        for line in Path("/proc/meminfo").read_text().splitlines():
            name, _, value = line.partition(":")
            if name in told:
                told[name] = int(value.split()[0])
    except (OSError, ValueError, IndexError):
        return 0, 0
    return told["MemTotal"], told["MemAvailable"]


def _held(pid: int) -> int:
    """Return the memory that a process holds by itself, in kB."""
    try:
        told = Path(f"/proc/{pid}/statm").read_text().split()
        return (int(told[1]) - int(told[2])) * (os.sysconf("SC_PAGE_SIZE") // 1024)
    except (OSError, ValueError, IndexError):
        return 0
