"""Which shape was a database promised to get? Kept there until it was seen to have it."""

from fairlead.migrations.ledger import Promise
from fairlead.providers.databases.session import Session

# One row: a later change promises anew.
TABLE = """
    CREATE TABLE IF NOT EXISTS supabase_migrations.fairlead_promises (
      single boolean PRIMARY KEY DEFAULT true CHECK (single),
      versions text[] NOT NULL,
      fingerprint text NOT NULL,
      made_at timestamptz NOT NULL DEFAULT clock_timestamp()
    )
    """


def read(session: Session) -> Promise | None:
    """Return what was promised and not seen yet."""
    row = session.execute(
        "SELECT versions, fingerprint FROM supabase_migrations.fairlead_promises"
    ).fetchone()
    return Promise(frozenset(row["versions"]), row["fingerprint"]) if row else None


def make(session: Session, promise: Promise) -> None:
    """Promise a shape, in place of any that was promised before."""
    session.execute(
        """
        INSERT INTO supabase_migrations.fairlead_promises (versions, fingerprint) VALUES (%s, %s)
        ON CONFLICT (single) DO UPDATE SET versions = excluded.versions,
          fingerprint = excluded.fingerprint, made_at = excluded.made_at
        """,
        [sorted(promise.versions), promise.fingerprint],
    )


def settle(session: Session, fingerprint: str) -> None:
    """Forget the promise of that shape: somebody has seen it, or takes the database as it is."""
    session.execute(
        "DELETE FROM supabase_migrations.fairlead_promises WHERE fingerprint = %s", [fingerprint]
    )
