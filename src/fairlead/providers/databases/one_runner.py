"""Who may migrate a database now? One runner, for as long as its session lives."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import psycopg

from fairlead.errors import Refused, Temporary
from fairlead.providers.databases.session import Session

# Two numbers of our own: an advisory lock has no name.
_KEYS = (70_641, 2)
_POLL_S = 0.2

Tell = Callable[[str], None]


@contextmanager
def one_runner(session: Session, wait_s: float, tell: Tell) -> Iterator[None]:
    """Hold the lock of this database until the block ends; another runner may take `wait_s`.

    The lock is asked for again and again instead of waited for: a waiting session would keep a
    CREATE INDEX CONCURRENTLY of the runner before waiting too.

    Errors: `Refused` with who holds it.
    """
    deadline = time.monotonic() + wait_s
    waiting = False
    while not _taken(session):
        if time.monotonic() >= deadline:
            raise Refused(
                f"another runner migrates this database: {_holder(session)}: wait for it, or say "
                "--wait SECONDS"
            )
        if not waiting:
            waiting = True
            tell(f"waits up to {wait_s:g} s for {_holder(session)}")
        time.sleep(_POLL_S)
    try:
        yield
    finally:
        # Closing the session lets go of it too.
        with suppress(psycopg.Error):
            session.execute("SELECT pg_advisory_unlock(%s::int, %s::int)", _KEYS)


def check_still_held(session: Session) -> None:
    """Refuse to go on when the session that holds the lock is no longer ours.

    A pooler that gives every transaction another session would let two runners in.
    """
    found = session.execute(
        """
        SELECT FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid() AND granted
        AND classid = %s::int::oid AND objid = %s::int::oid AND objsubid = 2
        """,
        _KEYS,
    ).fetchone()
    if found is None:
        raise Temporary(
            "the lock that keeps a second runner out is lost: go to PostgreSQL itself or a pooler "
            "in session mode (on Supabase port 5432, not 6543), and run it again"
        )


def _taken(session: Session) -> bool:
    row = session.execute(
        "SELECT pg_try_advisory_lock(%s::int, %s::int) AS taken", _KEYS
    ).fetchone()
    return bool(row and row["taken"])


def _holder(session: Session) -> str:
    row = session.execute(
        """
        SELECT l.pid, a.usename, a.application_name, host(a.client_addr) AS host,
          to_char(a.backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS') AS since
        FROM pg_locks l LEFT JOIN pg_stat_activity a USING (pid)
        WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 2
          AND l.classid = %s::int::oid AND l.objid = %s::int::oid
          AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
        """,
        _KEYS,
    ).fetchone()
    if row is None:
        return "a runner that has just ended"
    # Who is no superuser is not told everything about other people's sessions.
    host = f" from {row['host']}" if row["host"] else ""
    since = f", connected since {row['since']} UTC" if row["since"] else ""
    return (
        f"{row['application_name'] or 'a session'} of {row['usename'] or 'somebody'}{host}, "
        f"backend {row['pid']}{since}"
    )
