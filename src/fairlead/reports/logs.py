"""What has a process printed lately?"""

from collections import deque
from pathlib import Path

from fairlead.errors import NotFound
from fairlead.reports.window import Window

SUFFIX = ".log"


def names(window: Window) -> list[str]:
    """Return what has a log: the server, the edge, the database, their keeper and every slot."""
    return sorted(_files(window))


def newest(window: Window, name: str, lines: int) -> str:
    """Return the newest lines of one log; `NotFound` lists the names when there is none."""
    known = _files(window)
    if name not in known:
        raise NotFound(f"there is no log {name!r}; there are: {', '.join(sorted(known))}")
    with known[name].open(encoding="utf-8", errors="replace") as file:
        return "".join(deque(file, maxlen=lines))


def _files(window: Window) -> dict[str, Path]:
    found = (file for folder in window.logs for file in folder.glob(f"*{SUFFIX}"))
    return {file.name.removesuffix(SUFFIX): file for file in found}
