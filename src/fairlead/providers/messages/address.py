"""Where does an address come from? The port that this provider needs."""

from pathlib import Path
from typing import Protocol


class Secrets(Protocol):
    """Secrets as files that only their name leads to."""

    def file(self, name: str) -> Path:
        """Return the file of a secret. Errors: `NotFound` when nobody has put it."""
        ...
