"""A real PostgreSQL, a database of its own for every test, and what is in it when all is done."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import count
from typing import Any

import psycopg

from fairlead.migrations.file import read_all
from fairlead.migrations.patience import Patience
from fairlead.providers.databases.cluster import MAJOR
from fairlead.providers.databases.migrations import Outcome, PostgresMigrations, Terms
from fairlead.providers.databases.scratch import scratch
from room import ROOM

_numbers = count(1)


@contextmanager
def a_server(major: int = MAJOR) -> Iterator[str]:
    """Start PostgreSQL and give its address until the block ends."""
    with scratch(ROOM, major) as server:
        yield server.url


def a_database(server_url: str) -> str:
    """Make an empty database and return its address."""
    name = f"shop_{next(_numbers)}"
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return server_url.replace("/postgres?", f"/{name}?")


def migrate(url: str, files: Mapping[str, str], **terms: Any) -> tuple[Outcome, list[str]]:
    """Apply files; return what became of it, and all that was told."""
    told: list[str] = []
    patience = Patience(terms.pop("budget_s", 5.0), terms.pop("retry_for_s", 10.0))
    read = read_all({name: sql.encode() for name, sql in files.items()})
    outcome = PostgresMigrations(url).migrate(read, Terms(patience=patience, **terms), told.append)
    return outcome, told


def ask(url: str, sql: str) -> list[tuple[Any, ...]]:
    """Run one statement and return its rows."""
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(sql)
        return cursor.fetchall() if cursor.description else []


def fingerprint(url: str) -> dict[str, list[tuple[Any, ...]]]:
    """Return columns, indexes, rows and ledger of a database, without anything that may differ."""
    return {
        "columns": ask(
            url,
            "SELECT relname, attname, format_type(atttypid, atttypmod), attnotnull "
            "FROM pg_attribute JOIN pg_class c ON c.oid = attrelid WHERE attnum > 0 "
            "AND relnamespace = 'public'::regnamespace ORDER BY 1, 2",
        ),
        "indexes": ask(
            url,
            "SELECT pg_get_indexdef(indexrelid), indisvalid FROM pg_index JOIN pg_class c "
            "ON c.oid = indexrelid WHERE relnamespace = 'public'::regnamespace ORDER BY 1",
        ),
        "files": ask(
            url, "SELECT version, name, statements FROM supabase_migrations.schema_migrations "
            "ORDER BY 1"
        ),
        "statements": ask(
            url, "SELECT version, number, checksum, file_checksum, ended_at IS NOT NULL "
            "FROM supabase_migrations.fairlead_statements ORDER BY 1, 2"
        ),
    }  # fmt: skip
