"""How are sizes, times, sessions and statements written for people?"""

import re

from fairlead.migrations.preflight.looked import Session

QUERY_SHOWN = 80

# Read from left to right, so that a quote in a comment opens no text and the other way round.
# What is cut off in the middle counts to its end: a statement may hold a password.
_SECRET = re.compile(
    r"--[^\n]*|/\*.*?(?:\*/|\Z)"
    r"|\"(?:[^\"]|\"\")*(?:\"|\Z)"
    r"|(?P<escaped>\b[eE]'(?:\\.|''|[^'\\])*(?:'|\Z))"
    r"|(?P<text>'(?:''|[^'])*(?:'|\Z))"
    r"|(?P<dollar>\$(?P<tag>[^\W\d]?\w*)\$.*?(?:\$(?P=tag)\$|\Z))"
    r"|(?P<number>(?<![\w$])\d[\w.]*)",
    re.DOTALL,
)


def size(number: float) -> str:
    """Write bytes as people say them: `0 bytes`, `8 kB`, `831 MB`, `1.2 GB`."""
    units = iter(("bytes", "kB", "MB", "GB", "TB"))
    unit = next(units)
    while number >= 1024 and unit != "TB":
        number, unit = number / 1024, next(units)
    return (
        f"{number:.1f} {unit}" if unit in ("GB", "TB") and number < 10 else f"{number:.0f} {unit}"
    )


def lasting(seconds: float) -> str:
    """Write seconds as people say them: `0.3 s`, `42 s`, `12 min`, `3.5 h`, `4 days`."""
    if seconds < 10:
        return f"{max(0.0, seconds):.1f} s"
    if seconds < 120:
        return f"{seconds:.0f} s"
    if seconds < 7200:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h" if seconds < 172_800 else f"{seconds / 86_400:.0f} days"


def statement(query: str) -> str:
    """Return the beginning of a statement without comments, texts and numbers."""
    told = " ".join(_SECRET.sub(_hidden, query).split())
    return told if len(told) <= QUERY_SHOWN else f"{told[: QUERY_SHOWN - 1]}…"


def who(session: Session) -> str:
    """Name a session: pid, role, application."""
    application = f", {session.application}" if session.application else ""
    role = f"role {session.role}" if session.role else session.kind or "no role"
    return f"pid {session.pid} ({role}{application})"


def some(things: list[str], shown: int = 3, of: int = 0) -> str:
    """List the first things and count the others; `of` is how many there are."""
    more = max(of, len(things)) - len(things[:shown])
    return ", ".join(things[:shown]) + (f" and {more} more" if more > 0 else "")


def text(value: str) -> str:
    """Write a text as SQL needs it."""
    quoted = value.replace("'", "''")
    return f"'{quoted}'"


def _hidden(match: re.Match[str]) -> str:
    if match["number"]:
        return "?"
    if match["escaped"] or match["text"] or match["dollar"]:
        return "'…'"
    return match[0] if match[0].startswith('"') else " "
