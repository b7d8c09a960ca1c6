"""How is text from outside shown so that it can neither steer a terminal nor fake a line?"""

import re

# ECMA-48: control sequences, then terminated strings (titles, links), then single escapes. A string
# that never ends loses only its opening, so nobody can hide the rest of a line behind it.
_ESCAPES = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\n\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)"
    r"|\x1b[ -/]*[0-~]?"
)
TAB_STOPS = 4


def line(text: object) -> str:
    """Return `text` on one line: line breaks become spaces, controls and escapes vanish."""
    told = str(text)
    if told.isprintable():
        return told
    return _printable(_ESCAPES.sub("", told)).strip()


def block(text: str) -> str:
    """Return `text` with its own lines, free of controls, escapes and reordering marks."""
    if text.isprintable():
        return text
    broken = _ESCAPES.sub("", text).replace("\r\n", "\n").replace("\r", "\n")
    return "\n".join(_printable(part.expandtabs(TAB_STOPS)) for part in broken.split("\n"))


def subject(message: str) -> str:
    """Return the first line of a commit message."""
    told = message.strip()
    return line(told.splitlines()[0]) if told else "(no message)"


def _printable(text: str) -> str:
    # Not printable are controls, unpaired halves and the marks that reorder or hide text.
    return "".join(s if s.isprintable() else " " if s.isspace() else "" for s in text)
