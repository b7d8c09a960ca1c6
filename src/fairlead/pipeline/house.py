"""What does the loop work with? Every part it may touch, in one frozen value."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from fairlead.analysis.ports import Source
from fairlead.gates.job import Runner
from fairlead.release.ports import Artifacts, Repository
from fairlead.rollout.ports import Router, Target
from fairlead.store.database import Database


@dataclass(frozen=True, slots=True)
class House:
    """The parts of one installation. `job_env` is what every gate and build is given."""

    database: Database
    clock: Callable[[], datetime]
    repository: Repository
    artifacts: Artifacts
    runner: Runner
    target: Target
    router: Router
    source: Source
    job_env: dict[str, str]
