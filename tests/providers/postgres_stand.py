"""A real PostgreSQL as a user's own would be: prepared transactions, slots, many locks allowed."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from fairlead.providers.databases.cluster import MAJOR
from fairlead.providers.databases.scratch import scratch
from room import ROOM

# The versions that are to be had here.
MAJORS = (18, 16)

SETTINGS = {
    "max_connections": "40",
    "shared_buffers": "32MB",
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
def a_postgres(major: int = MAJOR, **more: str) -> Iterator[str]:
    """Give the URL of a server's `postgres` database, as superuser; it is gone afterwards."""
    newer = {} if major < 18 else {"io_method": "sync"}
    with scratch(ROOM, major, SETTINGS | newer | more) as server:
        yield server.url


def database(url: str, name: str) -> str:
    """Make a database on the server, and return its URL."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return url.replace("/postgres?", f"/{name}?")
