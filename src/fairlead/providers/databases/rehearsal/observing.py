"""What does a statement lock, read, rewrite and leave invalid? Seen while it is rehearsed."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import psycopg
from psycopg.pq import TransactionStatus

from fairlead.migrations.order import Pending
from fairlead.migrations.rehearsal.blocking import STRONGEST
from fairlead.migrations.rehearsal.observed import Lock, Observed, Scan
from fairlead.migrations.statement import Statement
from fairlead.providers.databases.rehearsal.polling import LOCKS, Polled, polled
from fairlead.providers.databases.rehearsal.relations import FILES, INVALID, Relations
from fairlead.providers.databases.session import Session

# Within a transaction what it has done so far; outside what all have done, flushed before.
_COUNTS = """
SELECT relid::int8, seq_tup_read + coalesce(idx_tup_fetch, 0) AS read,
  n_tup_ins + n_tup_upd + n_tup_del AS written
FROM {view} WHERE seq_tup_read + coalesce(idx_tup_fetch, 0) + n_tup_ins + n_tup_upd + n_tup_del > 0
"""
Counts = dict[int, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class _Before:
    counts: Counts
    files: dict[int, int]
    invalid: set[str]


class Observer:
    """Looks on at every statement of a run, and keeps what it saw, in order.

    `url` leads a superuser to the database that is migrated; `count` is told how many have run.
    """

    def __init__(self, url: str, relations: Relations, count: Callable[[int], None]) -> None:
        self._url, self._relations, self._count = url, relations, count
        self._seen: dict[tuple[str, int], Observed] = {}
        self.sqlstate = ""

    @property
    def statements(self) -> tuple[Observed, ...]:
        """Return what was seen; of a statement that was tried again, the last time."""
        return tuple(self._seen.values())

    @contextmanager
    def watch(self, session: Session, pending: Pending, statement: Statement) -> Iterator[None]:
        """Look before and after one statement."""
        inside = session.info.transaction_status == TransactionStatus.INTRANS
        before = self._before(session, inside=inside)
        try:
            if inside:
                began = time.monotonic()
                yield
                self._check_now(session, pending, statement)
                took, held = time.monotonic() - began, None
            else:
                with polled(self._url, session.info.backend_pid) as held:
                    began = time.monotonic()
                    yield
                    took = time.monotonic() - began
        except psycopg.Error as error:
            self.sqlstate = error.sqlstate or ""
            raise
        one = Observed(
            pending.file.path, statement.number, statement.line, statement.opening, inside, took
        )
        self._seen[pending.file.path, statement.number] = self._after(session, one, before, held)
        self._count(len(self._seen))

    def _check_now(self, session: Session, pending: Pending, statement: Statement) -> None:
        # What a deferred constraint checks at the commit is part of what the locks wait for.
        if not pending.transactional or statement is pending.changes[-1].statement:
            session.execute("SET CONSTRAINTS ALL IMMEDIATE")

    def _before(self, session: Session, *, inside: bool) -> _Before:
        return _Before(_counts(session, inside=inside), self._files(session), _invalid(session))

    def _after(
        self, session: Session, one: Observed, before: _Before, held: Polled | None
    ) -> Observed:
        read, written = _difference(before.counts, _counts(session, inside=one.in_transaction))
        files = self._files(session)
        moved = [oid for oid, file in before.files.items() if files.get(oid, file) != file]
        rewritten = tuple(sorted(self._relations.names[oid] for oid in moved))
        held = held or Polled(one.seconds, dict.fromkeys(_locks(session), one.seconds))
        locks = self._named(one, held, moved)
        keys = self._relations.referring_to(written) - written
        scans = [
            Scan(self._relations.names[oid], rows, by_key=oid in keys)
            for oid, rows in sorted(read.items(), key=lambda each: -each[1])
            if oid in self._relations.names
        ]
        return replace(
            one,
            locks=locks,
            rewritten=rewritten,
            scanned=tuple(scans),
            written=tuple(
                sorted(self._relations.names[oid] for oid in written & {*self._relations.names})
            ),
            invalid=tuple(sorted(_invalid(session) - before.invalid)),
        )

    def _named(self, one: Observed, held: Polled, moved: list[int]) -> tuple[Lock, ...]:
        """Return the locks on what was there before; what was written anew nobody could read."""
        names = self._relations.names
        found = {key: seconds for key, seconds in held.locks.items() if key[0] in names}
        if not one.in_transaction:
            found |= {(oid, STRONGEST): one.seconds for oid in moved}
        locks = [
            Lock(names[oid], self._relations.table(oid), mode, seconds)
            for (oid, mode), seconds in found.items()
        ]
        return tuple(sorted(locks, key=lambda lock: (-lock.blocks, lock.relation, lock.mode)))

    def _files(self, session: Session) -> dict[int, int]:
        rows = session.execute(FILES, [[*self._relations.names]]).fetchall()
        return {row["oid"]: row["relfilenode"] for row in rows}


def _counts(session: Session, *, inside: bool) -> Counts:
    if not inside:
        session.execute("SELECT pg_stat_force_next_flush()")
    view = "pg_stat_xact_all_tables" if inside else "pg_stat_all_tables"
    rows = session.execute(_COUNTS.format(view=view).encode()).fetchall()
    return {row["relid"]: (row["read"], row["written"]) for row in rows}


def _difference(before: Counts, after: Counts) -> tuple[dict[int, int], set[int]]:
    """Return the rows read of each table, and the tables that were written to."""
    none = (0, 0)
    read = {oid: counts[0] - before.get(oid, none)[0] for oid, counts in after.items()}
    written = {oid for oid, counts in after.items() if counts[1] > before.get(oid, none)[1]}
    return {oid: rows for oid, rows in read.items() if rows > 0}, written


def _invalid(session: Session) -> set[str]:
    return {row["name"] for row in session.execute(INVALID).fetchall()}


def _locks(session: Session) -> list[tuple[int, str]]:
    rows = session.execute(LOCKS, [session.info.backend_pid]).fetchall()
    return [(row["relation"], row["mode"]) for row in rows]
