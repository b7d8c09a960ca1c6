"""What did a tool find, where, how bad is it, and could the tool judge at all?"""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad a finding is, in SARIF's own words."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Severity(StrEnum):
    """How bad a finding is, in the words of dependency audits, from the least to the worst."""

    NOTE = "note"
    LOW = "low"
    MODERATE = "moderate"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def level(self) -> Level:
        """Return SARIF's word for it."""
        return _LEVELS[self]

    def reaches(self, least: "Severity") -> bool:
        """Tell whether it is at least as bad as `least`."""
        order = [*Severity]
        return order.index(self) >= order.index(least)


_LEVELS = {
    Severity.NOTE: Level.NOTE,
    Severity.LOW: Level.NOTE,
    Severity.MODERATE: Level.WARNING,
    Severity.HIGH: Level.ERROR,
    Severity.CRITICAL: Level.ERROR,
}


@dataclass(frozen=True, slots=True)
class Place:
    """A part of a file. Lines and columns count from 1, in characters.

    `end_column` is the one behind the last character.
    """

    file: str
    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a tool found: `rule` is its name for it, `sentence` what is wrong.

    `place` is None when it is in no file; `subject` names what it is about whatever its place: a
    package and its version, a function, a column. `help` says what one could do, `link` where more
    is told, `fix` is a patch that mends it (unified diff). `dismissed` says why it does not count
    here; empty when it does.
    """

    rule: str
    severity: Severity
    sentence: str
    place: Place | None = None
    subject: str = ""
    help: str = ""
    link: str = ""
    fix: str = ""
    dismissed: str = ""


@dataclass(frozen=True, slots=True)
class Scan:
    """What one run of a tool came to; `about` is the address of its rules.

    `unknown` says why it could not judge: then no findings mean nothing. Empty when it could.
    """

    tool: str
    version: str
    about: str
    findings: tuple[Finding, ...] = ()
    unknown: str = ""

    @property
    def counted(self) -> tuple[Finding, ...]:
        """Return the findings that were not dismissed."""
        return tuple(finding for finding in self.findings if not finding.dismissed)

    @property
    def is_clean(self) -> bool:
        """Tell whether the tool judged everything and found nothing that counts."""
        return not self.unknown and not self.counted


def fingerprints(tool: str, findings: Sequence[Finding]) -> tuple[str, ...]:
    """Return a name of 16 hex digits for each, the same while other lines of its file change.

    It is made of the tool, the rule, the file, and the subject, or else the sentence; equal ones
    are counted in the order of the findings.
    """
    seen: Counter[str] = Counter()
    told = []
    for one in findings:
        file = one.place.file if one.place else ""
        parts = (tool, one.rule, file, one.subject or one.sentence)
        key = "\0".join(parts)
        seen[key] += 1
        name = f"{key}\0{seen[key]}".encode("utf-8", "surrogateescape")
        told.append(hashlib.sha256(name).hexdigest()[:16])
    return tuple(told)
