"""How long would a statement lock what the app uses, and how long would its users wait in all?

On another machine, with other data in its caches, a time measured here holds to about a factor of
two, and of three where rows are changed.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from fairlead.migrations.rehearsal.blocking import Blocks
from fairlead.migrations.rehearsal.observed import Observed, Rate, Traffic

SPREAD, SPREAD_OF_ROWS = 2.0, 3.0
# What a statement costs whatever the size: it does not grow with the table.
FIXED_S = 0.005


@dataclass(frozen=True, slots=True)
class Interval:
    """From `low` to `high`: seconds, or client-seconds."""

    low: float = 0.0
    high: float = 0.0

    def __add__(self, other: "Interval") -> "Interval":
        return Interval(self.low + other.low, self.high + other.high)


@dataclass(frozen=True, slots=True)
class Held:
    """How long a transaction locks one table, and what its users wait for it in all.

    `where` is the first statement that does; `rate_known` is False when everybody is assumed to
    wait all the time.
    """

    where: str
    table: str
    mode: str
    blocks: Blocks
    seconds: Interval
    blocked_client_s: Interval
    rate_known: bool


def time_at_target(one: Observed, factors: Mapping[str, float]) -> Interval:
    """Return how long a statement takes at the target; `factors` tell how much more rows are there.

    What reads or writes no rows does not grow. What foreign keys read is read for every row that
    is changed, of which there are more, too.
    """
    return _around(one.seconds, one, factors)


def _around(seconds: float, one: Observed, factors: Mapping[str, float]) -> Interval:
    spread = SPREAD_OF_ROWS if one.written else SPREAD
    by_key = {scan.table for scan in one.cascades}
    touched = {*(scan.table for scan in one.scanned), *one.rewritten, *one.written} - by_key
    factor = _largest(factors, touched) * _largest(factors, by_key)
    scaled = min(seconds, FIXED_S) + max(0.0, seconds - FIXED_S) * factor
    return Interval(scaled / spread, scaled * spread)


def _largest(factors: Mapping[str, float], tables: Iterable[str]) -> float:
    return max((factors.get(table, 1.0) for table in tables), default=1.0)


def predict(
    statements: Sequence[Observed], factors: Mapping[str, float], traffic: Traffic
) -> tuple[Held, ...]:
    """Return every lock that keeps somebody waiting, transaction by transaction."""
    return tuple(
        held
        for _, group in groupby(statements, key=_transaction)
        for held in _of_transaction(tuple(group), factors, traffic)
    )


def _transaction(one: Observed) -> tuple[str, int]:
    return (one.path, 0 if one.in_transaction else one.number)


def _of_transaction(
    group: Sequence[Observed], factors: Mapping[str, float], traffic: Traffic
) -> Iterable[Held]:
    tables = dict.fromkeys(
        lock.table for one in group for lock in one.locks if lock.blocks is not Blocks.NOBODY
    )
    for table in tables:
        writes = _held(group, table, Blocks.WRITES, factors)
        reads = _held(group, table, Blocks.EVERYTHING, factors)
        first, mode, strongest = _strongest(group, table)
        yield Held(
            first.where,
            table,
            mode,
            strongest,
            writes,
            blocked(writes, reads, traffic, traffic.rates.get(table)),
            table in traffic.rates,
        )


def _held(
    group: Sequence[Observed], table: str, least: Blocks, factors: Mapping[str, float]
) -> Interval:
    """Return how long a table is locked at least that strongly, all statements together."""
    total = Interval()
    for one in group:
        held = [lock.seconds for lock in one.locks if lock.table == table and lock.blocks >= least]
        total += _around(max(held), one, factors) if held else Interval()
    return total


def _strongest(group: Sequence[Observed], table: str) -> tuple[Observed, str, Blocks]:
    found = [
        (one, lock.mode, lock.blocks) for one in group for lock in one.locks if lock.table == table
    ]
    return max(found, key=lambda each: each[2])


def blocked(writes: Interval, reads: Interval, traffic: Traffic, rate: Rate | None) -> Interval:
    """Return the client-seconds that are waited for a lock against writes, and against reads.

    Without a rate, everybody who may be there waits all the time, at most; and nobody at least.
    """
    most = float(traffic.most_clients)
    if rate is None:
        return Interval(0.0, waited(writes.high, float("inf"), most))
    few = float(traffic.clients)
    low = waited(writes.low, rate.writes, few) + waited(reads.low, rate.reads, few)
    high = waited(writes.high, rate.most_writes, most) + waited(reads.high, rate.most_reads, most)
    return Interval(min(low, few * writes.low), min(high, most * writes.high))


def waited(seconds: float, rate: float, clients: float) -> float:
    """Return the client-seconds waited when `rate` queries a second meet a lock of some seconds.

    Who has come waits until the end: after s seconds `rate` * s wait, but no more than there are
    clients, who each wait for one query at a time.
    """
    if rate * seconds <= clients:
        return rate * seconds * seconds / 2
    return clients * seconds - clients * clients / (2 * rate)
