"""What is asked of whoever counted an environment's requests?"""

from dataclasses import dataclass
from typing import Protocol

from fairlead.analysis.ports import Source
from fairlead.release.spec.metrics import Metrics


@dataclass(frozen=True, slots=True)
class Asked:
    """How the file that an environment was changed with last wants its numbers to be read.

    `wanted` are the releases that are there, each with a component of it.
    """

    metrics: Metrics
    wanted: tuple[tuple[str, str], ...]


class Sources(Protocol):
    """Whoever counts, by the word of fairlead.yaml."""

    def of(self, asked: Asked) -> Source:
        """Return the source that is asked for; nothing is read yet."""
        ...
