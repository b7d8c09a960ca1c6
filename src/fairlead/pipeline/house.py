"""What does the loop work with? Every part it may touch, in one frozen value."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from fairlead.analysis.ports import Source
from fairlead.gates.job import Runner
from fairlead.gates.ports import Judges
from fairlead.migrations.ports import Databases
from fairlead.release.ports import Artifacts, Repository
from fairlead.rollout.ports import Router, Target
from fairlead.store.database import Database


@dataclass(frozen=True, slots=True)
class House:
    """The parts of one installation. `job_env` is what every gate and build is given.

    `reports` is the folder where commands leave what they did and found.
    """

    database: Database
    clock: Callable[[], datetime]
    repository: Repository
    artifacts: Artifacts
    runner: Runner
    judges: Judges
    databases: Databases
    reports: Path
    target: Target
    router: Router
    source: Source
    job_env: dict[str, str]
