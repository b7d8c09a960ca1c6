"""What does the database remember of the migrations that were applied to it?"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from fairlead.migrations.relation import Name

_DOWN = ".down"


def down_version(version: str) -> str:
    """Return under which version the steps are remembered that take a migration back."""
    return f"{version}{_DOWN}"


def up_version(version: str) -> str:
    """Return the version of the migration that such steps take back."""
    return version.removesuffix(_DOWN)


@dataclass(frozen=True, slots=True)
class Applied:
    """A row of `supabase_migrations.schema_migrations`.

    `texts` is None when nobody kept them, or not every one of them.
    """

    version: str
    name: str
    texts: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Step:
    """A row of `supabase_migrations.fairlead_statements`: one statement of one file.

    `ended_at` is None while it runs, and for ever when its runner was killed meanwhile.
    """

    version: str
    number: int
    checksum: str
    began_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Promise:
    """Which shape the rehearsal came to: the schema's `fingerprint` once `versions` are applied.

    It stays until the database was seen to have that shape.
    """

    versions: frozenset[str]
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Ledger:
    """Everything that is remembered, by version, and the `relations` that are there now."""

    applied: Mapping[str, Applied] = field(default_factory=dict)
    steps: Mapping[str, tuple[Step, ...]] = field(default_factory=dict)
    relations: frozenset[Name] = frozenset()
    promise: Promise | None = None

    @property
    def due(self) -> str:
        """Return the fingerprint that the database has to have now; empty when none is due."""
        if self.promise is None or self.promise.versions != self.applied.keys():
            return ""
        return self.promise.fingerprint

    def begun(self, version: str) -> tuple[Step, ...]:
        """Return the steps of a file that was begun and not finished, in order."""
        return () if version in self.applied else self.steps.get(version, ())
