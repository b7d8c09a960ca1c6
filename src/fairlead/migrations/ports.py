"""By which command does a user's database change? The port this room needs."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol


class Task(StrEnum):
    """What is done with a database; the words are those of `fairlead db`."""

    REHEARSE = "rehearse"
    MIGRATE = "migrate"
    CONTRACT = "contract"


@dataclass(frozen=True, slots=True)
class Place:
    """One database: the secret that holds its address, and its budget in blocked client-seconds."""

    app: str
    environment: str
    secret: str
    budget: float


class Secrets(Protocol):
    """Where secrets are."""

    def file(self, name: str) -> Path:
        """Return the private file of a secret. Errors: `NotFound` when nobody has put it."""
        ...


class Databases(Protocol):
    """Changes users' databases by commands of their own, which outlive the controller."""

    def command(self, task: Task, place: Place, files: Path, report: Path) -> list[str]:
        """Return the command; it applies the migrations in `files` and leaves `report`, as JSON.

        Errors: `NotFound` when nobody has put the secret.
        """
        ...

    def environment(self) -> dict[str, str]:
        """Return the variables that the command is given besides."""
        ...


class Connections(Protocol):
    """Looks at users' databases, at most every few seconds; in between the last look is told."""

    def taken(self, secret: str) -> float:
        """Return the share of the connections of a database, named by its secret, that is taken.

        Errors: `NotFound` when nobody has put the secret; `Refused` when it holds no address;
        `Temporary` when the database does not answer; `Permanent` for everything else it says.
        """
        ...
