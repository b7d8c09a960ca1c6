"""Does the real Supabase CLI find nothing to do after us, and we nothing after it?

Its program is looked for on the PATH (`npm install supabase` brings it); it needs no account.
"""

import os
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest

from fairlead.migrations.file import read_all
from fairlead.migrations.order import Plan, plan
from fairlead.providers.databases.migrations import PostgresMigrations
from providers.envoy_stand import free_port
from providers.migrations_stand import ask, migrate
from providers.postgres_stand import a_postgres, database
from room import ROOM

CLI = shutil.which("supabase")
pytestmark = pytest.mark.skipif(CLI is None, reason="the Supabase CLI is not on the PATH")

FILES = {
    "20260101000000_items.sql": (
        "-- why; not\ncreate table items (id int, name text); /* a ; b */\n"
        "insert into items values (1, 'a;b');\n-- the end\n"
    ),
    "20260102000000_function.sql": (
        "create function f() returns int language plpgsql as $body$ begin return 1; end $body$;\n"
        "create function g() returns int begin atomic select 1; select 2; end;\n"
    ),
    "20260103000000_index.sql": "-- alone\ncreate index concurrently items_id on items (id);\n",
}
DOWN = {"20260101000000_items.down.sql": "drop table if exists items;\n"}
PASSWORD = secrets.token_hex()
numbers = count(1)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """Give a server that also listens on the loopback, because the CLI takes no socket."""
    rules = ROOM / f"fairlead-hba-{secrets.token_hex(8)}.conf"
    rules.write_text("local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n")
    port = str(free_port())
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PGPORT", port)
        try:
            with a_postgres(listen_addresses="127.0.0.1", port=port, hba_file=str(rules)) as url:
                ask(url, f"ALTER ROLE postgres PASSWORD '{PASSWORD}'")
                yield url
        finally:
            rules.unlink()


class Stand:
    """A database and a project's folder, and both tools to bring the one to the other."""

    def __init__(self, server: str, home: Path) -> None:
        self.name = f"shop_{next(numbers)}"
        self.url, self.home = database(server, self.name), home
        self.folder = home / "supabase" / "migrations"
        self.folder.mkdir(parents=True)
        self.files: dict[str, str] = {}
        self.add(FILES)

    def add(self, files: dict[str, str]) -> None:
        self.files |= files
        for name, sql in files.items():
            (self.folder / name).write_text(sql)

    def push(self, *words: str) -> "subprocess.CompletedProcess[str]":
        return self.say("db", "push", "--skip-vault", *words)

    def say(self, *words: str) -> "subprocess.CompletedProcess[str]":
        remote = f"postgresql://postgres@127.0.0.1:{os.environ['PGPORT']}/{self.name}"
        return subprocess.run(
            [
                *(str(CLI), *words, "--yes", "--workdir", str(self.home)),
                f"--remote={remote}?sslmode=disable",
            ],
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(self.home),
                "PGPASSWORD": PASSWORD,
                "DO_NOT_TRACK": "1",
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def planned(self) -> Plan:
        files = read_all({name: sql.encode() for name, sql in self.files.items()})
        return plan(files, PostgresMigrations(self.url).ledger())


@pytest.fixture
def stand(server: str, tmp_path: Path) -> Stand:
    return Stand(server, tmp_path)


def test_after_us_it_finds_nothing_to_do(stand: Stand) -> None:
    assert migrate(stand.url, stand.files)[0].applied == tuple(FILES)
    for words in (("--dry-run",), ()):
        pushed = stand.push(*words)
        assert (pushed.returncode, pushed.stdout) == (0, "Remote database is up to date.\n")


def test_after_it_we_find_nothing_to_do(stand: Stand) -> None:
    pushed = stand.push()
    assert pushed.returncode == 0, pushed.stderr
    assert stand.planned() == Plan((), ())
    assert migrate(stand.url, stand.files)[0].applied == ()
    assert stand.push("--dry-run").stdout == "Remote database is up to date.\n"


def test_each_applies_what_the_other_has_not(stand: Stand) -> None:
    migrate(stand.url, stand.files)
    stand.add({"20260104000000_more.sql": "alter table items add more int;\n"})
    assert stand.push().returncode == 0
    stand.add({"20260105000000_most.sql": "alter table items add most int;\n"})
    assert migrate(stand.url, stand.files)[0].applied == ("20260105000000_most.sql",)
    assert stand.push("--dry-run").stdout == "Remote database is up to date.\n"


def test_after_us_it_wants_a_file_once_more_that_has_one_to_take_it_back(stand: Stand) -> None:
    stand.add(DOWN)
    migrate(stand.url, stand.files)
    pushed = stand.push("--dry-run")
    assert (pushed.returncode, "20260101000000_items.sql" in pushed.stderr) == (1, True)
    assert "to be inserted before the last migration" in pushed.stderr
    assert stand.push("--include-all").returncode == 1
    assert ask(stand.url, "SELECT count(*) FROM items") == [(1,)]
    assert stand.planned() == Plan((), ())


def test_alone_it_runs_the_file_that_takes_back_and_we_say_so(stand: Stand) -> None:
    stand.add(DOWN)
    assert stand.push().returncode == 1
    with psycopg.connect(stand.url) as connection:
        names = connection.execute("SELECT name FROM supabase_migrations.schema_migrations")
        assert names.fetchall() == [("items.down",)]
    (problem,) = stand.planned().problems
    assert problem.startswith("20260101000000_items.down.sql was run as a migration")
    repaired = stand.say("migration", "repair", "--status", "reverted", "20260101000000")
    assert repaired.returncode == 0, repaired.stderr
    assert migrate(stand.url, stand.files)[0].applied == tuple(FILES)
