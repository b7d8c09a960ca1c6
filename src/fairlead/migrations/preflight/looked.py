"""What was seen on a live database? Plain rows; a gap for each look that was not possible."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from fairlead.migrations.preflight.expected import Expected


class Check(StrEnum):
    """The looks that are taken, each for itself."""

    SERVER = "server"
    RELATIONS = "relations"
    TRANSACTIONS = "transactions"
    BLOCKING = "blocking"
    PREPARED = "prepared"
    XMIN = "xmin"
    WRAPAROUND = "wraparound"
    SIZES = "sizes"
    CONSTRAINTS = "constraints"
    INDEXES = "indexes"
    REPLICATION = "replication"
    DISK = "disk"
    DRIFT = "drift"


@dataclass(frozen=True, slots=True)
class Gap:
    """A look that was not possible: why, and what would make it possible."""

    check: Check
    why: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Server:
    """The database and who looks. Ages are in transactions (multixacts for `mxid_`).

    `sees_all` tells whether the sessions of other roles can be looked into.
    """

    database: str
    role: str
    version: int
    standby: bool
    sees_all: bool
    search_path: tuple[str, ...]
    xid_age: int
    freeze_max_age: int
    mxid_age: int
    mxid_freeze_max_age: int


@dataclass(frozen=True, slots=True)
class Relation:
    """A table (`r`), partitioned table (`p`) or materialised view (`m`).

    `place` is the name as SQL needs it, `parent` the partitioned table it is a partition of.
    """

    oid: int
    schema: str
    name: str
    place: str
    kind: str
    parent: int | None = None


@dataclass(frozen=True, slots=True)
class Size:
    """Bytes with indexes and TOAST; None when nobody knows. Not `exact` is PostgreSQL's estimate.

    An estimate stands where a relation is locked exclusively: measuring would wait for it.
    """

    bytes: int | None
    exact: bool = True


@dataclass(frozen=True, slots=True)
class Session:
    """A session in this database. Times in seconds; None when there is none or it is hidden.

    `relations` are some of the `locked` user relations that it holds a lock on.
    """

    pid: int
    role: str
    application: str
    kind: str
    state: str
    open_s: float | None
    unchanged_s: float | None
    query: str
    hidden: bool
    has_snapshot: bool
    locked: int = 0
    relations: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Wait:
    """A session that waits for a lock. A blocker of 0 is a prepared transaction.

    `xid` is the transaction it waits for, when it waits for one (a row that was changed).
    """

    pid: int
    blockers: tuple[int, ...]
    waited_s: float
    mode: str
    relation: int | None = None
    xid: str = ""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A transaction that was prepared and neither committed nor rolled back.

    `locks` are the relations it holds locks on, with the modes.
    """

    gid: str
    owner: str
    xid: str
    open_s: float
    locks: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class XminHolder:
    """Somebody who keeps VACUUM from removing rows; `age` in transactions.

    `kind` is session, standby, slot or prepared; `name` its pid, slot or global id.
    """

    kind: str
    name: str
    age: int


@dataclass(frozen=True, slots=True)
class Unvalidated:
    """A constraint that does not hold for every row as far as PostgreSQL knows.

    `kind` is PostgreSQL's letter: f foreign key, c check, n not null. `domain` is the domain's
    place where it is a domain's constraint; `name` is quoted.
    """

    name: str
    kind: str
    relation: int | None
    domain: str
    enforced: bool


@dataclass(frozen=True, slots=True)
class InvalidIndex:
    """An index that queries do not use; `place` quoted, `partitioned` for a parent's index."""

    oid: int
    place: str
    relation: int
    partitioned: bool


@dataclass(frozen=True, slots=True)
class Build:
    """An index build under way; what is None is hidden from the role that looks.

    `index` is 0 where PostgreSQL does not tell which (a build that is not concurrent).
    """

    pid: int
    relation: int | None
    index: int | None
    command: str


@dataclass(frozen=True, slots=True)
class Slot:
    """A replication slot; `kept` bytes of WAL are kept for it, None when none are."""

    name: str
    active: bool
    wal_status: str
    kept: int | None


@dataclass(frozen=True, slots=True)
class Standby:
    """A connected standby or subscriber; `behind` bytes of WAL, None when it is hidden."""

    name: str
    behind: int | None


@dataclass(frozen=True, slots=True)
class Held:
    """What a schema holds under a name; `kind` is PostgreSQL's letter, `columns` their names."""

    schema: str
    name: str
    kind: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Looked:
    """Everything that was seen; what is empty because nobody could look is one of the `gaps`.

    `changed` are the relations to be changed; None when every one may be. `held` is what the
    catalog has of the names in `expected`, which the ledger tells.
    """

    server: Server
    changed: frozenset[int] | None = None
    relations: Mapping[int, Relation] = field(default_factory=dict)
    sizes: Mapping[int, Size] = field(default_factory=dict)
    sessions: tuple[Session, ...] = ()
    waits: tuple[Wait, ...] = ()
    prepared: tuple[Prepared, ...] = ()
    xmin: tuple[XminHolder, ...] = ()
    constraints: tuple[Unvalidated, ...] = ()
    indexes: tuple[InvalidIndex, ...] = ()
    builds: tuple[Build, ...] = ()
    slots: tuple[Slot, ...] = ()
    standbys: tuple[Standby, ...] = ()
    free_bytes: int | None = None
    expected: Expected = field(default_factory=Expected)
    held: tuple[Held, ...] = ()
    gaps: tuple[Gap, ...] = ()

    def changes(self, relation: int | None) -> bool:
        """Tell whether a relation is to be changed; without a list every one may be."""
        return relation is not None and (self.changed is None or relation in self.changed)

    def place(self, relation: int | None) -> str:
        """Return a relation's name as SQL needs it."""
        known = self.relations.get(relation or 0)
        return known.place if known else f"relation {relation}" if relation else "the database"

    def session(self, pid: int) -> Session | None:
        """Return the session, None when it ended meanwhile."""
        return next((one for one in self.sessions if one.pid == pid), None)
