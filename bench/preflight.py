"""How long does `fairlead db preflight` take on a busy database? 2,000 tables, 18,000 locks.

Nine sessions hold a lock on every table and its index; one table is locked exclusively, and twenty
sessions wait for it. `preflight_s` is connecting, looking and judging, as the pipeline does it in a
process that runs; `command_s` is the command as a person runs it, with the start of its process.
"""

import json
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import psycopg

from fairlead.migrations.preflight import judge
from fairlead.providers.databases.address import read
from fairlead.providers.databases.preflight import look
from stand import finish, folder_of_its_own, say, say_load
from user_database import user_database

TABLES, LOCKS, HOLDERS, WAITERS, ROUNDS = 2_000, 18_000, 9, 20, 5
BUSY = "busy"


def fill(url: str) -> None:
    """Make the tables, each with an index and TOAST, and one more that will be locked."""
    with psycopg.connect(url, autocommit=True) as connection:
        for number in range(TABLES):
            connection.execute(f"CREATE TABLE t{number} (id int PRIMARY KEY, note text)")
        connection.execute(f"CREATE TABLE {BUSY} (id int PRIMARY KEY, note text)")
        # The ledger tells of every table, and of one that somebody dropped by hand.
        made = [f"CREATE TABLE t{n} (id int PRIMARY KEY, note text)" for n in range(TABLES + 1)]
        connection.execute("CREATE SCHEMA supabase_migrations")
        connection.execute(
            "CREATE TABLE supabase_migrations.schema_migrations "
            "(version text PRIMARY KEY, statements text[], name text)"
        )
        connection.execute(
            "INSERT INTO supabase_migrations.schema_migrations VALUES ('1', %s, 'all')", [made]
        )
        connection.execute("ANALYZE")


@contextmanager
def locked(url: str) -> Iterator[int]:
    """Hold all the locks; give how many there are."""
    with ExitStack() as stack:
        for _ in range(HOLDERS):
            holder = stack.enter_context(psycopg.connect(url))
            for number in range(TABLES):
                holder.execute(f"LOCK TABLE t{number} IN ROW EXCLUSIVE MODE")
        blocker = stack.enter_context(psycopg.connect(url))
        blocker.execute(f"LOCK TABLE {BUSY}")
        waiting = [threading.Thread(target=wait, args=(url,)) for _ in range(WAITERS)]
        for thread in waiting:
            thread.start()
        try:
            yield settled(url)
        finally:
            blocker.rollback()
            for thread in waiting:
                thread.join()


def wait(url: str) -> None:
    """Wait for the locked table."""
    with psycopg.connect(url) as connection:
        connection.execute(f"SELECT count(*) FROM {BUSY}")


def settled(url: str) -> int:
    """Return how many locks there are, once everybody waits for more than a second."""
    statement = "SELECT count(*), count(*) FILTER (WHERE NOT granted) FROM pg_locks"
    with psycopg.connect(url, autocommit=True) as connection:
        while True:
            row = connection.execute(statement).fetchone()
            assert row is not None
            if row[1] >= WAITERS:
                time.sleep(1.5)
                return int(row[0])
            time.sleep(0.1)


def within_a_process(url: str) -> float:
    """Return the seconds that connecting, looking and judging take."""
    began = time.monotonic()
    judge.findings(look(read(url)))
    return time.monotonic() - began


def as_a_person(url: str) -> tuple[float, dict[str, Any]]:
    """Run the command; return its seconds and what it told."""
    command = [sys.executable, "-m", "fairlead.cli.main", "db", "preflight", "--json"]
    began = time.monotonic()
    ended = subprocess.run(
        [*command, "--url", url], capture_output=True, text=True, timeout=60, check=False
    )
    took = time.monotonic() - began
    if ended.returncode != 1:
        raise SystemExit(f"preflight ended with {ended.returncode}: {ended.stderr}")
    return took, json.loads(ended.stdout)


def check(told: dict[str, Any]) -> None:
    """Stop when it was quick only because it did not see."""
    blocking = [one for one in told["findings"] if one["check"] == "blocking"]
    failed = [one for one in told["findings"] if "could not be looked at" in one["sentence"]]
    sized = [one for one in told["relations"] if one["exact"]]
    drift = [one["place"] for one in told["findings"] if one["check"] == "drift"]
    if drift != [f"t{TABLES}"]:
        raise SystemExit(f"one table is missing, and it found {drift}")
    if failed or len(blocking) != 1 or f"{WAITERS} sessions" not in blocking[0]["sentence"]:
        raise SystemExit(f"it saw wrong: {blocking} {failed}")
    # The ledger's own table is measured, too.
    if len(sized) != TABLES + 1:
        raise SystemExit(f"{len(sized)} of {TABLES + 1} tables were measured")


def main() -> None:
    """Fill, lock, and look some rounds; the median counts."""
    with folder_of_its_own() as folder, user_database(folder) as url:
        say(f"making {TABLES:,} tables")
        fill(url)
        with locked(url) as locks:
            say(f"{locks:,} locks are held or waited for")
            if locks < LOCKS:
                raise SystemExit(f"{LOCKS:,} were wanted")
            looks = [within_a_process(url) for _ in range(ROUNDS)]
            rounds = [as_a_person(url) for _ in range(ROUNDS)]
        for within, (whole, told) in zip(looks, rounds, strict=True):
            check(told)
            say(f"within a process that runs {within:.2f} s, the whole command {whole:.2f} s")
    say_load()
    figures = {
        "preflight_s": statistics.median(looks),
        "command_s": statistics.median(whole for whole, _ in rounds),
    }
    finish({name: round(seconds, 3) for name, seconds in figures.items()})


if __name__ == "__main__":
    main()
