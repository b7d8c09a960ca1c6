"""Where does an app write what may be about people? The port that this room needs.

Logs are read through it. Error events are one more thing that an app writes: whoever keeps them
answers the same two questions.
"""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Newest:
    """The newest lines of something, oldest first, and how many bytes before them were left."""

    lines: tuple[str, ...]
    left_out: int = 0


class Written(Protocol):
    """Something that an app writes, and that grows while it is read."""

    @property
    def name(self) -> str:
        """Return how people call it: the same in every release."""
        ...

    def newest(self, most_bytes: int) -> Newest:
        """Return the newest of it, not many more than `most_bytes`; it is not changed by that.

        Errors: `Refused` with the reason when it cannot be read.
        """
        ...
