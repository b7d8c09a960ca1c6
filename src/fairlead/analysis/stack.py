"""Which places does a stack name? Read from what Python, JavaScript and Java print."""

import re
from dataclasses import dataclass

# The places nearest to the fault tell it apart; thousands of the same say no more.
MOST_FRAMES = 50
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
        return f"{_DIGEST.sub('#', self.file)}|{self.function}|{self.code}"


def kind_of(message: str) -> str:
    """Return the type of the exception that a line begins with; empty when it names none."""
    found = _KIND.match(message)
    return found[1] if found and _NAMED_AS_FAULT.search(found[1]) else ""


def kind_in(stack: str) -> str:
    """Return the type of the exception in a stack: Python tells it last, the others first."""
    lines = [line for line in stack.splitlines() if line.strip()]
    ends = [*lines[:1], *reversed(lines[-5:])]
    return next((kind for line in ends if (kind := kind_of(line))), "")


def frames(stack: str) -> tuple[Frame, ...]:
    """Return the places of a stack, the innermost first; none when its form is not known."""
    lines = stack.splitlines()
    python = _python(lines)
    if python:
        return tuple(reversed(python[-MOST_FRAMES:]))
    found = [frame for line in lines if (frame := _other(line))]
    return tuple(found[:MOST_FRAMES])


def _python(lines: list[str]) -> list[Frame]:
    found = []
    for at, line in enumerate(lines):
        match = _PYTHON.match(line)
        if not match:
            continue
        after = lines[at + 1] if at + 1 < len(lines) else ""
        is_code = after.startswith("    ") and not _PYTHON.match(after)
        code = "" if not is_code or _CARETS.fullmatch(after) else after.strip()[:200]
        found.append(Frame(match[1], match[3] or "", int(match[2]), code))
    return found


def _other(line: str) -> Frame | None:
    if found := _JAVA.match(line):
        return Frame(found[2], found[1], int(found[3] or 0))
    if found := _SCRIPT.match(line) or _GECKO.match(line):
        return Frame(found[2], found[1] or "", int(found[3]))
    return None
