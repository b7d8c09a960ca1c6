"""What came of a rehearsal?"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from fairlead.migrations.rehearsal.observed import Observed, Traffic
from fairlead.migrations.rehearsal.prediction import Held, Interval, predict, time_at_target


@dataclass(frozen=True, slots=True)
class Kills:
    """How often the run was killed, and what was different at the end; empty when nothing was."""

    count: int = 0
    wrong: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WayBack:
    """Whether the file that takes a migration back was proven to: up, down and up again.

    `difference` tells where the schema is another one; `lost` are sentences on rows and values
    that were there after up, and are not after down.
    """

    path: str
    proven: bool
    because: str
    difference: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """Everything that was seen; `verdict.judge` says what it means.

    `major` is the scratch server's version, `target_major` the live one's. `factors` tell how many
    times larger a table is at the target, for those of which only a sample was copied. `gaps` are
    what could not be rehearsed, `notes` what is good to know. `failed` is the sentence of the
    statement that failed. `fingerprint` is that of the schema at the end.
    """

    database: str
    target_major: int
    major: int
    bytes: int
    traffic: Traffic
    factors: Mapping[str, float] = field(default_factory=dict)
    statements: tuple[Observed, ...] = ()
    pending: int = 0
    gaps: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    failed: str = ""
    kills: Kills = field(default_factory=Kills)
    ways_back: tuple[WayBack, ...] = ()
    fingerprint: str = ""
    seconds: float = 0.0

    @property
    def locks(self) -> tuple[Held, ...]:
        """Return the locks that keep somebody waiting, predicted for the target."""
        return predict(self.statements, self.factors, self.traffic)

    def time(self, one: Observed) -> Interval:
        """Return how long a statement is predicted to take at the target, in seconds."""
        return time_at_target(one, self.factors)
