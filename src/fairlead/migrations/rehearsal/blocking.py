"""Whom does a lock on a table keep waiting? Read from the mode's name in `pg_locks`.

Source: PostgreSQL 18, "13.3.1. Table-Level Locks": a query takes ACCESS SHARE, or ROW SHARE when
it locks rows, a writer ROW EXCLUSIVE.
"""

from enum import IntEnum


class Blocks(IntEnum):
    """Who waits, from nobody to everybody."""

    NOBODY = 0
    WRITES = 1
    EVERYTHING = 2

    @property
    def words(self) -> str:
        """Return it for people."""
        return ("nobody", "writes", "reads and writes")[self]


_MODES = {
    "AccessShareLock": Blocks.NOBODY,
    "RowShareLock": Blocks.NOBODY,
    "RowExclusiveLock": Blocks.NOBODY,
    "ShareUpdateExclusiveLock": Blocks.NOBODY,
    "ShareLock": Blocks.WRITES,
    "ShareRowExclusiveLock": Blocks.WRITES,
    "ExclusiveLock": Blocks.WRITES,
    "AccessExclusiveLock": Blocks.EVERYTHING,
}
STRONGEST = "AccessExclusiveLock"


def blocks(mode: str) -> Blocks:
    """Return whom a mode keeps waiting; a mode that is not known keeps everybody waiting."""
    return _MODES.get(mode, Blocks.EVERYTHING)
