"""What of a message is counted, and what is not?"""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from fairlead.api.ingest.attributes import Unusable
from fairlead.commands.recording import FUTURE_S, OLDEST_S
from fairlead.commands.telling import Told

_SENTENCES = 5


@dataclass(slots=True)
class Taken:
    """Grows while a message is read. `warning` is told although nothing is refused."""

    told: list[Told] = field(default_factory=list)
    refused: int = 0
    because: dict[str, None] = field(default_factory=dict)
    warning: str = ""

    def refuse(self, number: int, because: str) -> None:
        """Leave out so many things, and say why."""
        self.refused += number
        self.because[because] = None

    @property
    def sentence(self) -> str:
        """Return what the sender is told: the first reasons, or the warning."""
        return "; ".join([*self.because][:_SENTENCES]) or self.warning


def moment(nanoseconds: int, now: datetime) -> datetime:
    """Return a moment that was sent; `Unusable` where it is too far from now."""
    if not -FUTURE_S <= now.timestamp() - nanoseconds / 1e9 <= OLDEST_S:
        raise Unusable(f"its time must lie within the last {OLDEST_S / 60:.0f} minutes")
    return datetime.fromtimestamp(nanoseconds / 1e9, UTC)
