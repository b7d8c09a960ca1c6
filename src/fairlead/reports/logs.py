"""What has a process printed lately?"""

from collections import deque

from fairlead.errors import NotFound
from fairlead.reports.window import Window

SUFFIX = ".log"


def names(window: Window) -> list[str]:
    """Return what has a log: the server, the edge, the database and every slot."""
    return sorted(path.name.removesuffix(SUFFIX) for path in window.logs.glob(f"*{SUFFIX}"))


def newest(window: Window, name: str, lines: int) -> str:
    """Return the newest lines of one log; `NotFound` lists the names when there is none."""
    known = names(window)
    if name not in known:
        raise NotFound(f"there is no log {name!r}; there are: {', '.join(known)}")
    with (window.logs / f"{name}{SUFFIX}").open(encoding="utf-8", errors="replace") as file:
        return "".join(deque(file, maxlen=lines))
