"""What is a command that decides something, and how did it end?"""

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Job:
    """A command to run once. `id` names the effect: the same id never runs to its end twice.

    `argv` is the program and its arguments; `env` is its whole environment; `timeout_s` its limit.
    """

    id: str
    argv: tuple[str, ...]
    folder: Path
    timeout_s: float
    env: dict[str, str] = field(default_factory=dict)


class JobEnd(StrEnum):
    """How a job ended; OVERRUN took more of the machine than it may."""

    EXITED = "exited"
    TIMED_OUT = "timed_out"
    OVERRUN = "overrun"
    STOPPED = "stopped"
    NOT_STARTED = "not_started"


@dataclass(frozen=True, slots=True)
class JobResult:
    """How it ended and what a person should read. `status` is the exit status when it exited.

    `took_s` are seconds of wall time; `tail` the last lines of its output, made safe for terminals.
    """

    end: JobEnd
    status: int | None
    took_s: float
    tail: str
    because: str

    @property
    def passed(self) -> bool:
        """Tell whether the job ended by itself with status 0; nothing else is a pass."""
        return self.end is JobEnd.EXITED and self.status == 0


class Runner(Protocol):
    """Runs jobs that outlive the controller.

    Errors: `Temporary` when the machine cannot start anything now (no processes, no disk).
    """

    def start(self, job: Job) -> None:
        """Start the job, or find it already running or ended; asking twice equals once.

        A job whose keeper died before the command ended is started anew.
        """
        ...

    def result(self, job_id: str) -> JobResult | None:
        """Return how the job ended; None while it runs, or when its keeper died: start it again."""
        ...

    def wait(self, job_ids: tuple[str, ...], timeout_s: float) -> None:
        """Return when any job has ended or lost its keeper, at the latest after `timeout_s`."""
        ...

    def stop(self, job_id: str) -> None:
        """End the job and every process it started, and return then (seconds when it resists).

        Nothing happens when it has ended. `Temporary` when it cannot be ended now.
        """
        ...

    def log(self, job_id: str) -> Path:
        """Return the file that holds the job's output so far."""
        ...
