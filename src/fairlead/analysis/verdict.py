"""What do the measurements say, in one word and one sentence?"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum


class Verdict(IntEnum):
    """Ordered by how bad it is, so that the worst of several is their maximum."""

    HEALTHY = 0
    UNKNOWN = 1
    UNHEALTHY = 2


@dataclass(frozen=True, slots=True)
class Finding:
    """One check's answer."""

    verdict: Verdict
    because: str


def worst(findings: Iterable[Finding]) -> Finding:
    """Return the worst finding; its sentence joins those of all findings equally bad.

    No findings at all is UNKNOWN: silence is not health.
    """
    told = list(findings)
    verdict = max((f.verdict for f in told), default=Verdict.UNKNOWN)
    sentences = [f.because for f in told if f.verdict is verdict]
    return Finding(verdict, "; ".join(sentences) or "nothing was measured")
