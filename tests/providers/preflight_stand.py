"""Sessions of a user's database that hold and wait for locks, and a look at it that must not."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psycopg

from fairlead.migrations.finding import Finding
from fairlead.migrations.identifier import names
from fairlead.migrations.preflight import judge, room
from fairlead.migrations.preflight.looked import Check, Looked
from fairlead.providers.databases.address import read
from fairlead.providers.databases.preflight import look

Session = psycopg.Connection[tuple[object, ...]]


def run(url: str, *statements: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)


def looked(url: str, tables: str = "") -> Looked:
    """Look, and prove that it did not wait for anybody."""
    began = time.monotonic()
    found = look(read(url), names(tables) if tables else ())
    assert time.monotonic() - began < 3
    return found


def findings(url: str, check: Check, tables: str = "") -> list[Finding]:
    return [one for one in judge.findings(looked(url, tables)) if one.check == check]


@contextmanager
def waiting(url: str, *statements: str) -> Iterator[list[int]]:
    """Run each statement in a session of its own that waits for a lock; give their pids."""
    pids: list[int] = []

    def work(statement: str) -> None:
        with psycopg.connect(url, autocommit=True) as connection:
            pids.append(connection.info.backend_pid)
            with suppress(psycopg.errors.QueryCanceled):
                connection.execute(statement)

    threads = []
    try:
        for number, statement in enumerate(statements, 1):
            threads.append(threading.Thread(target=work, args=(statement,)))
            threads[-1].start()
            until(url, f"SELECT count(*) >= {number} FROM pg_locks WHERE NOT granted")
        yield pids
    finally:
        for pid in pids:
            run(url, f"SELECT pg_cancel_backend({pid})")
        for thread in threads:
            thread.join()


def until(url: str, question: str, patience_s: float = 30) -> None:
    deadline = time.monotonic() + patience_s
    with psycopg.connect(url, autocommit=True) as connection:
        while connection.execute(question).fetchone() != (True,):
            assert time.monotonic() < deadline, question
            time.sleep(0.05)


def size_of(url: str, *tables: str) -> int:
    with psycopg.connect(url) as connection:
        found = [
            connection.execute("SELECT pg_total_relation_size(%s::regclass)", [table]).fetchone()
            for table in tables
        ]
    return sum(int(str(row[0])) for row in found if row)


def sizes(seen: Looked) -> dict[str, room.Sized]:
    return {one.relation.place: one for one in room.sizes(seen)}
