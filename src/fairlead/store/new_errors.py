"""Which reported errors are new? Faults that no release before had, and that go on."""

from collections.abc import Sequence
from datetime import datetime

from fairlead.store.database import Tx, one

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
