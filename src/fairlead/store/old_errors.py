"""Which errors are let go of? Old ones, and all but the newest of a fault that never stops.

However many an application reports, what is kept of them has an end.
"""

from datetime import datetime, timedelta

from fairlead.store.database import Tx
from fairlead.store.errors import ALL_KEPT, KEPT, Place

FAULTS_KEPT = timedelta(days=180)
# Of each fault so many single events are kept that are older than `ALL_KEPT`; how often it happened
# is counted all the same.
MOST_EVENTS = 1_000
# Of each environment so many faults are kept: those that happened last.
MOST_FAULTS = 10_000
# Of each fault, and of each minute, so many releases are told apart: names come from applications.
MOST_RELEASES = 100
# A fault that has not happened for so long has no more than that.
_LATELY = timedelta(days=1)
# So many are let go of in one transaction, so that nothing waits for it.
MOST_AT_ONCE, MOST_FAULTS_AT_ONCE = 20_000, 5_000
_OLD = "SELECT ctid FROM error_events WHERE at < %(before)s ORDER BY at LIMIT %(most)s"
_CROWD = """
SELECT crowd.id FROM error_groups g CROSS JOIN LATERAL (
  SELECT ctid AS id FROM error_events WHERE app = g.app AND environment = g.environment
    AND fingerprint = g.fingerprint AND at < %(before)s ORDER BY at DESC OFFSET %(kept)s
) crowd WHERE g.events > %(kept)s AND g.last_seen >= %(lately)s LIMIT %(most)s"""
_RELEASES = """
SELECT crowd.id FROM error_groups g CROSS JOIN LATERAL (
  SELECT ctid AS id FROM error_releases WHERE app = g.app AND environment = g.environment
    AND fingerprint = g.fingerprint ORDER BY last_seen DESC OFFSET %(kept)s
) crowd WHERE g.events > %(kept)s AND g.last_seen >= %(lately)s LIMIT %(most)s"""
# What more releases had in a minute is told as of none.
_MINUTES = """
WITH ranked AS (
  SELECT app, environment, began, release, row_number() OVER (
    PARTITION BY app, environment, began ORDER BY events DESC, release) AS place
  FROM error_minutes WHERE began >= %(lately)s AND began < %(before)s AND release <> ''
), gone AS (
  DELETE FROM error_minutes WHERE ctid = ANY(ARRAY(
    SELECT m.ctid FROM error_minutes m JOIN ranked USING (app, environment, began, release)
    WHERE place > %(kept)s LIMIT %(most)s FOR UPDATE OF m SKIP LOCKED))
  RETURNING app, environment, began, events
)
INSERT INTO error_minutes AS known (app, environment, release, began, events)
SELECT app, environment, '', began, sum(events) FROM gone GROUP BY 1, 2, 4
ON CONFLICT (app, environment, began, release) DO UPDATE SET
  events = known.events + EXCLUDED.events"""
# A fault that happens just now is passed over: who keeps it must not wait for a lock that waits for
# its own.
_FAULTS = """
WITH ranked AS (
  SELECT app, environment, fingerprint,
    row_number() OVER (PARTITION BY app, environment ORDER BY last_seen DESC) AS place
  FROM error_groups
)
DELETE FROM error_groups WHERE ctid = ANY(ARRAY(
  SELECT g.ctid FROM error_groups g JOIN ranked USING (app, environment, fingerprint)
  WHERE place > %(faults)s OR g.last_seen < %(before)s LIMIT %(most)s
  FOR UPDATE OF g SKIP LOCKED))
RETURNING app, environment, fingerprint"""
_OF_FAULTS = "WHERE app = %s AND environment = %s AND fingerprint = ANY(%s)"


def forget(tx: Tx, now: datetime) -> int:
    """Let go of what is not kept any more, some of each at once; return how much that was.

    Nothing is left to be let go of when it is 0.
    """
    tx.execute("DELETE FROM error_minutes WHERE began < %s", (now - KEPT,))
    asked = {"before": now - ALL_KEPT, "lately": now - _LATELY, "most": MOST_AT_ONCE}
    return (
        tx.execute(_MINUTES, asked | {"kept": MOST_RELEASES}).rowcount
        + _let_go(tx, "error_releases", _RELEASES, asked | {"kept": MOST_RELEASES})
        + _let_go(tx, "error_events", _CROWD, asked | {"kept": MOST_EVENTS})
        + _let_go(tx, "error_events", _OLD, asked | {"before": now - KEPT})
        + _faults(tx, now)
    )


def _faults(tx: Tx, now: datetime) -> int:
    """Let go of faults with all that is kept of them.

    They are named in one list for each place: joined row by row, a database that has not yet looked
    at what it holds may search all events of a place for each fault.
    """
    asked = {"faults": MOST_FAULTS, "before": now - FAULTS_KEPT, "most": MOST_FAULTS_AT_ONCE}
    rows = tx.execute(_FAULTS, asked).fetchall()
    places: dict[Place, list[str]] = {}
    for row in rows:
        places.setdefault((row["app"], row["environment"]), []).append(row["fingerprint"])
    for place, fingerprints in places.items():
        for table in ("error_releases", "error_events"):
            tx.execute(f"DELETE FROM {table} {_OF_FAULTS}", (*place, fingerprints))
    return len(rows)


def _let_go(tx: Tx, table: str, which: str, asked: dict[str, object]) -> int:
    statement = f"DELETE FROM {table} WHERE ctid = ANY(ARRAY({which}))"
    return tx.execute(statement, asked).rowcount
