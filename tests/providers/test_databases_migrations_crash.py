"""Killed anywhere, a migration goes on where it was, and no statement is applied twice."""

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from fairlead.errors import Temporary
from providers import killed_runner
from providers.migrations_stand import a_database, a_server, ask, fingerprint, migrate

NEVER = 10_000
FILES = {
    "1_items.sql": "create table items as select 1 as id;",
    "2_index.sql": "set statement_timeout = '1min';\n"
    "create index concurrently items_id on items (id);\n"
    "insert into items values (2);\n"
    "drop index concurrently items_id;",
    "3_index.sql": "create unique index concurrently if not exists items_key on items (id);",
}


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with a_server() as url:
        yield url


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("migrations")
    for name, sql in FILES.items():
        (made / name).write_text(sql)
    return made


def test_killed_at_every_statement_it_ends_in_the_same_database(server: str, folder: Path) -> None:
    url = a_database(server)
    migrate(url, FILES)
    expected = fingerprint(url)
    kills = 0
    for point in range(NEVER):
        empty(url)
        status = killed_runner.ended(killed_runner.start(url, folder, point))
        if status == 0:
            break
        assert status == -signal.SIGKILL
        kills += 1
        outcome, told = migrate(url, FILES, wait_s=30.0)
        assert outcome.failed == "", (point, told)
        assert fingerprint(url) == expected, (point, told)
        assert ask(url, "SELECT id FROM items ORDER BY id") == [(1,), (2,)], (point, told)
    # Each statement is begun, run and ended, each file once, and its cost: before and after.
    assert kills == 2 * (3 * 6 + 3 + 3)


def test_killed_while_an_index_is_built_the_debris_is_rebuilt(server: str, folder: Path) -> None:
    url = a_database(server)
    migrate(url, {"1_items.sql": FILES["1_items.sql"]})
    with psycopg.connect(url) as writer:
        writer.execute("INSERT INTO items VALUES (3)")
        process = killed_runner.start(url, folder, NEVER)
        until(url, "SELECT count(*) = 1 FROM pg_stat_progress_create_index")
        process.kill()
        killed_runner.ended(process)
        # Its backend notices, and lets go of the lock.
        until(
            url, "SELECT count(*) = 0 FROM pg_stat_activity WHERE datname = current_database() "
            "AND application_name = 'fairlead db migrate'",
        )  # fmt: skip
    outcome, told = migrate(url, FILES, wait_s=5.0)
    assert (outcome.failed, told[0]) == (
        "", "drops the invalid index items_id, which an interrupted build has left"
    )  # fmt: skip
    assert all(valid for _, valid in fingerprint(url)["indexes"])


def test_a_connection_that_is_lost_at_the_commit_applies_nothing_twice(server: str) -> None:
    url = a_database(server)
    for statement in (
        "CREATE TABLE rows (a int)",
        "CREATE SEQUENCE times",
        # It cuts the first connection that commits a row, and no other.
        "CREATE FUNCTION cut() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF nextval('times') = 1 THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF; "
        "RETURN NULL; END $$",
        "CREATE CONSTRAINT TRIGGER cut AFTER INSERT ON rows DEFERRABLE INITIALLY DEFERRED "
        "FOR EACH ROW EXECUTE FUNCTION cut()",
    ):
        ask(url, statement)
    with pytest.raises(Temporary, match="does not answer"):
        migrate(url, {"1_a.sql": "insert into rows values (1)"})
    assert migrate(url, {"1_a.sql": "insert into rows values (1)"}, wait_s=5.0)[0].failed == ""
    assert ask(url, "SELECT a FROM rows") == [(1,)]


def empty(url: str) -> None:
    ask(url, "TRUNCATE supabase_migrations.schema_migrations")
    ask(url, "TRUNCATE supabase_migrations.fairlead_statements")
    ask(url, "DROP SCHEMA public CASCADE")
    ask(url, "CREATE SCHEMA public")


def until(url: str, question: str) -> None:
    end = time.monotonic() + 20
    while ask(url, question) != [(True,)]:
        assert time.monotonic() < end, question
        time.sleep(0.05)
