"""What does every report need?"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from fairlead.analysis.ports import Figures
from fairlead.gates.job import Runner
from fairlead.migrations.ports import Connections
from fairlead.rollout.ports import Router, Target
from fairlead.store.database import Database


@dataclass(frozen=True, slots=True)
class Window:
    """The parts that reports look at; none of them is changed by looking.

    `logs` are the folders with the output of everything that is kept up, `reports` the one where
    commands leave what they did and found; `connections` and `figures` look at users' databases.
    """

    database: Database
    clock: Callable[[], datetime]
    router: Router
    target: Target
    runner: Runner
    logs: tuple[Path, ...]
    reports: Path
    connections: Connections
    figures: Figures
