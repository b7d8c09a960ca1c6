"""What is one turn about? The run, its stage and what the file said, read once a turn."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fairlead.journal.event import Event
from fairlead.pipeline.house import House
from fairlead.release.progress import Run, StageState
from fairlead.release.spec.model import Environment, Spec

SERVER = "fairlead"


@dataclass(frozen=True, slots=True)
class Scene:
    """One stage of one run, at the moment `now`."""

    house: House
    run: Run
    spec: Spec
    stages: tuple[StageState, ...]
    stage: StageState
    now: datetime

    @property
    def environment(self) -> str:
        """Return the name of the environment the stage changes or tests; may be empty."""
        return self.stage.planned.environment

    @property
    def policy(self) -> Environment:
        """Return the environment's part of the file."""
        return self.spec.environments[self.environment]

    def event(self, kind: str, because: str, effect: str, **data: Any) -> Event:
        """Return an event about this stage; `effect` is completed with the run and the stage."""
        return Event(
            at=self.house.clock(),
            actor=SERVER,
            kind=kind,
            because=because,
            effect=f"{self.run.id}/{self.stage.planned.index}/{effect}",
            app=self.run.app,
            run=self.run.id,
            environment=self.environment,
            release=self.run.release,
            data={"stage": self.stage.planned.name} | data,
        )


@dataclass(frozen=True, slots=True)
class Wait:
    """Look again in `seconds`, sooner when somebody nudges."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Passed:
    """The stage is through."""

    because: str


@dataclass(frozen=True, slots=True)
class Failed:
    """The stage is not through and never will be."""

    because: str


@dataclass(frozen=True, slots=True)
class Superseded:
    """A newer release goes instead of one that waited for its turn."""

    because: str


Outcome = Wait | Passed | Failed | Superseded
