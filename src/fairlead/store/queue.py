"""Who goes first? One run at a time changes an environment, and not all can build at once."""

from fairlead.release.progress import Run
from fairlead.store.database import Tx

# Checks and builds are heavy on the machine: so many runs do them side by side.
BUILDS_AT_ONCE = 2
_LOCK = 7_310_004
# Who has begun goes first; of those that wait, the way back, then the oldest.
_ORDER = """
SELECT r.id
FROM runs r JOIN stages s ON s.run = r.id
WHERE r.finished_at IS NULL AND s.kind <> 'approve'
  AND s.environment = %(environment)s AND %(app)s IN ('', r.app)
GROUP BY r.id, r.kind, r.created_at, s.leg
HAVING bool_or(s.status IN ('pending', 'running'))
   AND NOT EXISTS (SELECT FROM stages before
                   WHERE before.run = r.id AND before.leg < s.leg AND before.status <> 'passed')
ORDER BY bool_and(s.status = 'pending'), r.kind <> 'rollback', r.created_at, r.id
"""


def ahead(tx: Tx, run: Run, environment: str) -> list[str]:
    """Return the runs for which this one has to wait; none when it is its turn.

    No environment stands for building and checking, for which runs of all apps wait together.
    Nobody else is told that it is his turn until the transaction ends.
    """
    app, places = (run.app, 1) if environment else ("", BUILDS_AT_ONCE)
    place = f"{app}/{environment}"
    tx.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", (_LOCK, place))
    rows = tx.execute(_ORDER, {"app": app, "environment": environment})
    order = [row["id"] for row in rows]
    before = order[: order.index(run.id)] if run.id in order else order
    return before[:places] if len(before) >= places else []
