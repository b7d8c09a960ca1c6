"""Which faults that applications report are new, and which happened last?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from fairlead.store.database import Tx, many, one

Place = tuple[str, str]
"""An app and its environment."""


def count(tx: Tx, place: Place, releases: Sequence[str], since: tuple[datetime, datetime]) -> int:
    """Return how many open faults are new.

    They happened after the first moment of `since`, and were first seen in one of the releases or
    after the second moment: applications may name their releases otherwise than we do.
    """
    happened, first = since
    row = one(
        tx,
        "SELECT count(*) AS faults FROM error_groups WHERE app = %s AND environment = %s "
        "AND last_seen >= %s AND resolved_at IS NULL AND severity IN ('error', 'critical') "
        "AND (first_release = ANY(%s) OR first_seen >= %s)",
        *place,
        happened,
        [*releases],
        first,
    )
    return int(row["faults"]) if row else 0


def any_reported(tx: Tx, place: Place) -> bool:
    """Tell whether an application has ever reported an error there."""
    return bool(
        one(
            tx,
            "SELECT 1 AS found FROM error_groups WHERE app = %s AND environment = %s LIMIT 1",
            *place,
        )
    )


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault that happened; `events` counts all of it, `release` is the one that had it first."""

    fingerprint: str
    component: str
    severity: str
    title: str
    events: int
    first_seen: datetime
    last_seen: datetime
    release: str


def newest(tx: Tx, place: Place, since: datetime, most: int) -> list[Fault]:
    """Return the faults that happened since then, the one that happened last first."""
    rows = many(
        tx,
        "SELECT fingerprint, component, severity, title, events, first_seen, last_seen, "
        "first_release AS release FROM error_groups WHERE app = %s AND environment = %s "
        "AND last_seen >= %s ORDER BY last_seen DESC, fingerprint LIMIT %s",
        *place,
        since,
        most,
    )
    return [Fault(**row) for row in rows]
