"""Keys that applications report their errors with."""

from datetime import datetime

from fairlead.store.database import Tx, one

Place = tuple[str, str]


def add(tx: Tx, place: Place, digest: str, by: str, now: datetime) -> int:
    """Keep a key's digest; return the number of the project that it stands for."""
    row = one(
        tx,
        "INSERT INTO error_keys (app, environment, digest, made_by, made_at) "
        "VALUES (%s, %s, %s, %s, %s) RETURNING project",
        *place,
        digest,
        by,
        now,
    )
    assert row is not None
    return int(row["project"])


def place(tx: Tx, project: int, digest: str) -> Place | None:
    """Return which environment's errors may be reported; None for no key of ours, or a revoked."""
    row = one(
        tx,
        "SELECT app, environment FROM error_keys WHERE project = %s AND digest = %s "
        "AND revoked_at IS NULL",
        project,
        digest,
    )
    return (row["app"], row["environment"]) if row else None


def revoke(tx: Tx, place: Place, project: int, now: datetime) -> bool:
    """Make a key worthless; False when the environment has no such key."""
    return bool(
        tx.execute(
            "UPDATE error_keys SET revoked_at = %s WHERE app = %s AND environment = %s "
            "AND project = %s AND revoked_at IS NULL",
            (now, *place, project),
        ).rowcount
    )
