"""Which transactions would a migration wait behind? Long, idle and prepared ones."""

from collections.abc import Iterator

from fairlead.migrations.finding import Finding, Severity
from fairlead.migrations.preflight.blocking import chains, remedy
from fairlead.migrations.preflight.looked import Check, Looked, Prepared, Session
from fairlead.migrations.preflight.words import lasting, some, statement, text, who

# A lock held for so long on a relation to be changed costs more than the whole budget of waiting.
LONG_WITH_LOCKS_S = 5.0
# A transaction elsewhere delays CREATE INDEX CONCURRENTLY, which waits for all older ones.
LONG_ELSEWHERE_S = 60.0
_WRAPAROUND = "(to prevent wraparound)"
_AUTOVACUUM = "autovacuum worker"


def findings(looked: Looked) -> Iterator[Finding]:
    """Tell every transaction that is in the way, or may be."""
    told = {chain.root for chain in chains(looked)}
    for session in looked.sessions:
        if session.kind == _AUTOVACUUM:
            yield from _autovacuum(session, looked)
        elif session.pid not in told and not session.hidden:
            yield from _open(session, looked)
    yield from _hidden(looked)
    for one in looked.prepared:
        if one.gid not in told:
            yield _prepared(one, looked)


def _open(session: Session, looked: Looked) -> Iterator[Finding]:
    age = session.open_s
    # A walsender's and a worker's transaction are told where replication is.
    if age is None or age < (LONG_WITH_LOCKS_S if session.locked else LONG_ELSEWHERE_S):
        return
    idle = session.state.startswith("idle in transaction")
    if not (session.locked or session.has_snapshot or idle):
        return
    doing = f": {statement(session.query)}" if session.query else ""
    state = f"idle in transaction for {lasting(session.unchanged_s or 0)}" if idle else "at work"
    yield Finding(
        Check.TRANSACTIONS,
        Severity.ERROR if session.locked else Severity.WARNING,
        _places(session, looked) or f"pid {session.pid}",
        f"{who(session)} has a transaction open for {lasting(age)}, {state}, "
        f"{_effect(session)}{doing}",
        remedy(session.pid),
    )


def _effect(session: Session) -> str:
    if session.locked:
        return (
            f"and holds locks on {session.locked} of the relations to be changed: a change of them "
            "waits for it, and everybody else behind the change"
        )
    return "and holds back VACUUM and every CREATE INDEX CONCURRENTLY"


def _places(session: Session, looked: Looked) -> str:
    return some([looked.place(oid) for oid in session.relations], of=session.locked)


def _autovacuum(session: Session, looked: Looked) -> Iterator[Finding]:
    if _WRAPAROUND not in session.query:
        return
    yield Finding(
        Check.WRAPAROUND,
        Severity.ERROR if session.locked else Severity.WARNING,
        _places(session, looked) or f"pid {session.pid}",
        f"autovacuum (pid {session.pid}) works to prevent wraparound since "
        f"{lasting(session.open_s or 0)}; unlike an ordinary one it gives way to nobody: "
        "ALTER TABLE waits until it has ended",
        "wait until it has ended; cancelled, it only begins again",
    )


def _hidden(looked: Looked) -> Iterator[Finding]:
    role = looked.server.role
    grant = f"look as a role that may: GRANT pg_read_all_stats TO {role}"
    hidden = [one for one in looked.sessions if one.hidden and (one.locked or one.has_snapshot)]
    for session in hidden:
        if session.locked:
            yield Finding(
                Check.TRANSACTIONS,
                Severity.UNKNOWN,
                _places(session, looked),
                f"{who(session)} holds locks on {session.locked} of the relations to be changed; "
                f"role {role} may not see for how long, nor whether it prevents wraparound",
                grant,
            )
    if elsewhere := [who(one) for one in hidden if not one.locked]:
        yield Finding(
            Check.TRANSACTIONS,
            Severity.UNKNOWN,
            "the database",
            f"role {role} may not see how long the transactions of {some(elsewhere)} are open",
            grant,
        )


def _prepared(one: Prepared, looked: Looked) -> Finding:
    held = sorted({looked.place(oid) for oid, _ in one.locks if looked.changes(oid)})
    holds = f"holds locks on {some(held)}" if held else "holds back VACUUM"
    severity = Severity.NOTE if one.open_s < LONG_ELSEWHERE_S else Severity.WARNING
    return Finding(
        Check.PREPARED,
        Severity.ERROR if held else severity,
        some(held) or text(one.gid),
        f"the prepared transaction {text(one.gid)} of role {one.owner}, {lasting(one.open_s)} old, "
        f"{holds} until somebody ends it, even across a restart",
        remedy(one.gid),
    )
