"""How is a change to a few files written, so that a person can read it and git can apply it?"""

from collections.abc import Iterator, Mapping
from difflib import unified_diff

_NO_END = "\n\\ No newline at end of file\n"


def patch(before: Mapping[str, str], after: Mapping[str, str]) -> str:
    """Return the unified diff of texts by their paths; empty when nothing changed.

    A path that cannot be printed on one line is left out: the patch could not be told apart.
    """
    parts = (
        _changed(path, before[path], after[path]) for path in sorted(before) if path.isprintable()
    )
    return "".join(line for part in parts for line in part)


def _changed(path: str, before: str, after: str) -> Iterator[str]:
    lines = unified_diff(_lines(before), _lines(after), f"a/{path}", f"b/{path}")
    return (line if line.endswith("\n") else line + _NO_END for line in lines)


def _lines(text: str) -> list[str]:
    *whole, last = text.split("\n")
    return [f"{line}\n" for line in whole] + ([last] if last else [])
