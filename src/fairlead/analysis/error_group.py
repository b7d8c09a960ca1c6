"""Which errors are the same fault? Those of one type at one place, whatever values they carry."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from fairlead.analysis.stack import Frame, kind_of, read

LONGEST_TITLE = 200
LONGEST_MESSAGE = 4_000
LONGEST_STACK = 20_000
LONGEST_NAME = 200
# So much of a message tells faults apart.
_LOOKED_AT = 1_000
DEFAULT = "{{ default }}"
SEVERITIES = ("debug", "info", "warning", "error", "critical")
_MEANT = {
    "trace": "debug",
    "log": "info",
    "notice": "info",
    "information": "info",
    "low": "info",
    "warn": "warning",
    "medium": "warning",
    "err": "error",
    "high": "error",
    "fatal": "critical",
    "alert": "critical",
    "emergency": "critical",
    "panic": "critical",
}
_QUOTED = re.compile(
    r"""(?<!\w)'[^'\n]{0,200}'(?!\w)|"[^"\n]{0,200}"|`[^`\n]{0,200}`|“[^”\n]{0,200}”"""
)
_NUMBERS = re.compile(
    r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"
    r"|0x[0-9a-fA-F]{1,64}"
    r"|(?<![A-Za-z0-9])(?=[a-fA-F]{0,63}\d)[0-9a-fA-F]{7,64}(?![A-Za-z0-9])"
    r"|\d[\d.,:_-]{0,60}"
)
_DIGITS = re.compile(r"\d")
_SPACES = re.compile(r"\s+")
_COMMIT = re.compile(r"(?:[^@]{1,100}@)?([0-9a-f]{12})(?:[0-9a-f]{28})?")


@dataclass(frozen=True, slots=True)
class Reported:
    """An error as somebody told it.

    `frames` are innermost first; left out, they are read from `stack`. `causes` are the types of
    what caused it. `template` is the message before values were put into it, `own` what the
    reporter wants it to be told apart by.
    """

    message: str
    stack: str = ""
    kind: str = ""
    causes: Sequence[str] = ()
    frames: Sequence[Frame] = ()
    template: str = ""
    own: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Told:
    """A reported error and what was said around it.

    `id` is empty and `at` None where the reporter does not say.
    """

    error: Reported
    severity: str
    id: str = ""
    at: datetime | None = None
    release: str = ""
    component: str = ""
    metadata: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ErrorEvent:
    """One error that happened, as it is kept. `id` is a UUID; `fingerprint` names its fault."""

    id: str
    at: datetime
    release: str
    component: str
    severity: str
    fingerprint: str
    title: str
    message: str
    stack: str = ""
    metadata: dict[str, Any] = field(default_factory=dict)


def severity(name: str) -> str | None:
    """Return one of our five names for somebody's name; None when it is not known."""
    told = name.strip().lower()
    return told if told in SEVERITIES else _MEANT.get(told)


def release_of(name: str) -> str:
    """Return the name of a release as we say it: of a whole commit (`shop@0a1b…`), 12 digits."""
    told = name.strip()
    found = _COMMIT.fullmatch(told)
    return found[1] if found else told[:LONGEST_NAME]


def understood(reported: Reported) -> Reported:
    """Return the error with its type and places, read from the stack where they are not said."""
    if reported.kind and reported.frames:
        return reported
    told = reported
    kind, places = read(told.stack) if told.stack else ("", ())
    kind, frames = told.kind or kind or kind_of(told.message), told.frames or places
    return Reported(told.message, told.stack, kind, told.causes, frames, told.template, told.own)


def title(reported: Reported) -> str:
    """Return one line that tells a person what an `understood` error is."""
    said = next((line.strip() for line in reported.message.splitlines() if line.strip()), "")
    kind = reported.kind
    told = said if not kind or said.startswith(kind.rpartition(".")[2]) else f"{kind}: {said}"
    told = told.removesuffix(": ").strip() or "an error without a message"
    return told if len(told) <= LONGEST_TITLE else f"{told[: LONGEST_TITLE - 1]}…"


def fingerprint(reported: Reported) -> str:
    """Return 16 hexadecimal digits that are equal for the same fault, of an `understood` error.

    It is the reporter's own, else the type and the places of the stack, else what the message says
    without its values. `{{ default }}` in the reporter's own stands for what it would be without.
    """
    if not reported.own:
        return _digest(_default(reported))
    words: list[str] = []
    for word in reported.own:
        words += _default(reported) if _SPACES.sub("", word) == "{{default}}" else [word]
    return _digest(words)


def without_values(message: str) -> str:
    """Return what a message says, without numbers, ids, addresses and quoted values."""
    words = _QUOTED.sub("*", message[:_LOOKED_AT]).split()
    return " ".join(word if word.isalpha() else _without_values(word) for word in words)


def _without_values(word: str) -> str:
    # Of an address of a person, a page or a machine (IPv6) nothing stays.
    if "@" in word or "://" in word or (word.count(":") > 1 and _DIGITS.search(word)):
        return "*"
    return _NUMBERS.sub("*", word)


def _default(reported: Reported) -> list[str]:
    found = reported.frames
    types = " < ".join([reported.kind, *reported.causes])
    if found:
        inner = found[0]
        # Of a function without a name only the line tells where it is.
        where = "" if inner.function or inner.code else f"line {inner.line}"
        return ["places", types, *(frame.place for frame in found), where]
    if reported.stack.strip():
        return ["stack", types, *map(without_values, reported.stack.splitlines()[:100])]
    return ["message", types, without_values(reported.template or reported.message)]


def _digest(words: Sequence[str]) -> str:
    told = "\x1f".join(words).encode("utf-8", "replace")
    return hashlib.sha256(told).hexdigest()[:16]
