"""Does a transaction leave all or nothing, and a lost server a temporary error?"""

import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import psycopg
import pytest

from fairlead.errors import Refused, Temporary
from fairlead.store import environments
from fairlead.store.database import Database, Tx, readable_text, wait_until_ready
from room import ROOM

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


@pytest.fixture
def database(shared_database: Database) -> Iterator[Database]:
    """Give the shared database without environments, before and after."""
    yield shared_database
    with shared_database.begin() as tx:
        tx.execute("DELETE FROM environments")


@pytest.fixture
def nowhere() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="fl-", dir=ROOM) as folder:
        yield f"postgresql://ana:hunter2@/fairlead?host={folder}"


def add(tx: Tx, name: str) -> None:
    environments.ensure(tx, "agentic", name, "127.0.0.1:1", NOW)


def kept(database: Database) -> list[str]:
    with database.begin() as tx:
        return [environment.name for environment in environments.everything(tx)]


def test_a_transaction_that_ends_well_is_kept(database: Database) -> None:
    with database.begin() as tx:
        add(tx, "live")
    assert kept(database) == ["live"]


@pytest.mark.parametrize("error", [Refused("no"), ValueError("no"), KeyboardInterrupt()])
def test_a_transaction_that_raises_leaves_nothing_and_its_error_as_it_was(
    database: Database, error: BaseException
) -> None:
    def change() -> None:
        with database.begin() as tx:
            add(tx, "live")
            raise error

    with pytest.raises(type(error)) as raised:
        change()
    assert raised.value is error
    assert kept(database) == []


def test_a_statement_the_server_refuses_leaves_nothing_of_what_came_before(
    database: Database,
) -> None:
    def change() -> None:
        with database.begin() as tx:
            add(tx, "live")
            tx.execute("SELECT * FROM nothing_of_that_name")

    with pytest.raises(psycopg.errors.UndefinedTable):
        change()
    assert kept(database) == []


def test_a_server_that_is_away_is_a_temporary_error_without_its_password(nowhere: str) -> None:
    database = Database(nowhere, patience_s=0.2)
    try:
        with pytest.raises(Temporary, match="does not answer") as raised, database.begin():
            pass
        assert "hunter2" not in str(raised.value)
        assert raised.value.__cause__ is not None
    finally:
        database.close()


def test_a_server_that_never_comes_up_is_waited_for_only_so_long(nowhere: str) -> None:
    began = time.monotonic()
    with pytest.raises(Temporary, match="the database does not answer"):
        wait_until_ready(nowhere, patience_s=0.2)
    assert 0.2 <= time.monotonic() - began < 5


def test_a_server_that_is_up_is_not_waited_for(server_url: str) -> None:
    wait_until_ready(server_url, patience_s=0)


def test_a_connection_cut_from_outside_is_temporary_and_the_next_one_works(
    database: Database, server_url: str
) -> None:
    def change() -> None:
        with database.begin() as tx:
            add(tx, "live")
            with psycopg.connect(server_url) as other:
                other.execute("SELECT pg_terminate_backend(%s)", (tx.info.backend_pid,))
            tx.execute("SELECT 1")

    with pytest.raises(Temporary):
        change()
    assert kept(database) == []


def test_a_transaction_left_idle_is_cut_and_temporary(database: Database) -> None:
    def dawdle() -> None:
        with database.begin() as tx:
            tx.execute("SET LOCAL idle_in_transaction_session_timeout = 30")
            time.sleep(0.15)
            tx.execute("SELECT 1")

    with pytest.raises(Temporary):
        dawdle()
    assert kept(database) == []


def test_two_that_lock_each_other_out_are_temporary(database: Database) -> None:
    with database.begin() as tx:
        add(tx, "live")

    def wait_for_the_first() -> None:
        with database.begin() as second:
            second.execute("SET LOCAL lock_timeout = 30")
            environments.hold(second, "agentic", "live", "r2")

    with database.begin() as first:
        environments.hold(first, "agentic", "live", "r1")
        with pytest.raises(Temporary):
            wait_for_the_first()


def test_a_closed_database_is_a_temporary_error(server_url: str) -> None:
    database = Database(server_url, size=1)
    database.close()
    with pytest.raises(Temporary), database.begin():
        pass


def test_the_server_works_as_the_role_that_may_not_rewrite_the_record(tx: Tx) -> None:
    row = tx.execute("SELECT current_user, current_schemas(false) AS path").fetchone()
    assert row == {"current_user": "fairlead_server", "path": ["fairlead"]}


def test_moments_are_read_in_utc_wherever_the_server_stands(tx: Tx) -> None:
    row = tx.execute("SELECT %s::timestamptz AS at", (NOW,)).fetchone()
    assert row is not None
    assert row["at"].isoformat() == "2026-11-23T03:00:00+00:00"


def test_text_that_cannot_be_kept_becomes_readable_and_other_text_stays() -> None:
    assert readable_text("a\x00b\ud800c\udfff") == "a�b�c�"
    assert readable_text("ü\t\n\U0001f6a2\ufffd") == "ü\t\n\U0001f6a2\ufffd"
