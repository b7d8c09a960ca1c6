"""How is a live database used? What is seen of it, part by part; a part not seen says why."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Part(StrEnum):
    """What can be looked at."""

    CONNECTIONS = "connections"
    SIZES = "sizes"
    QUERIES = "slow_queries"
    INDEXES = "indexes"
    BLOAT = "bloat"
    LOCKS = "lock_waits"


@dataclass(frozen=True, slots=True)
class Unseen:
    """Nothing is known of a part."""

    because: str


@dataclass(frozen=True, slots=True)
class Connections:
    """Clients of the whole server, those of this database in `here`; a look counts none of its own.

    `reserved` of `most` are for administrators. `database_most` is None where the database has no
    limit of its own. `hidden` are sessions whose state this role may not see. Times in seconds.
    """

    used: int
    here: int
    most: int
    reserved: int
    database_most: int | None
    states: Mapping[str, int]
    hidden: int
    longest_transaction_s: float | None
    longest_idle_in_transaction_s: float | None


@dataclass(frozen=True, slots=True)
class TableSize:
    """A table with its indexes and TOAST, partitions summed up to their root.

    `exact` is False where a lock kept it from being measured: then it is PostgreSQL's estimate.
    """

    table: str
    bytes: int | None
    exact: bool
    rows: int | None


@dataclass(frozen=True, slots=True)
class Sizes:
    """The whole database in bytes, and its largest tables."""

    total: int
    tables: tuple[TableSize, ...]


@dataclass(frozen=True, slots=True)
class Query:
    """A statement without its values; `share` of all the time that statements took here."""

    query: str
    calls: int
    total_ms: float
    mean_ms: float
    max_ms: float
    rows: int
    share: float


@dataclass(frozen=True, slots=True)
class Queries:
    """What took longest, since the statistics began (None: not told).

    `hidden` are statements whose words this role may not see.
    """

    since: datetime | None
    hidden: int
    queries: tuple[Query, ...]


@dataclass(frozen=True, slots=True)
class UnusedIndex:
    """An index that no query used; none that keeps rows apart. `bytes` is an estimate."""

    index: str
    table: str
    bytes: int


@dataclass(frozen=True, slots=True)
class ReadThrough:
    """A large table that queries read through, again and again: an index may be missing."""

    table: str
    rows: int
    scans: int
    rows_a_scan: float
    index_scans: int


@dataclass(frozen=True, slots=True)
class UnindexedKey:
    """A foreign key without an index: who deletes what it points to reads the whole table."""

    constraint: str
    table: str
    columns: tuple[str, ...]
    references: str


@dataclass(frozen=True, slots=True)
class InvalidIndex:
    """An index that is kept up but not used; `building` tells that it is made just now."""

    index: str
    building: bool


@dataclass(frozen=True, slots=True)
class Indexes:
    """How indexes are used; counted for `counted_s` seconds (None: not told)."""

    counted_s: float | None
    standby: bool
    unused: tuple[UnusedIndex, ...]
    read_through: tuple[ReadThrough, ...]
    unindexed_keys: tuple[UnindexedKey, ...]
    invalid: tuple[InvalidIndex, ...]


@dataclass(frozen=True, slots=True)
class Bloat:
    """Room that a table takes for nothing, estimated; None while `because` says why."""

    table: str
    bytes: int
    wasted_bytes: int | None
    live_rows: int
    dead_rows: int
    vacuumed_at: datetime | None
    analyzed_at: datetime | None
    because: str = ""


@dataclass(frozen=True, slots=True)
class Bloats:
    """The largest tables; indexes and TOAST are not estimated."""

    tables: tuple[Bloat, ...]


@dataclass(frozen=True, slots=True)
class Waiting:
    """A session that waits for a lock; process 0 in `blocked_by` is a prepared transaction."""

    pid: int
    waited_s: float
    lock: str
    mode: str
    table: str | None
    blocked_by: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Blocker:
    """A session that others wait for; what this role may not see of it is None."""

    pid: int
    application: str | None
    state: str | None
    transaction_s: float | None
    blocks: int


@dataclass(frozen=True, slots=True)
class LockWaits:
    """Who waits in this database, the longest first, and for whom."""

    waiting: tuple[Waiting, ...]
    blockers: tuple[Blocker, ...]


Seen = Connections | Sizes | Queries | Indexes | Bloats | LockWaits | Unseen
