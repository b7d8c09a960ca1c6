"""Where do numbers come from? The port this room needs."""

from typing import Protocol

from fairlead.analysis.measurement import Reading


class Source(Protocol):
    """A metric source. Reading changes nothing.

    Errors: `Temporary` when the source does not answer or answers nonsense; never an invented zero.
    """

    def read(self, app: str, environment: str) -> Reading:
        """Return the totals of every release in the environment, read at one moment."""
        ...
