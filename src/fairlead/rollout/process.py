"""What must be kept running, and who keeps it? The port under targets and the edge."""

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Program:
    """A process to keep up: started anew when it ends, its output kept and rotated in `log`.

    `user` is the operating system's account it runs as, or empty for ours. `secrets` are variables,
    each with the private file that holds its value; only the process itself ever learns that.
    """

    name: str
    argv: tuple[str, ...]
    folder: Path
    log: Path
    env: dict[str, str] = field(default_factory=dict)
    secrets: dict[str, Path] = field(default_factory=dict)
    user: str = ""
    stop_signal: str = "TERM"
    stop_wait_s: int = 10
    start_retries: int = 3


class ProcessState(StrEnum):
    """Where a program is in its life."""

    ABSENT = "absent"
    STARTING = "starting"
    RUNNING = "running"
    RESTARTING = "restarting"
    GIVEN_UP = "given_up"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Process:
    """A program as it is now. `up_s` is seconds since it was last started."""

    name: str
    state: ProcessState
    pid: int
    up_s: float
    told: str


class Processes(Protocol):
    """Keeps programs up, independently of the controller.

    Errors: `Temporary` when the keeper does not answer; `Permanent` when a program is missing.
    """

    def start(self, *programs: Program) -> None:
        """Keep programs up; nothing happens to one when one of its name is kept up already."""
        ...

    def stop(self, name: str) -> None:
        """Stop a program and forget it; nothing happens when there is none."""
        ...

    def dismiss(self, name: str) -> None:
        """Stop a program as `stop` does, without waiting for its end; until then it is STOPPED."""
        ...

    def look(self) -> dict[str, Process]:
        """Return every program that is kept up, by name."""
        ...
