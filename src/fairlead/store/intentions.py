"""What people want of a running run: it reads them and decides."""

from dataclasses import dataclass
from datetime import datetime

from fairlead.store.database import Tx, one


@dataclass(frozen=True, slots=True)
class Intention:
    """Somebody wants a run to stop, or its environment to go back."""

    run: str
    kind: str
    person: str
    reason: str
    at: datetime


def add(tx: Tx, intention: Intention) -> None:
    """Keep an intention."""
    tx.execute(
        "INSERT INTO intentions (run, kind, person, reason, at) VALUES (%s, %s, %s, %s, %s)",
        (intention.run, intention.kind, intention.person, intention.reason, intention.at),
    )


def first(tx: Tx, run: str) -> Intention | None:
    """Return the first thing wanted of a run; None when nothing is."""
    row = one(
        tx,
        "SELECT run, kind, person, reason, at FROM intentions WHERE run = %s ORDER BY id LIMIT 1",
        run,
    )
    return Intention(**row) if row else None
