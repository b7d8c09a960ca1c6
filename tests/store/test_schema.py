"""Do our tables come to be, once, whoever asks and however often?"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import psycopg
import pytest
from alembic import command
from alembic.config import Config
from psycopg import sql

from fairlead.journal.chain import first_break
from fairlead.journal.event import Event
from fairlead.store import environments, journal, schema
from fairlead.store.database import Database

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
numbers = count(1)
TABLES = {
    "alembic_version", "approvals", "database_sizes", "deployment_audit", "environments",
    "error_events", "error_groups", "error_keys", "error_minutes", "error_releases", "gate_results",
    "intentions", "journal", "measurements", "outbox", "people", "releases", "rollouts", "rollups",
    "run_traces", "runs", "sboms", "slots", "stages", "tokens", "told_once", "told_series",
    "traffic_minutes", "watch_actions",
}  # fmt: skip


@pytest.fixture
def plain_owner(server_url: str) -> str:
    """Return a role that may log in and nothing else."""
    name = f"plain_{next(numbers)}"
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(name)))
    return name


def tables(url: str) -> set[str]:
    with psycopg.connect(url) as connection:
        rows = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'fairlead'")
        return {name for (name,) in rows}


def columns(url: str) -> set[tuple[str, str]]:
    """Return the columns that the server may read and change, with their tables."""
    with psycopg.connect(url) as connection:
        rows = connection.execute(
            "SELECT table_name, column_name FROM information_schema.column_privileges "
            "WHERE grantee = 'fairlead_server' AND privilege_type = 'UPDATE'"
        )
        return {(table, column) for table, column in rows}


def test_every_table_comes_to_be(empty_url: str) -> None:
    schema.upgrade(empty_url)
    assert tables(empty_url) == TABLES


def test_upgrading_again_changes_nothing_that_is_kept(
    database: Database, database_url: str
) -> None:
    with database.begin() as tx:
        environments.ensure(tx, "agentic", "live", "127.0.0.1:1", NOW)
    schema.upgrade(database_url)
    with database.begin() as tx:
        assert len(environments.everything(tx)) == 1


def test_a_database_of_the_first_version_reaches_the_newest(empty_url: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(schema.__file__).parent))
    config.attributes["url"] = empty_url
    command.upgrade(config, "r0001")
    before = columns(empty_url)
    schema.upgrade(empty_url)
    were_there = {table for table, _ in before}
    assert {one for one in columns(empty_url) - before if one[0] in were_there} == {
        ("environments", "contracted"),
        ("environments", "waiting"),
        ("intentions", "environment"),
        ("intentions", "weight"),
        ("measurements", "buckets"),
        ("rollouts", "evidence"),
    }


def test_several_servers_may_upgrade_at_once(empty_url: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(schema.upgrade, [empty_url] * 4))
    assert tables(empty_url) == TABLES


def test_an_upgrade_touches_nothing_before_its_turn(empty_url: str) -> None:
    with ThreadPoolExecutor(1) as pool, psycopg.connect(empty_url, autocommit=True) as other:
        other.execute("SELECT pg_advisory_lock(7310001)")
        upgrade = pool.submit(schema.upgrade, empty_url)
        waiting = "SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        while other.execute(waiting).fetchone() is None:
            assert not upgrade.done()
        assert other.execute("SELECT to_regnamespace('fairlead')").fetchone() == (None,)
        other.execute("SELECT pg_advisory_unlock(7310001)")
        upgrade.result(timeout=20)
    assert tables(empty_url) == TABLES


def test_both_spellings_of_the_address_are_understood(empty_url: str) -> None:
    schema.upgrade(empty_url.replace("postgresql://", "postgres://", 1))
    assert tables(empty_url) == TABLES


def test_an_owner_without_any_privilege_needs_only_the_servers_role(
    server_url: str, plain_owner: str, empty_of: Callable[[str], str]
) -> None:
    with psycopg.connect(server_url, autocommit=True) as connection:
        grant = sql.SQL("GRANT fairlead_server TO {}").format(sql.Identifier(plain_owner))
        connection.execute(grant)
    url = empty_of(plain_owner)
    schema.upgrade(url)
    database = Database(url, size=1)
    try:
        with database.begin() as tx:
            event = Event(NOW, "ana", "run.began", "it began", "r1/run")
            assert journal.append(tx, event)
            assert first_break(journal.whole_chain(tx)) is None
    finally:
        database.close()


def test_an_owner_who_was_granted_nothing_is_refused_and_nothing_is_left(
    plain_owner: str, empty_of: Callable[[str], str]
) -> None:
    url = empty_of(plain_owner)
    with pytest.raises(Exception, match="permission denied"):
        schema.upgrade(url)
    assert tables(url) == set()


def test_the_template_was_made_by_an_owner_who_is_no_superuser(database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        row = connection.execute(
            "SELECT r.rolsuper FROM pg_namespace n JOIN pg_roles r ON r.oid = n.nspowner "
            "WHERE n.nspname = 'fairlead'"
        ).fetchone()
    assert row == (False,)
