"""What did a look at a database find: how bad, where, in which words, and what is to be done?"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How bad a finding is. UNKNOWN is what could not be looked at: it is never fine."""

    ERROR = "error"
    UNKNOWN = "unknown"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was found.

    `check` names the look that found it, `place` the relation, session or slot; `remedy` is the
    sentence that says what to do.
    """

    check: str
    severity: Severity
    place: str
    sentence: str
    remedy: str


def worst_first(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the findings, the worst first, otherwise in the order in which they were found."""
    order = list(Severity)
    return tuple(sorted(findings, key=lambda finding: order.index(finding.severity)))
