"""Which migrations does a database remember? The Supabase CLI's table, and one of our own."""

from fairlead.errors import Refused
from fairlead.migrations.cost import Cost
from fairlead.migrations.file import MigrationFile
from fairlead.migrations.ledger import Applied, Ledger, Step, up_version
from fairlead.migrations.relation import Name
from fairlead.migrations.statement import Statement
from fairlead.providers.databases import promises
from fairlead.providers.databases.session import Session

# The first four statements are the Supabase CLI's own, so that either may come first.
_TABLES = (
    "CREATE SCHEMA IF NOT EXISTS supabase_migrations",
    "CREATE TABLE IF NOT EXISTS supabase_migrations.schema_migrations "
    "(version text NOT NULL PRIMARY KEY)",
    "ALTER TABLE supabase_migrations.schema_migrations ADD COLUMN IF NOT EXISTS statements text[]",
    "ALTER TABLE supabase_migrations.schema_migrations ADD COLUMN IF NOT EXISTS name text",
    """
    CREATE TABLE IF NOT EXISTS supabase_migrations.fairlead_statements (
      version text NOT NULL,
      number integer NOT NULL CHECK (number > 0),
      checksum text NOT NULL,
      file_checksum text NOT NULL,
      began_at timestamptz NOT NULL,
      ended_at timestamptz CHECK (ended_at >= began_at),
      PRIMARY KEY (version, number)
    )
    """,
    """
    CREATE TABLE IF NOT EXISTS supabase_migrations.fairlead_costs (
      version text NOT NULL,
      ended_at timestamptz NOT NULL DEFAULT clock_timestamp(),
      applied boolean NOT NULL,
      blocked_client_s double precision NOT NULL,
      worst_wait_ms double precision NOT NULL,
      lock_tries integer NOT NULL,
      seconds double precision NOT NULL,
      PRIMARY KEY (version, ended_at)
    )
    """,
    promises.TABLE,
)


def refuse_our_own(session: Session) -> None:
    """Refuse the database in which Fairlead keeps its own state."""
    if _there(session, "fairlead.journal") and _there(session, "fairlead.deployment_audit"):
        raise Refused(
            "this is the database in which Fairlead keeps its own state: name the app's with --url"
        )


def prepare(session: Session) -> None:
    """Make the tables that are missing; those that are there are not touched."""
    if _is_complete(session):
        return
    with session.transaction():
        session.execute("SET LOCAL lock_timeout = '4s'")
        for statement in _TABLES:
            session.execute(statement)


def _there(session: Session, table: str) -> bool:
    found = session.execute("SELECT to_regclass(%s) IS NOT NULL AS there", [table]).fetchone()
    return bool(found and found["there"])


def _is_complete(session: Session) -> bool:
    columns = session.execute(
        """
        SELECT attname FROM pg_attribute
        WHERE attrelid = to_regclass('supabase_migrations.schema_migrations') AND attnum > 0
        """
    ).fetchall()
    known = {row["attname"] for row in columns}
    ours = ("fairlead_statements", "fairlead_costs", "fairlead_promises")
    return known >= {"version", "statements", "name"} and all(
        _there(session, f"supabase_migrations.{table}") for table in ours
    )


def read(session: Session) -> Ledger:
    """Return what the database remembers, and which relations it has; it is not changed."""
    made = _there(session, "supabase_migrations.fairlead_promises")
    promise = promises.read(session) if made else None
    return Ledger(_applied(session), _steps(session), _relations(session), promise)


def _applied(session: Session) -> dict[str, Applied]:
    if not _there(session, "supabase_migrations.schema_migrations"):
        return {}
    # A ledger made by an older CLI may lack the columns `name` and `statements`.
    rows = session.execute(
        """
        SELECT version, to_jsonb(m) ->> 'name' AS name, to_jsonb(m) -> 'statements' AS statements
        FROM supabase_migrations.schema_migrations m
        """
    ).fetchall()
    return {
        row["version"]: Applied(
            row["version"],
            row["name"] or "",
            _texts(row["statements"]),
        )
        for row in rows
    }


