"""Which processes live, and which of them belong to a command?

Standard library only: the keeper imports it.
"""

import json
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

KILL_S = 5.0
LONGEST_STAT = 4096
_PROC = Path("/proc")


class Seen(NamedTuple):
    """A living process as /proc tells it; `started` in clock ticks since the machine's boot."""

    parent: int
    group: int
    session: int
    started: int


def processes() -> dict[int, Seen]:
    """Return every living process by its id; none where there is no /proc."""
    names = [path.name for path in _PROC.iterdir()] if _PROC.exists() else []
    read = {int(name): process(int(name)) for name in names if name.isdigit()}
    seen = {pid: it for pid, it in read.items() if it is not None}
    # Whose parent ended meanwhile has another one by now.
    anew = {pid: process(pid) for pid, it in seen.items() if it.parent and it.parent not in seen}
    return {pid: it for pid, it in (seen | anew).items() if it is not None}


def process(pid: int) -> Seen | None:
    """Return one living process; None when there is none, or no /proc to tell."""
    try:
        file = os.open(f"/proc/{pid}/stat", os.O_RDONLY)
    except OSError:
        return None
    try:
        told = os.read(file, LONGEST_STAT).rpartition(b")")[2].split()
    except OSError:
        return None
    finally:
        os.close(file)
    if told[0] in (b"Z", b"X"):
        return None
    return Seen(int(told[1]), int(told[2]), int(told[3]), int(told[19]))


def below(roots: set[int], seen: dict[int, Seen]) -> set[int]:
    """Return the descendants of the roots."""
    found: set[int] = set()
    level = roots
    while level := {pid for pid, it in seen.items() if it.parent in level and pid not in found}:
        found |= level
    return found


def send(target: int, number: signal.Signals) -> None:
    """Signal a process, or with a negative id a group, that may be gone or somebody else's."""
    try:
        os.kill(target, number)
    except (ProcessLookupError, PermissionError):
        return


def remember(note: Path, pid: int) -> None:
    """Write down which process leads a command or keeps it, for whoever comes after."""
    seen = process(pid)
    told = {"pid": pid, "started": seen.started if seen else 0, "boot": _boot()}
    draft = note.with_suffix(".part")
    draft.write_text(json.dumps(told))
    draft.rename(note)


def is_same(note: Path) -> bool:
    """Tell whether the process that was written down still lives, and is no other of its number."""
    try:
        told = json.loads(note.read_text())
        seen = process(told["pid"])
        return told["boot"] == _boot() and seen is not None and seen.started == told["started"]
    except (OSError, ValueError, LookupError):
        return False


def end_below(pid: int) -> None:
    """Kill all that a process has started; return when it is gone."""
    _kill(lambda seen: below({pid}, seen))


def end_leftovers(note: Path) -> None:
    """Kill what a keeper that died left of its command.

    The number of a process may have been given to another since: the start time tells. While
    members of its session live the number is not given away, even when the leader is gone.
    """
    told = json.loads(note.read_text()) if note.exists() else {}
    if told.get("boot") != _boot():
        return

    def left(seen: dict[int, Seen]) -> set[int]:
        leader = seen.get(told["pid"])
        if leader is not None and leader.started != told["started"]:
            return set()
        found = {pid for pid, it in seen.items() if told["pid"] in (it.session, it.group)}
        return found | below(found, seen)

    _kill(left)


def _kill(find: Callable[[dict[int, Seen]], set[int]]) -> None:
    give_up = time.monotonic() + KILL_S
    while (left := find(processes())) and time.monotonic() < give_up:
        for pid in left:
            send(pid, signal.SIGKILL)
        time.sleep(0.01)


def _boot() -> str:
    name = Path("/proc/sys/kernel/random/boot_id")
    return name.read_text().strip() if name.exists() else ""
