"""Until when may a command go on, and how did it end? Ask in a process that is there for it alone.

Standard library only: the keeper imports it.
"""

import ctypes
import os
import signal
import sys
import time
from collections.abc import Callable
from types import FrameType
from typing import Any

from fairlead.providers.commands.command import Command
from fairlead.providers.commands.room import Room

TICK_S = 0.05
PR_SET_CHILD_SUBREAPER = 36
GOING_DOWN = "going_down"

_going_down: list[int] = []


def prepare() -> int:
    """Become the parent of every orphan below; return what wakes when a child ends or SIGTERM came.

    Only Linux lets a process adopt orphans.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    wake, bell = os.pipe()
    os.set_blocking(wake, False)
    os.set_blocking(bell, False)
    signal.set_wakeup_fd(bell, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
    signal.signal(signal.SIGTERM, _go_down)
    return wake


def watch(command: Command, limit_s: float, is_stopped: Callable[[], bool]) -> dict[str, Any]:
    """Wait until the command ends or has to, and say how that came. What it started still lives.

    `end` is exited, timed_out, stopped, overrun, or `GOING_DOWN` after a SIGTERM.
    """
    began = time.monotonic()
    end, why = _end(command, began + limit_s, is_stopped)
    told = _told(end, command, time.monotonic() - began, limit_s)
    return told | {"because": f"was ended: {why}"} if why else told


def _end(command: Command, deadline: float, is_stopped: Callable[[], bool]) -> tuple[str, str]:
    room = Room()
    while command.status is None:
        left = deadline - time.monotonic()
        if _going_down:
            return GOING_DOWN, ""
        if is_stopped():
            return "stopped", ""
        if left <= 0:
            return "timed_out", ""
        if why := room.overrun():
            return "overrun", why
        command.pump(min(TICK_S, left))
    return "exited", ""


def _told(end: str, command: Command, took_s: float, limit_s: float) -> dict[str, Any]:
    """Say how it ended. The status is a shell's: 128 and the number of the signal that ended it."""
    told = {"end": end, "status": None, "took_s": took_s}
    if end == "timed_out":
        return told | {"because": f"was ended: it took longer than its limit of {limit_s:g} s"}
    if command.status is None:
        return told | {"because": f"was stopped after {took_s:.1f} s"}
    code = os.waitstatus_to_exitcode(command.status)
    if code >= 0:
        return told | {"status": code, "because": f"ended with status {code} after {took_s:.1f} s"}
    hint = "; the machine may be short of memory" if code == -signal.SIGKILL else ""
    named = f"signal {-code} ({signal.strsignal(-code)})"
    return told | {
        "status": 128 - code,
        "because": f"was ended by {named} after {took_s:.1f} s{hint}",
    }


def _go_down(number: int, _frame: FrameType | None) -> None:
    _going_down.append(number)
