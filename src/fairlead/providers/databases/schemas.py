"""What shape has a database? Read as `pg_dump` tells it, without keeping anyone waiting."""

from fairlead.migrations.schema import Schema, read
from fairlead.providers.databases import programs

# Ours and Supabase's record of migrations is no part of the app's shape.
LEDGER = "supabase_migrations"
_LOCK_WAIT_MS = 2000
_TIMEOUT_S = 300.0
# It only has to be the same each time: nobody runs this text.
_KEY = "fairlead"


def schema(url: str) -> Schema:
    """Return the shape of everything in a database but the record of its migrations.

    It reads with ACCESS SHARE, and gives up on a table that is locked against reading for 2 s.

    Errors: `Temporary` when it does not answer, `Permanent` when `pg_dump` cannot read it all.
    """
    return _dumped(url, f"--exclude-schema={LEDGER}")


def whole_schema(url: str, snapshot: str = "") -> Schema:
    """Return the shape of everything, as a snapshot that another session exported sees it.

    Errors: as those of `schema`.
    """
    return _dumped(url, *([f"--snapshot={snapshot}"] if snapshot else []))


def _dumped(url: str, *more: str) -> Schema:
    words = (
        *("pg_dump", "--schema-only", f"--lock-wait-timeout={_LOCK_WAIT_MS}", "--encoding=UTF8"),
        # Whom a database listens to is no shape, and the address can have a password in it.
        *("--no-subscriptions", f"--restrict-key={_KEY}", *more),
    )
    told = programs.run(words, url, timeout_s=_TIMEOUT_S)
    return read(told.decode("utf-8", "replace"))
