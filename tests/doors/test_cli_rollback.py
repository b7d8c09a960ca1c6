"""What does `db rollback` tell, and with which status does it end?"""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import Result

from doors.canned_fairlead import NOBODY_ANSWERS, say
from providers.migrations_stand import a_database, a_server, ask, migrate

FILES = {
    "1_items.sql": "create table items (id int);",
    "2_note.sql": "alter table items add column note text;",
    "2_note.down.sql": "alter table items drop column note;",
}


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with a_server() as url:
        yield url


@pytest.fixture
def url(server: str) -> str:
    made = a_database(server)
    migrate(made, FILES)
    ask(made, "INSERT INTO items VALUES (1, 'x'), (2, NULL)")
    return made


def rollback(url: str, home: Path, *words: str) -> Result:
    folder = home / "migrations"
    folder.mkdir(exist_ok=True)
    for name, sql in FILES.items():
        (folder / name).write_text(sql)
    where = ("--url", url, "--folder", str(folder), "--keep", str(home / "backups"))
    return say(home, NOBODY_ANSWERS, "db", "rollback", *where, *words)


def columns(url: str) -> int:
    ((count,),) = ask(
        url, "SELECT count(*) FROM pg_attribute WHERE attrelid = 'items'::regclass "
        "AND attnum > 0 AND NOT attisdropped"
    )  # fmt: skip
    return int(count)


def test_it_tells_what_is_lost_takes_back_and_a_second_time_finds_nothing(
    url: str, tmp_path: Path
) -> None:
    report = tmp_path / "report.json"
    result = rollback(url, tmp_path, "2_note.sql", "--yes", "--report", str(report))
    assert result.exit_code == 0, result.output
    told = result.stdout.splitlines()
    words = (
        "2_note.down.sql is proven",
        "would be lost: the column items.note with 1 value",
        "are the same",
        "2_note.down.sql applied",
        "has the shape",
        "1 migration taken back",
    )
    at = [max(n for n, line in enumerate(told) if word in line) for word in words]
    assert at == sorted(at)
    assert columns(url) == 1
    written = json.loads(report.read_text())
    assert written["applied"] == ["2_note.down.sql"]
    assert written["because"] == told[-1] == "1 migration taken back"
    assert (tmp_path / "backups" / written["backup"]).is_dir()
    again = rollback(url, tmp_path, "2_note.sql", "--yes", "--json")
    assert (again.exit_code, json.loads(again.stdout)["applied"]) == (0, [])


def test_nobody_is_asked_nothing_is_taken_back(url: str, tmp_path: Path) -> None:
    result = rollback(url, tmp_path)
    assert (result.exit_code, "add --yes" in result.stderr) == (2, True)
    result = rollback(url, tmp_path, "--yes")
    assert (result.exit_code, "name the file or say --to VERSION" in result.stderr) == (2, True)
    result = rollback(url, tmp_path, "2", "--to", "1", "--yes")
    assert (result.exit_code, "name one of them" in result.stderr) == (2, True)
    assert columns(url) == 2


def test_over_the_budget_it_is_refused_and_reported(url: str, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    words = ("--to", "1", "--yes", "--budget", "0", "--report", str(report))
    result = rollback(url, tmp_path, *words)
    assert result.exit_code == 2
    assert "blocked client-seconds are predicted" in result.stderr
    assert "the budget is 0" in json.loads(report.read_text())["because"]
    assert columns(url) == 2
    assert not [*tmp_path.glob("backups/*")]
