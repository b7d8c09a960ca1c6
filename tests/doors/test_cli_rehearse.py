"""What does `db rehearse` tell, and with which status does it end?"""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import Result

from doors.canned_fairlead import NOBODY_ANSWERS, say
from providers.migrations_stand import a_database, a_server, ask


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with a_server() as url:
        yield url


@pytest.fixture
def url(server: str) -> str:
    made = a_database(server)
    ask(made, "CREATE TABLE orders AS SELECT g AS id FROM generate_series(1, 1000) g")
    return made


def rehearse(url: str, folder: Path, sql: str, *words: str) -> Result:
    (folder / "20260101000000_change.sql").write_text(sql)
    return say(
        folder, NOBODY_ANSWERS, "db", "rehearse", "--url", url, "--folder", str(folder), *words
    )


def test_it_tells_what_was_seen_and_what_it_would_cost(url: str, tmp_path: Path) -> None:
    (tmp_path / "20260101000000_change.down.sql").write_text("alter table orders drop column a;")
    result = rehearse(url, tmp_path, "alter table orders add column a int;")
    assert result.exit_code == 0, result.stderr
    told = " ".join(result.stdout.split())
    assert told.startswith("within: ")
    assert "locks orders against reads and writes" in told
    assert "change.down.sql: proven: up, down and up again gave equal schemas." in told
    assert "It takes away the column orders.a with 0 values." in told
    assert "Fingerprint of the schema then: " in told
    assert ask(url, "SELECT count(*) FROM pg_attribute WHERE attname = 'a'") == [(0,)]


def test_over_the_budget_it_ends_as_a_run_that_failed(url: str, tmp_path: Path) -> None:
    sql = "alter table orders alter id type bigint; select pg_sleep(0.2);"
    result = rehearse(url, tmp_path, sql, "--json", "--budget", "0")
    told = json.loads(result.stdout)
    assert (result.exit_code, told["verdict"], told["pending"]) == (1, "over", 2)
    assert told["statements"][0]["rewritten"] == ["orders"]
    low, high = told["locks"][0]["seconds"].values()
    assert low < 0.2 < high
    assert len(told["fingerprint"]) == 64


def test_a_statement_that_fails_there_is_told(url: str, tmp_path: Path) -> None:
    result = rehearse(url, tmp_path, "alter table orders add check (id < 5);")
    assert result.exit_code == 1
    assert "is violated by some row" in result.stdout


def test_nothing_pending_needs_no_copy(url: str, tmp_path: Path) -> None:
    result = say(
        tmp_path, NOBODY_ANSWERS, "db", "rehearse", "--url", url, "--folder", str(tmp_path)
    )
    assert (result.exit_code, result.stdout.splitlines()[0]) == (0, "within: nothing is pending")
