"""What if a keeper no longer keeps its time, stopped by its own command? It is ended."""

import json
import os
import signal
import time
from pathlib import Path

from fairlead.providers.commands.command import ENDING_S
from fairlead.providers.commands.living import is_same, remember, send

_NOTE = "keeper.json"


def sign(home: Path) -> None:
    """Write down who keeps the job in `home`: this process."""
    remember(home / _NOTE, os.getpid())


def end_if_late(home: Path) -> None:
    """End a keeper whose command should have ended long ago; the next one tells how it ended.

    What the command has started is ended by the next keeper. A keeper that is gone is another
    matter: its job runs anew, however long ago that was.
    """
    if not is_same(home / _NOTE):
        return
    try:
        limit_s = json.loads((home / "job.json").read_text())["timeout_s"]
        began = (home / "command.json").stat().st_mtime
    except (OSError, ValueError, LookupError):
        return
    if time.time() > began + limit_s + ENDING_S:
        told = f"was ended: it took longer than its limit of {limit_s:g} s, and stopped its keeper"
        end(home, told)


def end(home: Path, because: str) -> None:
    """End the keeper that does not answer, for good: its job is told as ended, and why."""
    (home / "stop").write_text(because)
    if is_same(home / _NOTE):
        send(json.loads((home / _NOTE).read_text())["pid"], signal.SIGKILL)
