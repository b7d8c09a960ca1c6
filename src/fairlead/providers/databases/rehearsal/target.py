"""What is the database that is to be changed? Only read, and nobody is kept waiting."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from fairlead.providers.databases.address import read
from fairlead.providers.databases.ledger import refuse_our_own
from fairlead.providers.databases.session import Session, session

APPLICATION = "fairlead rehearsal"
_SETTINGS = ("default_transaction_read_only = on", "lock_timeout = '100ms'", "row_security = off")
# What makes a change faster or slower, and what a role or database may set about names and texts.
_TIMING = (
    *("maintenance_work_mem", "work_mem", "max_parallel_maintenance_workers"),
    *("wal_level", "max_wal_size", "full_page_writes", "wal_compression"),
)
_MEANING = ("search_path", "timezone", "datestyle", "intervalstyle", "role", "work_mem")


@dataclass(frozen=True, slots=True)
class Role:
    """A role, its rights on the whole server, and the roles that it belongs to."""

    name: str
    rights: str
    groups: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Target:
    """The live database. `user` is who migrates it; `defaults` are `name=value` of that session.

    How it sorts texts tell `collation`, `ctype`, and `locale` with its `provider`.
    """

    shown: str
    version: int
    bytes: int
    user: str
    owner: str
    may_create: bool
    roles: tuple[Role, ...]
    encoding: str
    collation: str
    ctype: str
    provider: str
    locale: str
    settings: dict[str, str]
    defaults: tuple[str, ...]
    extensions: tuple[str, ...]

    @property
    def major(self) -> int:
        """Return the version's first number."""
        return self.version // 10000


@contextmanager
def visiting(url: str, application: str = APPLICATION) -> Iterator[Session]:
    """Give a session at the target that only reads, and waits for no lock longer than 100 ms."""
    with session(url, application) as open_one:
        for setting in _SETTINGS:
            open_one.execute(f"SET {setting}")
        yield open_one


def look(url: str) -> Target:
    """Return what is to be known of the target.

    Errors: as those of `session`; `Refused` for the database that Fairlead keeps its state in.
    """
    with visiting(url) as asked:
        refuse_our_own(asked)
        whole = _one(
            asked,
            """
            SELECT pg_database_size(datname) AS bytes, current_user AS user,
              pg_get_userbyid(datdba) AS owner,
              has_database_privilege(datname, 'CREATE') AS may_create,
              pg_encoding_to_char(encoding) AS encoding, datcollate AS collation,
              datctype AS ctype,
              CASE datlocprovider WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin' ELSE 'libc' END
                AS provider,
              -- Its name has changed between the versions.
              coalesce(to_jsonb(d) ->> 'datlocale', to_jsonb(d) ->> 'daticulocale', '') AS locale
            FROM pg_database d WHERE datname = current_database()
            """,
        )
        names = asked.execute(
            "SELECT name, setting FROM pg_settings WHERE name = ANY(%s)",
            [list(_TIMING)],
        )
        settings = {row["name"]: row["setting"] for row in names}
        extensions = asked.execute("SELECT extname AS name FROM pg_extension ORDER BY 1").fetchall()
        return Target(
            shown=read(url).shown,
            version=asked.info.server_version,
            roles=_roles(asked),
            settings=settings,
            defaults=_defaults(asked),
            extensions=tuple(row["name"] for row in extensions),
            **whole,
        )


def _one(asked: Session, question: str) -> dict[str, Any]:
    row = asked.execute(question.encode()).fetchone()
    assert row is not None
    return row


def _roles(asked: Session) -> tuple[Role, ...]:
    rows = asked.execute(
        """
        SELECT rolname AS name, concat_ws(' ',
            CASE WHEN rolsuper THEN 'SUPERUSER' END, CASE WHEN NOT rolinherit THEN 'NOINHERIT' END,
            CASE WHEN rolcreaterole THEN 'CREATEROLE' END,
            CASE WHEN rolcreatedb THEN 'CREATEDB' END,
            CASE WHEN rolbypassrls THEN 'BYPASSRLS' END) AS rights,
          ARRAY(SELECT DISTINCT g.rolname::text FROM pg_auth_members m
            JOIN pg_roles g ON g.oid = m.roleid WHERE m.member = r.oid
              AND g.rolname <> 'pg_database_owner') AS groups
        FROM pg_roles r WHERE rolname !~ '^pg_' ORDER BY 1
        """
    ).fetchall()
    return tuple(Role(row["name"], row["rights"], tuple(row["groups"])) for row in rows)


def _defaults(asked: Session) -> tuple[str, ...]:
    """Return what the database and the role set for a session, the weaker first."""
    rows = asked.execute(
        """
        SELECT unnest(setconfig) AS setting FROM pg_db_role_setting
        WHERE setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
          AND setrole IN (0, (SELECT oid FROM pg_roles WHERE rolname = current_user))
        ORDER BY setrole <> 0, setdatabase <> 0
        """
    ).fetchall()
    found = {
        row["setting"].partition("=")[0].lower(): row["setting"]
        for row in rows
        if row["setting"].partition("=")[0].lower() in _MEANING
    }
    return tuple(found.values())