def _texts(kept: object) -> tuple[str, ...] | None:
    """Return the statements; None when there are none, or when one is NULL or no text."""
    if not isinstance(kept, list) or not all(isinstance(text, str) for text in kept):
        return None
    return tuple(kept) or None


def _steps(session: Session) -> dict[str, tuple[Step, ...]]:
    if not _there(session, "supabase_migrations.fairlead_statements"):
        return {}
    rows = session.execute(
        """
        SELECT version, number, checksum, began_at, ended_at
        FROM supabase_migrations.fairlead_statements ORDER BY version, number
        """
    ).fetchall()
    steps: dict[str, tuple[Step, ...]] = {}
    for row in rows:
        steps[row["version"]] = (*steps.get(row["version"], ()), Step(**row))
    return steps


def _relations(session: Session) -> frozenset[Name]:
    rows = session.execute(
        """
        SELECT nspname, relname FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace
        WHERE nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
        """
    ).fetchall()
    return frozenset(
        Name((row["relname"],) if row["nspname"] == "public" else (row["nspname"], row["relname"]))
        for row in rows
    )


def begin(session: Session, file: MigrationFile, statement: Statement) -> None:
    """Remember that a statement is begun; once more for one that is begun again."""
    session.execute(
        """
        INSERT INTO supabase_migrations.fairlead_statements
          (version, number, checksum, file_checksum, began_at)
        VALUES (%s, %s, %s, %s, clock_timestamp())
        ON CONFLICT (version, number) DO UPDATE SET
          checksum = excluded.checksum, file_checksum = excluded.file_checksum,
          began_at = excluded.began_at, ended_at = NULL
        """,
        [file.version, statement.number, statement.checksum, file.checksum],
    )


def end(session: Session, file: MigrationFile, statement: Statement) -> None:
    """Remember that a statement is done."""
    session.execute(
        """
        UPDATE supabase_migrations.fairlead_statements
        SET ended_at = greatest(began_at, clock_timestamp())
        WHERE version = %s AND number = %s
        """,
        [file.version, statement.number],
    )


def forget(session: Session, file: MigrationFile, statement: Statement) -> None:
    """Forget a statement that was begun and that the server refused."""
    session.execute(
        """
        DELETE FROM supabase_migrations.fairlead_statements
        WHERE version = %s AND number = %s AND ended_at IS NULL
        """,
        [file.version, statement.number],
    )


def finish(session: Session, file: MigrationFile) -> None:
    """Remember a whole file as applied, as the Supabase CLI does."""
    session.execute(
        """
        INSERT INTO supabase_migrations.schema_migrations (version, name, statements)
        VALUES (%s, %s, %s)
        """,
        [file.version, file.name, file.texts],
    )


def take_back(session: Session, file: MigrationFile) -> None:
    """Forget the migration that a file takes back, and every statement of both."""
    version = up_version(file.version)
    session.execute(
        "DELETE FROM supabase_migrations.fairlead_statements WHERE version IN (%s, %s)",
        [version, file.version],
    )
    session.execute(
        "DELETE FROM supabase_migrations.schema_migrations WHERE version = %s", [version]
    )


def remember_cost(session: Session, file: MigrationFile, cost: Cost, *, applied: bool) -> None:
    """Remember what it cost to apply a file, or to try it; a killed run leaves no such row."""
    session.execute(
        """
        INSERT INTO supabase_migrations.fairlead_costs
          (version, applied, blocked_client_s, worst_wait_ms, lock_tries, seconds)
        VALUES (%s, %s, %s, %s, %s, %s)
        """,
        [
            file.version,
            applied,
            cost.blocked_client_s,
            cost.worst_wait_ms,
            cost.lock_tries,
            cost.seconds,
        ],
    )
