"""Which errors are let go of? Old ones, and all but the newest of a fault that never stops.

However many an application reports, what is kept of them has an end.
"""

from datetime import datetime, timedelta

from fairlead.store.database import Tx
from fairlead.store.errors import ALL_KEPT, KEPT

FAULTS_KEPT = timedelta(days=180)
# Of each fault so many single events are kept that are older than `ALL_KEPT`; how often it happened
# is counted all the same.
MOST_EVENTS = 1_000
# Of each environment so many faults are kept: those that happened last.
MOST_FAULTS = 10_000
# A fault that has not happened for so long has no more than that.
_LATELY = timedelta(days=1)
# So many are let go of in one transaction, so that nothing waits for it.
MOST_AT_ONCE = 20_000
_OLD = "SELECT ctid FROM error_events WHERE at < %(before)s ORDER BY at LIMIT %(most)s"
_CROWD = """
SELECT crowd.id FROM error_groups g CROSS JOIN LATERAL (
  SELECT ctid AS id FROM error_events WHERE app = g.app AND environment = g.environment
    AND fingerprint = g.fingerprint AND at < %(before)s ORDER BY at DESC OFFSET %(kept)s
) crowd WHERE g.events > %(kept)s AND g.last_seen >= %(lately)s LIMIT %(most)s"""
# A fault that happens just now is passed over: who keeps it must not wait for a lock that waits for
# its own.
_FORGOTTEN_FAULTS = """
WITH ranked AS (
  SELECT app, environment, fingerprint,
    row_number() OVER (PARTITION BY app, environment ORDER BY last_seen DESC) AS place
  FROM error_groups
), forgotten AS (
  DELETE FROM error_groups WHERE ctid = ANY(ARRAY(
    SELECT g.ctid FROM error_groups g JOIN ranked USING (app, environment, fingerprint)
    WHERE place > %(faults)s OR g.last_seen < %(before)s LIMIT %(most)s
    FOR UPDATE OF g SKIP LOCKED))
  RETURNING app, environment, fingerprint
), of_releases AS (
  DELETE FROM error_releases USING forgotten f WHERE error_releases.app = f.app
    AND error_releases.environment = f.environment AND error_releases.fingerprint = f.fingerprint
), of_events AS (
  DELETE FROM error_events USING forgotten f WHERE error_events.app = f.app
    AND error_events.environment = f.environment AND error_events.fingerprint = f.fingerprint
)
SELECT count(*) AS faults FROM forgotten"""


def forget(tx: Tx, now: datetime) -> int:
    """Let go of what is not kept any more, some of each at once; return how many events and faults.

    Nothing is left to be let go of when it is 0.
    """
    tx.execute("DELETE FROM error_minutes WHERE began < %s", (now - KEPT,))
    crowd = {"before": now - ALL_KEPT, "kept": MOST_EVENTS, "lately": now - _LATELY}
    events = _let_go(tx, _OLD, {"before": now - KEPT}) + _let_go(tx, _CROWD, crowd)
    faults = {"faults": MOST_FAULTS, "before": now - FAULTS_KEPT, "most": MOST_AT_ONCE}
    row = tx.execute(_FORGOTTEN_FAULTS, faults).fetchone()
    return events + (int(row["faults"]) if row else 0)


def _let_go(tx: Tx, which: str, values: dict[str, object]) -> int:
    statement = f"DELETE FROM error_events WHERE ctid = ANY(ARRAY({which}))"
    return tx.execute(statement, values | {"most": MOST_AT_ONCE}).rowcount
