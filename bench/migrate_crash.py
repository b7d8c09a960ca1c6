"""Does a migration that is killed anywhere end in the same database, no statement applied twice?

Twelve statements in four files, two of which build and drop indexes CONCURRENTLY. `fairlead db
migrate` is a process of its own and is killed with SIGKILL before, after and within everything that
changes the database: the statements, and the rows of the ledger. Then its connection is cut at
every COMMIT, after the server has done it and before the command hears of it. Each time the same
command goes on, and schema, rows and ledger are compared with those of a run that nobody killed.
"""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg

from cutting import Cut, cutting
from fairlead.providers.databases.rehearsal.contents import contents
from fairlead.providers.databases.schemas import schema
from fairlead.providers.databases.scratch import scratch
from stand import finish, folder_of_its_own, limit, say, say_load

ROWS = 20_000
FILES = {
    "20260101000000_items.sql": "create table items (id int primary key, n int, name text);\n"
    f"insert into items select g, 0, md5(g::text) from generate_series(1, {ROWS}) g;\n"
    "create table log (at timestamptz default now(), what text);",
    "20260102000000_indexes.sql": "create index concurrently items_name on items (name);\n"
    "insert into log (what) values ('indexed');\n"
    "create unique index concurrently items_key on items (name, id);",
    "20260103000000_column.sql": "alter table items add column note text default 'none';\n"
    "alter table items add constraint positive check (id > 0);",
    "20260104000000_again.sql": "drop index concurrently items_name;\n"
    "update items set n = n + 1;\n"
    "create index concurrently items_name on items (name, n);\n"
    "vacuum analyze items;",
}
STATEMENTS = 12
RUNNER = Path(__file__).with_name("killed_migrate.py")


def fresh(url: str) -> str:
    """Make the database anew, empty, and return its URL."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS shop WITH (FORCE)")
        connection.execute("CREATE DATABASE shop")
    return url.replace("/postgres?", "/shop?")


def migrate(url: str, folder: Path, moment: str = "never", at: str = "-1") -> tuple[int, str, str]:
    """Run the command as a process; return its status, what it said, and what it complained of."""
    words = [
        "db",
        "migrate",
        "--not-rehearsed",
        "--not-backed-up",
        "--url",
        url,
        "--folder",
        str(folder),
        "--contract",
        "--wait",
        "60",
    ]
    ended = subprocess.run(
        [sys.executable, str(RUNNER), moment, at, *words],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(part for part in sys.path if part)},
    )
    return ended.returncode, ended.stdout, ended.stderr


def state(url: str) -> tuple[Any, ...]:
    """Return everything that must be the same: schema, rows, values, and the ledger."""
    with psycopg.connect(url, autocommit=True) as connection:
        sums = connection.execute("SELECT sum(n) FROM items").fetchall()
        ledger = connection.execute(
            "SELECT version, number, checksum, ended_at IS NOT NULL "
            "FROM supabase_migrations.fairlead_statements ORDER BY 1, 2"
        ).fetchall()
        files = connection.execute(
            "SELECT version, statements FROM supabase_migrations.schema_migrations ORDER BY 1"
        ).fetchall()
        invalid = connection.execute("SELECT FROM pg_index WHERE NOT indisvalid").fetchall()
    return schema(url).fingerprint, contents(url), sums, ledger, files, invalid


def gone_on(url: str, folder: Path, expected: tuple[Any, ...], where: str) -> bool:
    """Let the same command go on; return whether it ends as it would have."""
    status, _, complaint = migrate(url, folder)
    right = status == 0 and state(url) == expected
    if not right:
        say(f"wrong end, {where}: {complaint[-300:]}")
    return right


def killed(url: str, folder: Path, expected: tuple[Any, ...], took: list[Any]) -> tuple[int, int]:
    """Kill it everywhere; return how often, and how often it ended elsewhere."""
    points = [(moment, str(at)) for at in range(len(took)) for moment in ("before", "after")]
    points += [
        ("within", f"{at}:{seconds / 2}")
        for at, (seconds, is_statement) in enumerate(took)
        if is_statement
    ]
    wrong = 0
    for number, (moment, at) in enumerate(points, 1):
        shop = fresh(url)
        status, said, complaint = migrate(shop, folder, moment, at)
        if status != -signal.SIGKILL:
            raise SystemExit(f"not killed {moment} {at}: {status} {said} {complaint}")
        wrong += not gone_on(shop, folder, expected, f"killed {moment} {at}")
        if number % 10 == 0:
            say(f"{number} of {len(points)} kills, {wrong} wrong ends")
    return len(points), wrong


def cut(url: str, folder: Path, expected: tuple[Any, ...]) -> tuple[int, int]:
    """Lose the answer to every COMMIT, one a run; return how many, and how many wrong ends."""
    wrong = 0
    for number in range(1000):
        shop = fresh(url)
        at = Cut(number)
        with cutting(shop, at) as through:
            status, _, complaint = migrate(through, folder)
        if not at.happened:
            return number, wrong
        if status == 0:
            raise SystemExit(f"it did not notice that commit {number} was cut: {complaint}")
        wrong += not gone_on(shop, folder, expected, f"cut at commit {number}")
    raise SystemExit("the commits have no end")


def main() -> None:
    """Kill, cut, compare."""
    limit(900)
    # It is the command that is killed, not the server: nothing has to reach the disk.
    with folder_of_its_own() as room, scratch(room) as server:
        url, folder = server.url, room / "migrations"
        folder.mkdir()
        for name, sql in FILES.items():
            (folder / name).write_text(sql)
        shop = fresh(url)
        status, said, complaint = migrate(shop, folder)
        if status:
            raise SystemExit(complaint)
        took = json.loads(said.splitlines()[-1])
        if sum(1 for _, is_statement in took if is_statement) != STATEMENTS:
            raise SystemExit(f"{STATEMENTS} statements were meant: {took}")
        expected = state(shop)
        kills, wrong = killed(url, folder, expected, took)
        say(f"{kills} kills, {wrong} wrong ends")
        cuts, wrongly = cut(url, folder, expected)
        say(f"{cuts} answers to COMMIT were lost, {wrongly} wrong ends")
    say_load()
    finish({"kills": kills + cuts, "wrong_end": wrong + wrongly})


if __name__ == "__main__":
    main()
