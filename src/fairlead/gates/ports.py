"""By which command is a gate judged by more than its exit status? The port this room needs."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Log:
    """What a unit has printed: its `name` is the same in every release.

    `release` is the one that writes it when that is not the one under test, or empty.
    """

    name: str
    file: Path
    release: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """One gate of the fairlead.yaml in the folder where the command is run.

    `report` is where it leaves its verdict as JSON, `sarif` what was found. `before` is what was
    found in the live release, None when that is not known; `since` its commit, empty when there is
    none. `history` is the git folder that has it, and `commit`, the one under test. `secret` names
    the secret that holds the address of the environment's database, or is empty. `privacy` is where
    the report on personal data is kept, and `logs` are those in which it is looked for. `app` and
    `environment` tell whose functions are asked; the environment is empty before any deployment.
    """

    gate: str
    report: Path
    sarif: Path
    before: Path | None = None
    since: str = ""
    history: Path | None = None
    commit: str = ""
    secret: str = ""
    privacy: Path | None = None
    logs: tuple[Log, ...] = ()
    app: str = ""
    environment: str = ""


@dataclass(frozen=True, slots=True)
class Built:
    """A release of `app` that was built from `commit`, which the git folder `history` has.

    `artifacts` are the components' names, each with the SHA-256 (hex) of its bytes. `document` is
    where its SBOM is to be left, `report` what is to be said about it, as JSON.
    """

    app: str
    commit: str
    artifacts: Mapping[str, str]
    history: Path
    document: Path
    report: Path


class Judges(Protocol):
    """Judges gates by commands of their own, which outlive the controller."""

    def command(self, asked: Asked) -> list[str]:
        """Return the command. Errors: `NotFound` when nobody has put the secret."""
        ...

    def sbom(self, built: Built) -> list[str]:
        """Return the command that tells what a release is made of; it needs no network."""
        ...

    def privacy(self, asked: Asked) -> list[str]:
        """Return the command that keeps a report on personal data, and judges no gate.

        Errors: `NotFound` when nobody has put the secret.
        """
        ...
