"""How strongly is a table locked, and whose locks are in the way of that?

Source: PostgreSQL 18, "13.3.1. Table-Level Locks", table 13.2, Conflicting Lock Modes.
"""

from enum import StrEnum


class LockMode(StrEnum):
    """A mode as SQL names it, the weakest first."""

    ACCESS_SHARE = "ACCESS SHARE"
    ROW_SHARE = "ROW SHARE"
    ROW_EXCLUSIVE = "ROW EXCLUSIVE"
    SHARE_UPDATE_EXCLUSIVE = "SHARE UPDATE EXCLUSIVE"
    SHARE = "SHARE"
    SHARE_ROW_EXCLUSIVE = "SHARE ROW EXCLUSIVE"
    EXCLUSIVE = "EXCLUSIVE"
    ACCESS_EXCLUSIVE = "ACCESS EXCLUSIVE"

    @property
    def in_pg_locks(self) -> str:
        """Return the name that the view `pg_locks` has for it."""
        return "".join(word.capitalize() for word in self.value.split()) + "Lock"

    @property
    def conflicts(self) -> frozenset["LockMode"]:
        """Return the modes that nobody else may hold meanwhile."""
        return frozenset(list(LockMode)[-_CONFLICTS[self] :]) - _FRIENDS.get(self, frozenset())


# How many of the strongest modes each of them conflicts with; SHARE gets on with itself.
_CONFLICTS = {
    LockMode.ACCESS_SHARE: 1,
    LockMode.ROW_SHARE: 2,
    LockMode.ROW_EXCLUSIVE: 4,
    LockMode.SHARE_UPDATE_EXCLUSIVE: 5,
    LockMode.SHARE: 6,
    LockMode.SHARE_ROW_EXCLUSIVE: 6,
    LockMode.EXCLUSIVE: 7,
    LockMode.ACCESS_EXCLUSIVE: 8,
}
_FRIENDS = {LockMode.SHARE: frozenset({LockMode.SHARE})}


def strongest(modes: "list[LockMode]") -> LockMode:
    """Return the strongest of some modes; there is at least one."""
    return max(modes, key=list(LockMode).index)
