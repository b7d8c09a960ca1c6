"""How did a function answer one request?"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class End(StrEnum):
    """How a request ended."""

    ANSWERED = "answered"
    HUNG = "gave no whole answer in time"
    BROKE_OFF = "broke off or answered what is no HTTP"
    UNREACHED = "could not be reached"
    NOT_ASKED = "was asked no further after it had hung too often"
    NOT_TRUSTED = "showed a certificate that is not to be trusted"


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: `headers` by their lower-case names; `body` is at most its first 64 kB.

    `took_s` are seconds until it was read; `release` is who answered, as the edge says.
    """

    end: End
    took_s: float
    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)
    is_whole: bool = True
    release: str = ""

    @property
    def is_success(self) -> bool:
        """Tell whether the function did what it was asked."""
        return 200 <= self.status < 300

    @property
    def is_refusal(self) -> bool:
        """Tell whether the function did not let the caller in."""
        return self.status in (401, 403)
