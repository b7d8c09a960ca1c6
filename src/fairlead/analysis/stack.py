"""Which places does a stack name? Read from what Python, JavaScript and Java print."""

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

# The places nearest to the fault tell it apart; thousands of the same say no more.
MOST_FRAMES = 50
_MOST_LINES = 300
_LONGEST_LINE = 1_000
# Stacks up to this length are remembered.
_LONGEST_KNOWN = 4_000
_PYTHON = re.compile(r'^\s*File "([^"\n]{1,500})", line (\d{1,9})(?:, in (.{1,300}))?$')
_SCRIPT = re.compile(
    r"^\s*at (?:async )?(?:new )?(?:([^()\n]{1,300}?) \()?"
    r"([^()\n]{1,500}?):(\d{1,9})(?::\d{1,9})?\)?\s*$"
)
_JAVA = re.compile(r"^\s*at ([\w.$<>]{1,300})\(([^():\n]{1,300})(?::(\d{1,9}))?\)\s*$")
_GECKO = re.compile(r"^([^@\s]{0,300})@([^\s]{1,500}?):(\d{1,9}):\d{1,9}$")
_KIND = re.compile(
    r"^(?:Uncaught |Caused by: |Exception in thread \"[^\"]{0,100}\" )?(?:\(in promise\) )?"
    r"([A-Za-z_][\w.]{0,150})(?::|$)"
)
_NAMED_AS_FAULT = re.compile(r"(?:Error|Exception|Warning|Interrupt|Exit|Fault|Panic|Throwable)$")
_CARETS = re.compile(r"[\s^~]+")
# What changes from build to build in a path: digests, versions, what is asked after the name.
_DIGEST = re.compile(r"(?<![A-Za-z0-9])(?=[a-zA-Z]*\d)[0-9a-fA-F]{6,64}(?![A-Za-z0-9])|\?.*$")


@dataclass(frozen=True, slots=True)
class Frame:
    """One place: the file or module, the function, the line's number (0 unknown) and its code."""

    file: str
    function: str = ""
    line: int = 0
    code: str = ""

    @property
    def place(self) -> str:
        """Return where it is in words that stay when lines move or the app is built anew."""
        return _place(self.file, self.function, self.code)


# The same places come again and again: what was read of them a moment ago is remembered.
@lru_cache(4096)
def _place(file: str, function: str, code: str) -> str:
    return f"{_DIGEST.sub('#', file)}|{function}|{code}"


def kind_of(message: str) -> str:
    """Return the type of the exception that a line begins with; empty when it names none."""
    found = _KIND.match(message)
    return found[1] if found and _NAMED_AS_FAULT.search(found[1]) else ""


def read(stack: str) -> tuple[str, tuple[Frame, ...]]:
    """Return the type of the exception, empty when it is not told, and its places.

    The innermost place comes first; there are none when the stack's form is not known.
    """
    above, _, last = stack.rpartition("\n")
    if last[:1].isalpha() and "File" not in last and len(above) <= _LONGEST_KNOWN:
        places = _places_above(above)
        if places:
            found = _KIND.match(last.splitlines()[0])
            return (found[1] if found else ""), places
    return _read(stack)


# The same stack comes again and again, above another message.
@lru_cache(512)
def _places_above(above: str) -> tuple[Frame, ...]:
    """Return Python's places where only a line below all of these can tell the type, else none."""
    lines = above.splitlines()
    python = _python(lines[: 2 * _MOST_LINES])
    below = lines[python[-1][0] + 1 :] if python else []
    if not below or len(lines) >= 2 * _MOST_LINES or any(line[:1].isalpha() for line in below):
        return ()
    return _innermost_first(python)


def _read(stack: str) -> tuple[str, tuple[Frame, ...]]:
    lines = stack.splitlines()
    if len(lines) > 2 * _MOST_LINES:
        lines = lines[:_MOST_LINES] + lines[-_MOST_LINES:]
    python = _python(lines)
    if python:
        # Python tells the type below the last place.
        after = max(at for at, _ in python) + 1
        below = (line for line in lines[after:] if line[:1].isalpha())
        found = _KIND.match(next(below, ""))
        return (found[1] if found else ""), _innermost_first(python)
    others = tuple(islice((frame for line in lines if (frame := _other(line))), MOST_FRAMES))
    first = next((line.strip() for line in lines if line.strip()), "")
    found = _KIND.match(first)
    return (found[1] if found and others else kind_of(first)), others


def _innermost_first(python: list[tuple[int, Frame]]) -> tuple[Frame, ...]:
    return tuple(frame for _, frame in reversed(python[-MOST_FRAMES:]))


def _python(lines: list[str]) -> list[tuple[int, Frame]]:
    """Return the places with the numbers of their lines."""
    found = []
    for at, line in enumerate(lines):
        if "File" not in line or len(line) > _LONGEST_LINE:
            continue
        after = lines[at + 1][:_LONGEST_LINE] if at + 1 < len(lines) else ""
        frame = _python_frame(line, after)
        if frame:
            found.append((at, frame))
    return found


@lru_cache(4096)
def _python_frame(line: str, after: str) -> Frame | None:
    match = _PYTHON.match(line)
    if not match:
        return None
    is_code = after.startswith("    ") and not _CARETS.fullmatch(after)
    code = after.strip()[:200] if is_code else ""
    return Frame(match[1], match[3] or "", int(match[2]), code)


def _other(line: str) -> Frame | None:
    is_one = ("at " in line or "@" in line) and len(line) <= _LONGEST_LINE
    return _other_frame(line) if is_one else None


@lru_cache(4096)
def _other_frame(line: str) -> Frame | None:
    if found := _JAVA.match(line):
        return Frame(found[2], found[1], int(found[3] or 0))
    if found := _SCRIPT.match(line):
        return Frame(found[2], found[1] or "", int(found[3]))
    if found := _GECKO.match(line):
        return Frame(found[2], found[1], int(found[3]))
    return None
