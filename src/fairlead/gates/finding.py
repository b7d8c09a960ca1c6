"""What did a tool find in the files that it read, and could it judge at all?"""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad a finding is, in SARIF's own words."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


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
    """One thing that a tool found: `rule` is its name for it, `help` what it says one could do.

    `dismissed` says why it does not count here; empty when it does.
    """

    rule: str
    level: Level
    place: Place
    sentence: str
    help: str = ""
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
