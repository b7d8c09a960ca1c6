"""Who goes first in an environment? One run at a time changes it; the others wait in order."""

from fairlead.release.progress import Run
from fairlead.store.database import Tx, one

_LOCK = 7_310_004
# A leg that holds the environment goes first; of those that wait, the way back, then the oldest.
_FIRST = """
SELECT r.id
FROM runs r JOIN stages s ON s.run = r.id
WHERE r.app = %s AND r.finished_at IS NULL AND s.environment = %s AND s.kind <> 'approve'
GROUP BY r.id, r.kind, r.created_at, s.leg
HAVING bool_or(s.status IN ('pending', 'running'))
   AND NOT EXISTS (SELECT FROM stages before
                   WHERE before.run = r.id AND before.leg < s.leg AND before.status <> 'passed')
ORDER BY bool_and(s.status = 'pending'), r.kind <> 'rollback', r.created_at, r.id
LIMIT 1
"""


def ahead(tx: Tx, run: Run, environment: str) -> str:
    """Return the run that goes first in an environment; empty when it is this one.

    Nobody else is told that it is his turn until the transaction ends.
    """
    place = f"{run.app}/{environment}"
    tx.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", (_LOCK, place))
    first = one(tx, _FIRST, run.app, environment)
    return "" if first is None or first["id"] == run.id else str(first["id"])
