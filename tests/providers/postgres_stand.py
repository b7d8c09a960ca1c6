"""A real PostgreSQL as a user's own would be: prepared transactions, slots, many locks allowed."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from fairlead.providers.databases.scratch import scratch

SETTINGS = {
    "max_connections": "40",
    "shared_buffers": "32MB",
    "io_method": "sync",
    "max_prepared_transactions": "10",
    "max_locks_per_transaction": "1000",
    "wal_level": "logical",
    "max_wal_senders": "10",
    "max_replication_slots": "10",
    "autovacuum_naptime": "1s",
    # A server elsewhere must not change what is read.
    "timezone": "America/Caracas",
}


@contextmanager
def a_postgres(**more: str) -> Iterator[str]:
    """Give the URL of a server's `postgres` database, as superuser; it is gone afterwards."""
    with scratch(Path("/tmp"), settings=SETTINGS | more) as server:
        yield server.url


def database(url: str, name: str) -> str:
    """Make a database on the server, and return its URL."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return url.replace("/postgres?", f"/{name}?")
