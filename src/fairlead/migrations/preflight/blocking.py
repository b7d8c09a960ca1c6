"""Who holds locks that others wait for, or that a migration would wait for?"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fairlead.migrations.finding import Finding, Severity
from fairlead.migrations.preflight.looked import Check, Looked, Prepared, Wait
from fairlead.migrations.preflight.words import lasting, some, statement, text, who

# Shorter waits for a row or a table are everyday life of a busy database.
WAIT_THAT_COUNTS_S = 1.0
# PostgreSQL's lock modes that conflict, "Explicit Locking" in its manual; the table is symmetric.
_MODES = (
    "AccessShareLock", "RowShareLock", "RowExclusiveLock", "ShareUpdateExclusiveLock",
    "ShareLock", "ShareRowExclusiveLock", "ExclusiveLock", "AccessExclusiveLock",
)  # fmt: skip
_CONFLICTS = dict(
    zip(
        _MODES,
        ({7}, {6, 7}, {4, 5, 6, 7}, {3, 4, 5, 6, 7}, {2, 3, 5, 6, 7}, {2, 3, 4, 5, 6, 7},
         {1, 2, 3, 4, 5, 6, 7}, {0, 1, 2, 3, 4, 5, 6, 7}),
        strict=True,
    )
)  # fmt: skip

Blocker = int | str


@dataclass(frozen=True, slots=True)
class Chain:
    """A blocker that waits for nobody, and everybody behind it, nearest first.

    `root` is a pid, or the global id of a prepared transaction.
    """

    root: Blocker
    waits: tuple[Wait, ...]

    @property
    def waited_s(self) -> float:
        """Return how long the most patient one has waited."""
        return max(wait.waited_s for wait in self.waits)


def conflicts(held: str, wanted: str) -> bool:
    """Tell whether one lock mode has to wait for another."""
    return wanted in _MODES and _MODES.index(wanted) in _CONFLICTS.get(held, set())


def blockers(wait: Wait, prepared: Sequence[Prepared]) -> set[Blocker]:
    """Return whom a session waits for; PostgreSQL calls every prepared transaction 0."""
    found: set[Blocker] = {pid for pid in wait.blockers if pid}
    if 0 in wait.blockers:
        found |= {one.gid for one in prepared if _stops(one, wait)}
    return found


def _stops(one: Prepared, wait: Wait) -> bool:
    if wait.xid:
        return one.xid == wait.xid
    return any(held == wait.relation and conflicts(mode, wait.mode) for held, mode in one.locks)


def chains(looked: Looked) -> tuple[Chain, ...]:
    """Return one chain for every blocker that itself waits for nobody, the longest waits first."""
    by_whom = {wait.pid: blockers(wait, looked.prepared) for wait in looked.waits}
    roots = {one for found in by_whom.values() for one in found if one not in by_whom}
    found = [Chain(root, _behind(root, looked.waits, by_whom)) for root in roots]
    return tuple(sorted(found, key=lambda chain: -chain.waited_s))


def _behind(
    root: Blocker, waits: Sequence[Wait], by_whom: dict[int, set[Blocker]]
) -> tuple[Wait, ...]:
    reached: dict[int, Wait] = {}
    ring: set[Blocker] = {root}
    while ring:
        near = [wait for wait in waits if wait.pid not in reached and by_whom[wait.pid] & ring]
        reached |= {wait.pid: wait for wait in near}
        ring = {wait.pid for wait in near}
    return tuple(reached.values())


def findings(looked: Looked) -> Iterator[Finding]:
    """Tell every blocker with whom it blocks, and those who only wait for each other."""
    found = chains(looked)
    for chain in found:
        yield _told(chain, looked)
    behind = {wait.pid for chain in found for wait in chain.waits}
    if left := [wait for wait in looked.waits if wait.pid not in behind]:
        yield Finding(
            Check.BLOCKING,
            Severity.ERROR if _counts(left) else Severity.NOTE,
            some([looked.place(wait.relation) for wait in left]),
            f"there are {_sessions(left)} for locks, and who holds them cannot be seen: "
            "they wait for each other, or the holder ended meanwhile",
            "look again in a moment: PostgreSQL ends a deadlock by itself after deadlock_timeout",
        )


def _told(chain: Chain, looked: Looked) -> Finding:
    return Finding(
        Check.BLOCKING,
        _severity(chain, looked),
        some(sorted({looked.place(wait.relation) for wait in chain.waits if wait.relation}))
        or "rows",
        f"{_root(chain.root, looked)} blocks {_sessions(chain.waits)}: "
        + some([_waiter(wait, chain, looked) for wait in chain.waits]),
        remedy(chain.root),
    )


def _severity(chain: Chain, looked: Looked) -> Severity:
    if not _counts(chain.waits):
        return Severity.NOTE
    return Severity.ERROR if _touches(chain, looked) else Severity.WARNING


def _counts(waits: Sequence[Wait]) -> bool:
    return max(wait.waited_s for wait in waits) >= WAIT_THAT_COUNTS_S


def _touches(chain: Chain, looked: Looked) -> bool:
    """Tell whether somebody of the chain waits for or holds a relation to be changed."""
    if looked.changed is None or any(looked.changes(wait.relation) for wait in chain.waits):
        return True
    members = {chain.root, *(wait.pid for wait in chain.waits)}
    if any(one.locked for one in looked.sessions if one.pid in members):
        return True
    held = [held for one in looked.prepared if one.gid in members for held, _ in one.locks]
    return any(looked.changes(relation) for relation in held)


def _root(root: Blocker, looked: Looked) -> str:
    if isinstance(root, str):
        old = next((one.open_s for one in looked.prepared if one.gid == root), 0.0)
        return f"the prepared transaction {text(root)}, {lasting(old)} old,"
    session = looked.session(root)
    if session is None:
        return f"pid {root}, of another database or ended meanwhile,"
    if session.open_s is None:
        return who(session)
    doing = f": {statement(session.query)}" if session.query else ""
    age = lasting(session.open_s)
    return f"{who(session)}, {session.state}, its transaction open for {age}{doing},"


def _waiter(wait: Wait, chain: Chain, looked: Looked) -> str:
    what = looked.place(wait.relation) if wait.relation else "a row or a transaction"
    behind = sorted(map(str, blockers(wait, looked.prepared) - {chain.root}))
    others = f" behind {some(behind)}" if behind else ""
    return f"pid {wait.pid} has waited {lasting(wait.waited_s)} for {wait.mode} on {what}{others}"


def _sessions(waits: Sequence[Wait]) -> str:
    return "1 session that waits" if len(waits) == 1 else f"{len(waits)} sessions that wait"


def remedy(root: Blocker) -> str:
    """Return what ends a blocker."""
    if isinstance(root, str):
        return (
            f"ask its transaction manager, then COMMIT PREPARED {text(root)} or "
            f"ROLLBACK PREPARED {text(root)}"
        )
    return (
        "wait, or have whoever runs it end its transaction; "
        f"SELECT pg_terminate_backend({root}) ends it by force"
    )
