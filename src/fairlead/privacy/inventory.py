"""What does a database hold that may be personal, why is that thought, and who can reach it?"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from fairlead.privacy.kind import Kind, by_name
from fairlead.privacy.place import Place
from fairlead.privacy.shape import Sample

PG_CRON, TRIGGER = "pg_cron job", "trigger"
PUBLIC_ROLES = ("anon", "authenticated", "public")
_OF_TYPE = {
    "inet": Kind.IP,
    "cidr": Kind.IP,
    "macaddr": Kind.DEVICE,
    "macaddr8": Kind.DEVICE,
    "point": Kind.PLACE,
    "geometry": Kind.PLACE,
    "geography": Kind.PLACE,
}
_MOMENTS = ("date", "timestamp", "time")
_NUMBERS = ("smallint", "integer", "bigint", "numeric", "real", "double precision")
_NUMBERED = {Kind.PHONE, Kind.PLACE, Kind.IDENTITY, Kind.BANK, Kind.BIRTH}
_COMMENT = re.compile(
    r"\s*(?:personal\b(?=\s*:|\s+data\b)|pii\b|personenbezogen|donn[ée]es? personnelles?"
    r"|datos? personal)",
    re.IGNORECASE,
)


class Verb(StrEnum):
    """What somebody may do with the rows of a table."""

    READ = "read"
    CHANGE = "change"
    DELETE = "delete"


class Holding(StrEnum):
    """What kind of relation holds the columns."""

    TABLE = "table"
    PARTITIONED = "partitioned table"
    VIEW = "view"
    MATERIALISED = "materialised view"
    FOREIGN = "foreign table"


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy of row level security.

    `verbs` are what it is about, `roles` the public ones it is for, `using` its condition as
    PostgreSQL writes it (None when it has none: then it lets nothing through).
    """

    name: str
    verbs: frozenset[Verb]
    permissive: bool
    roles: frozenset[str]
    using: str | None

    @property
    def is_open(self) -> bool:
        """Tell whether the condition is plainly true."""
        return (self.using or "").strip("() ").lower() in ("true", "1 = 1")


@dataclass(frozen=True, slots=True)
class Suspicion:
    """Why a column is thought to hold personal data of a kind."""

    kind: Kind
    reason: str


@dataclass(frozen=True, slots=True)
class Column:
    """A column. `granted` tells which public roles the grants let do what.

    `sample` is None when its values were not looked at.
    """

    name: str
    type: str
    comment: str = ""
    granted: frozenset[tuple[str, Verb]] = frozenset()
    sample: Sample | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A relation with its columns.

    `root` is the (schema, name) of the table that it is a partition of. `exempt` are the public
    roles that row level security does not bind. `as_caller` tells of a view that it reads with
    the rights of who asks; `reads` are the columns that a view or materialised view depends on.
    """

    schema: str
    name: str
    holding: Holding
    columns: tuple[Column, ...]
    rls: bool = False
    exempt: frozenset[str] = frozenset()
    policies: tuple[Policy, ...] = ()
    root: tuple[str, str] | None = None
    as_caller: bool = False
    reads: frozenset[Place] = frozenset()

    def place(self, column: str) -> Place:
        """Return where a column is."""
        return Place(self.schema, self.name, column)

    def declared_at(self, column: str) -> Place:
        """Return where a column is declared: a partition's with the table that it is a part of."""
        return Place(*(self.root or (self.schema, self.name)), column)

    @property
    def keeps(self) -> bool:
        """Tell whether it holds data itself; a view shows what its tables hold."""
        return self.holding is not Holding.VIEW


@dataclass(frozen=True, slots=True)
class Schedule:
    """Something that runs by itself: a `pg_cron job`, or a `trigger` that fires on writing.

    `calls` is the SQL that it runs; `function` is the (schema, name) that a trigger fires.
    """

    by: str
    name: str
    calls: str = field(default="", repr=False)
    function: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Inventory:
    """All that was read; `gaps` are sentences about what could not be read.

    `functions` are (schema, name) of all there are; `jobs_known` tells whether the jobs of
    pg_cron could all be seen, or there is no pg_cron. `is_read` is False when nothing could be
    read: then only the gaps are told.
    """

    database: str
    tables: tuple[Table, ...]
    functions: frozenset[tuple[str, str]] = frozenset()
    schedules: tuple[Schedule, ...] = ()
    jobs_known: bool = True
    gaps: tuple[str, ...] = ()
    is_read: bool = True

    def columns(self) -> Iterator[tuple[Table, Column]]:
        """Return every column that holds data itself, with its table."""
        for table in self.tables:
            if table.keeps:
                yield from ((table, column) for column in table.columns)


def suspicions(table: Table, column: Column) -> tuple[Suspicion, ...]:
    """Return why a column may hold personal data, by kind; empty when nothing says so."""
    found: dict[Kind, list[str]] = {}
    if _COMMENT.match(column.comment):
        found.setdefault(Kind.DECLARED, []).append("its comment says so")
    if kind := _OF_TYPE.get(_type(column)):
        found.setdefault(kind, []).append(f"its type is {_type(column)}")
    for kind, word in by_name(_type(column)):
        found.setdefault(kind, []).append(f"its type is named {word}")
    for kind, word in by_name(column.name, table.name):
        if _fits(kind, column):
            found.setdefault(kind, []).append(f"its name says {word}")
    if seen := column.sample:
        for kind in seen.kinds:
            count = dict(seen.counts)[kind]
            of = f"{count} of {seen.looked} values look like it"
            found.setdefault(kind, []).append(of)
        for kind, word in seen.keys:
            found.setdefault(kind, []).append(f"its JSON has a key for {word}")
    return tuple(Suspicion(kind, ", ".join(why)) for kind, why in sorted(found.items()))


def _type(column: Column) -> str:
    """Return the type without its length, array or schema."""
    return column.type.split("(")[0].removesuffix("[]").rpartition(".")[2].strip().strip('"')


def _fits(kind: Kind, column: Column) -> bool:
    """Tell whether a name can mean what it says, by the type: a yes or no is no address."""
    told = _type(column)
    if told == "boolean":
        return False
    if told.startswith(_MOMENTS):
        return kind is Kind.BIRTH
    return kind in _NUMBERED if told in _NUMBERS else True
