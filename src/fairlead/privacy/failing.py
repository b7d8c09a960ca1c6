"""What can be wrong with how personal data is held, and what is it held against?"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from fairlead.privacy.logged import LogSeen


class Rule(StrEnum):
    """What a failure is about."""

    UNDECLARED = "undeclared"
    REACHABLE = "reachable"
    RETENTION = "retention"
    SUBJECT = "subject"
    EXPORT = "export"
    ERASURE = "erasure"
    LOGGED = "logged"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Failing:
    """One thing that is not right, at a column, table or file, and what would mend it."""

    rule: Rule
    place: str
    sentence: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Beside:
    """What is known beside the database: the `edge` functions, name to source, and the `logs`.

    `edge` is None when nobody said where they are.
    """

    edge: Mapping[str, str] | None = None
    logs: tuple[LogSeen, ...] = ()
