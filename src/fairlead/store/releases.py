"""Releases: written once, never changed."""

from collections.abc import Iterable
from datetime import datetime

from psycopg.types.json import Jsonb

from fairlead.release.release import Release
from fairlead.store.database import Tx, many, one


def save(tx: Tx, release: Release, now: datetime) -> None:
    """Keep a release; the first one built from a commit stays."""
    tx.execute(
        "INSERT INTO releases (app, id, sha, manifest, digest, created_at) "
        "VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT (app, id) DO NOTHING",
        (
            release.app,
            release.id,
            release.commit.sha,
            Jsonb(release.manifest()),
            release.digest,
            now,
        ),
    )


def find(tx: Tx, app: str, release_id: str) -> Release | None:
    """Return a release by its name; None when it was never built."""
    row = one(tx, "SELECT manifest FROM releases WHERE app = %s AND id = %s", app, release_id)
    return Release.from_manifest(row["manifest"]) if row else None


def built(tx: Tx, app: str, names: Iterable[str]) -> set[str]:
    """Return which of these names are those of releases that were built here."""
    asked = "SELECT id FROM releases WHERE app = %s AND id = ANY(%s)"
    return {row["id"] for row in many(tx, asked, app, [*names])}
