"""What is a release made of? Its software bill of materials, written once, never changed."""

import hashlib
import json
from datetime import datetime
from typing import Any

from fairlead.errors import Permanent
from fairlead.store.database import Tx, one


def save(tx: Tx, app: str, release: str, document: str, now: datetime) -> str:
    """Keep the document of a release that is on record; the first one stays.

    Its digest (SHA-256, hex) is returned.
    """
    digest = _digest(document)
    tx.execute(
        "INSERT INTO sboms (app, release, document, digest, created_at) "
        "VALUES (%s, %s, %s, %s, %s) ON CONFLICT (app, release) DO NOTHING",
        (app, release, document, digest, now),
    )
    return digest


def is_kept(tx: Tx, app: str, release: str) -> bool:
    """Tell whether a release has one."""
    found = one(tx, "SELECT 1 AS kept FROM sboms WHERE app = %s AND release = %s", app, release)
    return found is not None


def text(tx: Tx, app: str, release: str) -> str | None:
    """Return the document as it was written; None when the release has none.

    Errors: `Permanent` when a byte of it was changed since.
    """
    asked = "SELECT document, digest FROM sboms WHERE app = %s AND release = %s"
    row = one(tx, asked, app, release)
    if row is None:
        return None
    if _digest(row["document"]) != row["digest"]:
        raise Permanent(
            f"the SBOM of release {release} was changed after it was kept and is refused: restore "
            "it from a backup"
        )
    return str(row["document"])


def find(tx: Tx, app: str, release: str) -> dict[str, Any] | None:
    """Return the document as data. Errors: as `text`."""
    told = text(tx, app, release)
    return dict(json.loads(told)) if told is not None else None


def _digest(document: str) -> str:
    return hashlib.sha256(document.encode()).hexdigest()
