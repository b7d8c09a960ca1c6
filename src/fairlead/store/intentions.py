"""What people want of a running run: it reads them and decides."""

from dataclasses import dataclass
from datetime import datetime

from fairlead.store.database import Tx, one

_FIELDS = "run, kind, person, reason, at, environment, weight"


@dataclass(frozen=True, slots=True)
class Intention:
    """Somebody wants a run to stop, its environment to go back, or its canary to go on.

    A canary goes on from one `weight` in percent in one `environment`: once it has left that, the
    wish is fulfilled.
    """

    run: str
    kind: str
    person: str
    reason: str
    at: datetime
    environment: str = ""
    weight: int = 0


def add(tx: Tx, intention: Intention) -> bool:
    """Keep an intention; False when somebody has promoted from that weight before."""
    cursor = tx.execute(
        f"INSERT INTO intentions ({_FIELDS}) VALUES (%s, %s, %s, %s, %s, %s, %s) "
        "ON CONFLICT DO NOTHING",
        (
            intention.run,
            intention.kind,
            intention.person,
            intention.reason,
            intention.at,
            intention.environment,
            intention.weight,
        ),
    )
    return cursor.rowcount == 1


def first(tx: Tx, run: str) -> Intention | None:
    """Return the first wish that a run should end; None when nobody has it."""
    row = one(
        tx,
        f"SELECT {_FIELDS} FROM intentions WHERE run = %s AND kind <> 'promote' "
        "ORDER BY id LIMIT 1",
        run,
    )
    return Intention(**row) if row else None


def promotion(tx: Tx, run: str, environment: str, weight: int) -> Intention | None:
    """Return who sends a canary on from a weight in percent; None when nobody does."""
    row = one(
        tx,
        f"SELECT {_FIELDS} FROM intentions WHERE kind = 'promote' "
        "AND run = %s AND environment = %s AND weight = %s",
        run,
        environment,
        weight,
    )
    return Intention(**row) if row else None
