"""What was seen while the pending statements ran on a copy?"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from fairlead.migrations.rehearsal.blocking import Blocks, blocks


@dataclass(frozen=True, slots=True)
class Lock:
    """A lock on a relation that was there before: `mode` as in `pg_locks`, held for `seconds`.

    `table` is the relation itself, or the table that an index belongs to.
    """

    relation: str
    table: str
    mode: str
    seconds: float

    @property
    def blocks(self) -> Blocks:
        """Tell whom it keeps waiting."""
        return blocks(self.mode)


@dataclass(frozen=True, slots=True)
class Scan:
    """`rows` that a statement read of a table; by `key` when a foreign key made it do so."""

    table: str
    rows: int
    by_key: bool = False


@dataclass(frozen=True, slots=True)
class Observed:
    """One statement as it ran.

    `locks` are all that its transaction holds at its end, those of earlier statements too.
    `rewritten` are the relations that were written anew, `written` the tables of which rows were,
    `invalid` the indexes and constraints that it left invalid or not validated.
    """

    path: str
    number: int
    line: int
    opening: str
    in_transaction: bool
    seconds: float
    locks: tuple[Lock, ...] = ()
    rewritten: tuple[str, ...] = ()
    scanned: tuple[Scan, ...] = ()
    written: tuple[str, ...] = ()
    invalid: tuple[str, ...] = ()

    @property
    def where(self) -> str:
        """Return file and line."""
        return f"{self.path}:{self.line}"

    @property
    def cascades(self) -> tuple[Scan, ...]:
        """Return the tables that it read because of foreign keys."""
        return tuple(scan for scan in self.scanned if scan.by_key)


@dataclass(frozen=True, slots=True)
class Rate:
    """Queries a second on a table: those seen, and how many there may be at most."""

    reads: float
    writes: float
    most_reads: float
    most_writes: float


@dataclass(frozen=True, slots=True)
class Traffic:
    """Who uses the live database: `rates` by table, the sessions now, and how many there may be.

    `because` tells how it was measured, or why it is not known.
    """

    clients: int
    most_clients: int
    rates: Mapping[str, Rate] = field(default_factory=dict)
    because: str = ""


def rate(counts: tuple[int, int], seconds: float) -> Rate:
    """Return the rates that counts of reads and writes within some seconds tell.

    At most: the upper end of a 95 % interval of a Poisson rate, n + 2 sqrt(n) + 3, so that none
    seen in a short time is not taken for none.
    """
    reads, writes = (max(count, 0) for count in counts)
    most_reads, most_writes = ((n + 2 * n**0.5 + 3) / seconds for n in (reads, writes))
    return Rate(reads / seconds, writes / seconds, most_reads, most_writes)
