"""What did a process say last, in one line a terminal and a message can show?"""

import re
from pathlib import Path

_TAIL_BYTES = 8192
_LONGEST = 200
_ESCAPES = re.compile(r"\x1b(\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\)?|.)")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")
# What Deno, Python and most others begin the line with that says why.
_REASON = re.compile(
    r"\s*(error\b|uncaught\b|fatal\b|panic|[\w.]*(Error|Exception)\b)", re.IGNORECASE
)


def last_words(log: Path) -> str:
    """Return the last line that names an error, else the last line, of at most 200 signs."""
    try:
        with log.open("rb") as file:
            file.seek(0, 2)
            file.seek(max(0, file.tell() - _TAIL_BYTES))
            tail = file.read().decode(errors="replace")
    except FileNotFoundError:
        return ""
    return _last(tail)


def words_of(output: bytes) -> str:
    """Return the same of an output that is in no file."""
    return _last(output.decode(errors="replace"))


def _last(tail: str) -> str:
    lines = [line for raw in tail.splitlines() if (line := _plain(raw))]
    telling = [line for line in lines if _REASON.match(line)]
    return ((telling or lines or [""])[-1])[:_LONGEST]


def _plain(line: str) -> str:
    return _CONTROL.sub(" ", _ESCAPES.sub("", line)).strip()
