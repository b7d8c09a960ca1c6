"""Whose transaction is in front of ours, and since when?"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fairlead.providers.databases.session import Session


@dataclass(frozen=True, slots=True)
class Holder:
    """A session in front, or a prepared transaction, then `pid` is None.

    `open_s` is how long its transaction has been open: None when we may not see it. What it runs
    is left out: a statement may hold secrets.
    """

    pid: int | None
    role: str | None
    application: str | None
    since: str | None
    open_s: float | None

    @property
    def sentence(self) -> str:
        """Return who it is, for people."""
        if self.pid is None:
            return "a prepared transaction held the lock (see pg_prepared_xacts)"
        who = f"{self.application or 'a session'} of {self.role or 'somebody'}"
        since = (
            f"its transaction open since {self.since} UTC for {self.open_s:.1f} s"
            if self.open_s is not None and self.since
            else "since when is not ours to see"
        )
        return f"backend {self.pid} ({who}, {since}) held the lock"


# The oldest of them; whoever may be older still, because we may not see it, comes first.
_OLDEST = """
SELECT f.pid, a.usename AS role, a.application_name AS application,
  to_char(a.xact_start AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS') AS since,
  CASE WHEN f.pid IS NULL THEN 'Infinity'::float8
    WHEN a.xact_start IS NOT NULL THEN
      extract(epoch FROM clock_timestamp() - a.xact_start)::float8
    WHEN pg_has_role(current_user, 'pg_read_all_stats', 'USAGE') THEN 0
  END AS open_s
FROM in_front f LEFT JOIN pg_stat_activity a ON a.pid = f.pid
ORDER BY open_s DESC NULLS FIRST LIMIT 1
"""

_HOLDING = f"""
WITH RECURSIVE family AS (
  SELECT * FROM unnest(%(oids)s::oid[], %(modes)s::text[]) AS w(oid, mode)
  UNION SELECT i.inhrelid, f.mode FROM pg_inherits i JOIN family f ON i.inhparent = f.oid
), in_front AS (
  SELECT DISTINCT l.pid FROM pg_locks l JOIN family f ON l.relation = f.oid AND l.mode = f.mode
  WHERE l.locktype = 'relation' AND l.granted AND l.pid IS DISTINCT FROM pg_backend_pid()
    AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
)
{_OLDEST}
"""  # noqa: S608 - put together from what stands above

_THESE = f"""
WITH in_front AS (
  SELECT DISTINCT nullif(pid, 0) AS pid FROM unnest(%(pids)s::int[]) AS pid
)
{_OLDEST}
"""  # noqa: S608


def holding(session: Session, locks: Iterable[tuple[int, str]]) -> Holder | None:
    """Return the oldest that holds one of the locks, by table and mode; None when nobody does."""
    pairs = list(locks)
    given: dict[str, Any] = {
        "oids": [oid for oid, _ in pairs],
        "modes": [mode for _, mode in pairs],
    }
    return _holder(session, _HOLDING, given)


def oldest(session: Session, pids: Sequence[int]) -> Holder | None:
    """Return the oldest of some sessions; as in `pg_blocking_pids`, 0 is a prepared transaction."""
    return _holder(session, _THESE, {"pids": list(pids)})


def _holder(session: Session, query: str, given: Mapping[str, Any]) -> Holder | None:
    row = session.execute(query, given).fetchone()
    return Holder(**row) if row else None
