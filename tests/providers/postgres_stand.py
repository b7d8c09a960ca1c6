"""A real PostgreSQL as a user's own would be: prepared transactions, slots, many locks allowed."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import psycopg

from fairlead.providers.databases.cluster import BINARIES, account, give, make

SETTINGS = {
    "listen_addresses": "",
    "max_connections": "40",
    "shared_buffers": "32MB",
    "io_method": "sync",
    "max_prepared_transactions": "10",
    "max_locks_per_transaction": "1000",
    "wal_level": "logical",
    "max_replication_slots": "10",
    "autovacuum_naptime": "1s",
    # A lost test database is no loss; a server elsewhere must not change what is read.
    "fsync": "off",
    "timezone": "America/Caracas",
}


@contextmanager
def a_postgres(**more: str) -> Iterator[str]:
    """Give the URL of a server's `postgres` database, as superuser; it is gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="fl-pg-", dir="/tmp"))
    owner, data, sockets = account(), folder / "data", folder / "run"
    make(data, owner)
    give(sockets, owner)
    settings = [part for pair in (SETTINGS | more).items() for part in ("-c", "=".join(pair))]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [str(BINARIES / "postgres"), "-D", str(data), "-k", str(sockets), *settings],
            cwd="/",
            env={"LC_ALL": "C", "TZ": "UTC"},
            stdout=log,
            stderr=log,
            user=owner.uid if owner.name else None,
            group=owner.gid if owner.name else None,
            extra_groups=[] if owner.name else None,
        )
    url = f"postgresql://postgres@/postgres?host={quote(str(sockets), safe='')}"
    try:
        _await(url)
        yield url
    finally:
        os.kill(process.pid, signal.SIGQUIT)
        process.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


def database(url: str, name: str) -> str:
    """Make a database on the server, and return its URL."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return url.replace("/postgres?", f"/{name}?")


def _await(url: str) -> None:
    deadline = time.monotonic() + 20
    while True:
        try:
            psycopg.connect(url).close()
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        else:
            return
