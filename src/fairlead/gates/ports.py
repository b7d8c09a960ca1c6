"""By which command is a gate judged by more than its exit status? The port this room needs."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Asked:
    """One gate of the fairlead.yaml in the folder where the command is run.

    `report` is where it leaves its verdict as JSON, `sarif` what was found. `before` is what was
    found in the live release, None when that is not known; `since` its commit, empty when there is
    none. `history` is the git folder that has it, and `commit`, the one under test. `secret` names
    the secret that holds the address of the environment's database, or is empty.
    """

    gate: str
    report: Path
    sarif: Path
    before: Path | None = None
    since: str = ""
    history: Path | None = None
    commit: str = ""
    secret: str = ""


class Judges(Protocol):
    """Judges gates by commands of their own, which outlive the controller."""

    def command(self, asked: Asked) -> list[str]:
        """Return the command. Errors: `NotFound` when nobody has put the secret."""
        ...
