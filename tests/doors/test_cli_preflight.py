"""Does `fairlead db preflight` say what is in the way, and keep the password to itself?"""

import json
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from typer.testing import CliRunner, Result

from fairlead.cli.main import app
from providers.postgres_stand import a_postgres, database

SECRET = "s3cr%40t-word"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with a_postgres() as url:
        yield url


@pytest.fixture(scope="module")
def quiet(server: str) -> str:
    return with_password(database(server, "quiet"))


@pytest.fixture(scope="module")
def busy(server: str) -> Iterator[str]:
    url = database(server, "busy")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute('CREATE TABLE "Orders" (id int); CREATE TABLE other (id int)')
        connection.execute("INSERT INTO other VALUES (1)")
        connection.execute("BEGIN; LOCK TABLE \"Orders\"; PREPARE TRANSACTION 'left'")
    yield with_password(url)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("ROLLBACK PREPARED 'left'")


def with_password(url: str) -> str:
    return url.replace("//postgres@", f"//postgres:{SECRET}@", 1)


def say(*words: str, url: str = "") -> Result:
    env = {"FAIRLEAD_APP_DATABASE_URL": url or None, "COLUMNS": "100", "NO_COLOR": "1"}
    result = CliRunner(env=env).invoke(app, ["db", "preflight", *words], catch_exceptions=False)
    for word in (SECRET, "s3cr@t-word"):
        assert word not in result.output
    return result


def test_nothing_in_the_way_is_success(quiet: str) -> None:
    result = say("--url", quiet)
    assert result.exit_code == 0
    assert result.stdout.startswith("nothing is in the way of a migration of quiet on ")


def test_what_is_in_the_way_is_told_with_what_to_do(busy: str) -> None:
    result = say(url=busy)
    assert result.exit_code == 1
    assert result.stdout.startswith("1 thing is in the way of a migration of busy on ")
    assert 'public."Orders"' in result.stdout
    assert "ROLLBACK PREPARED 'left'" in " ".join(result.stdout.split())


def test_only_what_touches_the_tables_named_is_in_the_way(busy: str) -> None:
    assert say("--url", busy, "--tables", "other").exit_code == 0
    assert say("--url", busy, "--tables", 'other,"Orders"').exit_code == 1


def test_json_tells_the_same_and_more(busy: str) -> None:
    result = say("--url", busy, "--json", "--tables", '"Orders"')
    assert result.exit_code == 1
    told = json.loads(result.stdout)
    assert told["to_be_changed"] == ['public."Orders"']
    assert told["in_the_way"] == 1
    assert told["findings"][0]["severity"] == "error"
    sizes = {one["place"]: (one["bytes"], one["exact"]) for one in told["relations"]}
    assert sizes == {'public."Orders"': (None, False), "public.other": (8192, True)}


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["--url", "http://127.0.0.1:8700"],
        ["--url", f"postgresql://a:{SECRET}@b@c/d"],
        ["--url", "QUIET", "--tables", "nothing"],
        ["--url", "QUIET", "--tables", "a,,b"],
    ],
)
def test_what_cannot_be_is_refused(words: list[str], quiet: str) -> None:
    result = say(*[quiet if word == "QUIET" else word for word in words])
    assert result.exit_code == 2
    assert result.stderr.startswith("refused: ")


def test_a_database_that_does_not_answer_is_told(tmp_path: Path) -> None:
    result = say("--url", f"postgresql://a:{SECRET}@/d?host={tmp_path}")
    assert result.exit_code == 4
    assert "does not answer" in result.stderr
