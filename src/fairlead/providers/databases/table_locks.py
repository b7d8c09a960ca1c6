"""How are the tables of some statements locked before the first of them runs?"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from psycopg import sql

from fairlead.migrations.change import Change
from fairlead.migrations.lock import Lock, Reach, locks
from fairlead.migrations.lock_mode import LockMode, strongest
from fairlead.providers.databases.failure import NotNow
from fairlead.providers.databases.holders import Holder, holding
from fairlead.providers.databases.session import Session

_NAMED = "SELECT to_regclass(%(name)s)"
_KEYS = "FROM pg_constraint WHERE contype = 'f' AND"
_TABLES: dict[Reach, tuple[tuple[str, bool], ...]] = {
    Reach.TABLE: ((_NAMED, False),),
    Reach.TABLE_ALONE: ((_NAMED, True),),
    Reach.TABLE_OF_INDEX: (
        ("SELECT indrelid FROM pg_index WHERE indexrelid = to_regclass(%(name)s)", False),
    ),
    Reach.TABLE_AND_RELATED: (
        (_NAMED, False),
        (f"SELECT confrelid {_KEYS} conrelid = to_regclass(%(name)s)", False),
        (f"SELECT conrelid {_KEYS} confrelid = to_regclass(%(name)s)", False),
        ("SELECT inhparent FROM pg_inherits WHERE inhrelid = to_regclass(%(name)s)", True),
    ),
    Reach.REFERENCED_BY: (
        (
            f"SELECT confrelid {_KEYS} conrelid = to_regclass(%(name)s) "
            "AND conname = %(constraint)s",
            False,
        ),
    ),
}
# LOCK of a view would lock its tables too, and of a sequence or an index is refused.
_LOCKABLE = """
SELECT c.oid::bigint AS oid, n.nspname AS schema, c.relname AS name
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND has_table_privilege(c.oid, 'UPDATE, DELETE, TRUNCATE')
  AND c.oid IN ({tables})
"""
# Inside a block a lock that is not to be had is no error in the server's log, and undoes nothing.
_BLOCK = """
BEGIN
  PERFORM pg_catalog.set_config('fairlead.not_locked', '', true);
  {locks}
EXCEPTION WHEN lock_not_available THEN
  PERFORM pg_catalog.set_config('fairlead.not_locked', SQLERRM, true);
END
"""


@dataclass(frozen=True, slots=True)
class TableLock:
    """A lock on a table that is there; `alone` leaves out its partitions and heirs."""

    oid: int
    schema: str
    name: str
    alone: bool
    mode: LockMode

    def statement(self, *, wait: bool) -> sql.Composed:
        """Return the statement that takes it, which waits or fails at once."""
        return sql.SQL("LOCK TABLE {}{} IN {} MODE{};").format(
            sql.SQL("ONLY " if self.alone else ""),
            sql.Identifier(self.schema, self.name),
            sql.SQL(self.mode.value),
            sql.SQL("" if wait else " NOWAIT"),
        )


class TableLocks:
    """Takes locks in a session, and remembers which were asked for last."""

    def __init__(self, session: Session) -> None:
        """Take the session; nothing is asked yet."""
        self._session = session
        self._wanted: tuple[TableLock, ...] = ()

    def take(self, changes: Iterable[Change], *, wait: bool) -> None:
        """Take the locks that statements will need of tables that are there, all or none.

        It is called in a transaction, and a wait lasts as long as its `lock_timeout`. Tables that
        are not known, views and tables that we may not lock are left to the statement itself.

        Errors: `NotNow` when one of them is not to be had.
        """
        self._wanted = ()
        self._wanted = self._found(lock for change in changes for lock in locks(change))
        if not self._wanted:
            return
        statements = sql.SQL(" ").join(lock.statement(wait=wait) for lock in self._wanted)
        block = sql.SQL(_BLOCK).format(locks=statements).as_string(self._session)
        self._session.execute(sql.SQL("DO {}").format(sql.Literal(block)))
        row = self._session.execute(
            "SELECT current_setting('fairlead.not_locked', true) AS why"
        ).fetchone()
        if row and row["why"]:
            raise NotNow(row["why"])

    def holder(self) -> Holder | None:
        """Return the oldest that holds what was asked for last; None when nobody does by now."""
        conflicts = [
            (lock.oid, mode.in_pg_locks)
            for lock in self._wanted
            for mode in sorted(lock.mode.conflicts)
        ]
        return holding(self._session, conflicts)

    def _found(self, wanted: Iterable[Lock]) -> tuple[TableLock, ...]:
        found: dict[tuple[int, bool], TableLock] = {}
        for lock in wanted:
            for tables, alone in _TABLES[lock.reach]:
                for row in self._rows(tables, lock):
                    known = found.get((row["oid"], alone))
                    mode = strongest([lock.mode, *([known.mode] if known else [])])
                    found[row["oid"], alone] = TableLock(**row, alone=alone, mode=mode)
        return tuple(found[key] for key in sorted(found))

    def _rows(self, tables: str, lock: Lock) -> list[dict[str, Any]]:
        name = sql.Identifier(*lock.name).as_string(self._session)
        given = {"name": name, "constraint": lock.constraint}
        return self._session.execute(_LOCKABLE.format(tables=tables), given).fetchall()
