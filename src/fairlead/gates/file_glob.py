"""Does a glob name a file? In a time that grows with their lengths alone, whatever they hold."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

_DEEP = "**"


def is_glob(text: str) -> bool:
    """Tell whether `**` stands for whole folders wherever it stands in it."""
    return bool(text) and all(part == _DEEP or _DEEP not in part for part in text.split("/"))


def matches(glob: str, path: str) -> bool:
    """Tell whether `glob` names `path`. `**` crosses folders, `*` and `?` do not.

    `src/**` names everything below `src`; a leading dot is a letter like any other.
    """
    wanted = glob.split("/")
    if wanted[-1] == _DEEP:
        wanted.append("*")
    at = {*_reached(wanted, 0)}
    for part in path.split("/"):
        at = {one for here in at for one in _after(wanted, here, part)}
    return len(wanted) in at


def _reached(wanted: Sequence[str], at: int) -> Iterator[int]:
    """Give `at`, and what follows each `**` there: it may stand for no folder at all."""
    yield at
    while at < len(wanted) and wanted[at] == _DEEP:
        at += 1
        yield at


def _after(wanted: Sequence[str], at: int, part: str) -> Iterator[int]:
    if at == len(wanted):
        return
    if wanted[at] == _DEEP:
        yield from _reached(wanted, at)
    elif _pattern(wanted[at]).fullmatch(part):
        yield from _reached(wanted, at + 1)


@lru_cache(maxsize=1000)
def _pattern(part: str) -> re.Pattern[str]:
    """Return one folder's or file's pattern; what each `*` took is never tried again."""
    first, *others = (re.escape(piece).replace(r"\?", ".") for piece in part.split("*"))
    *middle, last = others or [""]
    inner = "".join(f"(?>.*?{piece})" for piece in middle)
    return re.compile(f"{first}{inner}{'.*' if others else ''}{last}", re.DOTALL)
