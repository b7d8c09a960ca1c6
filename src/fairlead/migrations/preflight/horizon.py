"""What is kept that could go: old rows (xmin), old transaction numbers, WAL for replication?"""

from collections.abc import Iterator

from fairlead.migrations.finding import Finding, Severity
from fairlead.migrations.preflight.looked import Check, Looked, Server, Slot, Standby, XminHolder
from fairlead.migrations.preflight.words import size, text

OLD_XMIN = 1_000_000
# vacuum_failsafe_age: from here on PostgreSQL drops everything else to freeze.
FAILSAFE_AGE = 1_600_000_000
WAL_WORTH_A_WARNING = 1024**3

_REMEDIES = {
    "session": "end its transaction: SELECT pg_terminate_backend({name}) does it by force",
    "standby": "end the long query on the standby, or switch hot_standby_feedback off there",
    "slot": "let its consumer catch up, or SELECT pg_drop_replication_slot({quoted})",
    "prepared": "COMMIT PREPARED {quoted} or ROLLBACK PREPARED {quoted}",
}
_HOLDERS = {
    "session": "the session with pid {name}",
    "standby": "the standby behind pid {name} (hot_standby_feedback)",
    "slot": "the replication slot {name}",
    "prepared": "the prepared transaction {quoted}",
}


def findings(looked: Looked) -> Iterator[Finding]:
    """Tell the oldest xmin with its holder, the database's age, and what replication keeps."""
    if oldest := oldest_xmin(looked):
        yield _xmin(oldest)
    server = looked.server
    for what, age, limit in (
        ("transaction", server.xid_age, server.freeze_max_age),
        ("multixact", server.mxid_age, server.mxid_freeze_max_age),
    ):
        if age >= min(limit, FAILSAFE_AGE):
            yield _age(server.database, what, age, limit)
    for slot in looked.slots:
        yield from _slot(slot)
    for standby in looked.standbys:
        yield from _standby(standby, looked.server)
    if server.standby:
        yield Finding(
            Check.SERVER,
            Severity.ERROR,
            server.database,
            "this server is a standby, which only reads: no migration can be applied here",
            "give the address of the primary",
        )


def oldest_xmin(looked: Looked) -> XminHolder | None:
    """Return who holds the oldest xmin; None when nobody holds one."""
    return max(looked.xmin, key=lambda holder: holder.age, default=None)


def _xmin(holder: XminHolder) -> Finding:
    words = {"name": holder.name, "quoted": text(holder.name)}
    old = holder.age >= OLD_XMIN
    return Finding(
        Check.XMIN,
        Severity.WARNING if old else Severity.NOTE,
        f"{holder.kind} {holder.name}",
        f"the oldest xmin is {holder.age:,} transactions old and held by "
        f"{_HOLDERS[holder.kind].format(**words)}: VACUUM keeps every row that died since",
        _REMEDIES[holder.kind].format(**words) if old else "nothing, while it stays young",
    )


def _age(database: str, what: str, age: int, limit: int) -> Finding:
    late = age >= FAILSAFE_AGE
    return Finding(
        Check.WRAPAROUND,
        Severity.ERROR if late else Severity.WARNING,
        database,
        f"the oldest {what} number in the database is {age:,} old, beyond the {limit:,} at which "
        "autovacuum freezes whatever else happens"
        + (", and near the end, where PostgreSQL stops writing" if late else ""),
        "end what holds the oldest xmin, then VACUUM (FREEZE) the oldest tables before migrating",
    )


def _slot(slot: Slot) -> Iterator[Finding]:
    kept = slot.kept or 0
    gone = slot.wal_status in ("lost", "unreserved")
    if slot.active and not gone and kept < WAL_WORTH_A_WARNING:
        return
    use = "in use" if slot.active else "not in use"
    state = f"; its WAL is {slot.wal_status}" if gone else ""
    yield Finding(
        Check.REPLICATION,
        Severity.WARNING if gone or kept >= WAL_WORTH_A_WARNING else Severity.NOTE,
        f"slot {slot.name}",
        f"the replication slot {slot.name} is {use} and keeps {size(kept)} of WAL{state}; "
        "what the migration writes is added to it",
        "let its consumer catch up; if nobody comes back for it, SELECT "
        f"pg_drop_replication_slot({text(slot.name)})",
    )


def _standby(standby: Standby, server: Server) -> Iterator[Finding]:
    # Who sees everything sees none where a base backup is taken, or a standby only begins.
    if standby.behind is None and not server.sees_all:
        yield Finding(
            Check.REPLICATION,
            Severity.UNKNOWN,
            f"standby {standby.name}",
            f"how far the standby {standby.name} is behind is hidden from this role",
            "look as a role with pg_read_all_stats",
        )
    elif (standby.behind or 0) >= WAL_WORTH_A_WARNING:
        yield Finding(
            Check.REPLICATION,
            Severity.WARNING,
            f"standby {standby.name}",
            f"the standby {standby.name} is {size(standby.behind or 0)} of WAL behind",
            "let it catch up first: a migration makes it fall back further",
        )
