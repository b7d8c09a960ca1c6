"""Migrations taken back on a real PostgreSQL: only what is proven, nothing twice, nothing half."""

import signal
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from fairlead.errors import Refused
from fairlead.migrations.file import MigrationFile, read_all
from fairlead.migrations.patience import Patience
from fairlead.providers.databases.backups.keep import Keep
from fairlead.providers.databases.going_back import GoingBack, Proven
from fairlead.providers.databases.migrations import PostgresMigrations, Terms
from fairlead.providers.databases.schemas import schema
from providers import killed_runner
from providers.migrations_stand import a_database, a_server, ask, fingerprint, migrate

ITEMS = {"1_items.sql": "create table items (id int);\ninsert into items values (1), (2);"}
NOTE = {
    "2_note.sql": "alter table items add column note text;",
    "2_note.down.sql": "alter table items drop column note;",
}
STEPWISE = {
    "2_index.sql": "create index concurrently items_id on items (id);\n"
    "alter table items add column note text;",
    "2_index.down.sql": "set statement_timeout = '1min';\n"
    "drop index concurrently items_id;\nalter table items drop column note;",
}


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with a_server() as url:
        yield url


@pytest.fixture
def url(server: str) -> str:
    return a_database(server)


def read(files: dict[str, str]) -> tuple[MigrationFile, ...]:
    return read_all({name: sql.encode() for name, sql in files.items()})


def going_back(url: str, keep: Path) -> GoingBack:
    return GoingBack(url, Keep(keep), lambda: datetime.now(UTC), lambda _: None)


def prove(url: str, files: dict[str, str], keep: Path, *versions: str) -> Proven:
    return going_back(url, keep).prove(read(files), versions or ("2",), Terms(), None)


def rows(url: str) -> object:
    seen = fingerprint(url)
    return seen["files"], seen["statements"], ask(url, "SELECT id FROM items ORDER BY id")


def test_what_is_proven_goes_back_after_a_backup_and_can_be_applied_again(
    url: str, tmp_path: Path
) -> None:
    files = ITEMS | NOTE
    migrate(url, ITEMS)
    before = schema(url)
    migrate(url, files)
    up = schema(url)
    ask(url, "UPDATE items SET note = 'x' WHERE id = 1")
    proven = prove(url, files, tmp_path)
    assert proven.way.lost == ("the column items.note with 1 value",)
    assert schema(url) == up  # the database is only read until then
    changed = going_back(url, tmp_path).go(read(files), proven, Terms(), None)
    assert (changed.outcome.applied, changed.outcome.failed) == (("2_note.down.sql",), "")
    assert changed.backup is not None
    assert Keep(tmp_path).find(changed.backup.name).is_proven
    assert schema(url) == before
    assert [row[0] for row in fingerprint(url)["files"]] == ["1"]
    assert {row[0] for row in fingerprint(url)["statements"]} == {"1"}
    assert migrate(url, files)[0].applied == ("2_note.sql",)
    assert schema(url) == up
    with pytest.raises(Refused) as refused:
        prove(url, files, tmp_path, "1", "2")
    assert "1_items.sql has no down file" in str(refused.value)
    assert f"`fairlead backup restore {changed.backup.name} --into URL`" in str(refused.value)


def test_several_go_back_newest_first_beside_what_no_file_has_made(
    url: str, tmp_path: Path
) -> None:
    ask(url, "CREATE TABLE others (id int)")
    files = ITEMS | STEPWISE | {"3_c.sql": "create table c ()", "3_c.down.sql": "drop table c"}
    migrate(url, ITEMS)
    before = schema(url)
    migrate(url, files)
    proven = prove(url, files, tmp_path, "2", "3")
    changed = going_back(url, tmp_path).go(read(files), proven, Terms(), None)
    assert changed.outcome.applied == ("3_c.down.sql", "2_index.down.sql")
    assert schema(url) == before


@pytest.mark.parametrize(
    ("up", "down", "why"),
    [
        ("alter table items add if not exists note text", "select 1", "does not come to what the"),
        ("alter table items add note text", "drop table nowhere", 'table "nowhere" does not exist'),
        (
            "create table if not exists c (d int)",
            "drop table c; create table c (e int)",
            "gives another schema than there is now",
        ),
    ],
)  # fmt: skip
def test_what_is_not_proven_is_refused_with_the_way_that_is_left(
    url: str, tmp_path: Path, up: str, down: str, why: str
) -> None:
    files = ITEMS | {"2_a.sql": up, "2_a.down.sql": down}
    assert migrate(url, files)[0].failed == ""
    before = fingerprint(url)
    with pytest.raises(Refused) as refused:
        prove(url, files, tmp_path)
    assert why in str(refused.value)
    assert "the way that is left is a new migration that mends it" in str(refused.value)
    assert fingerprint(url) == before


def test_a_database_that_changed_since_the_proof_is_left_alone(url: str, tmp_path: Path) -> None:
    files = ITEMS | NOTE
    migrate(url, files)
    proven = prove(url, files, tmp_path)
    ask(url, "ALTER TABLE items ADD hurried int")
    with pytest.raises(Refused, match="another shape than when the way back was proven"):
        going_back(url, tmp_path).go(read(files), proven, Terms(), None)
    assert [row[0] for row in fingerprint(url)["files"]] == ["1", "2"]


def test_a_lock_that_is_never_free_takes_nothing_back(url: str) -> None:
    files = ITEMS | NOTE
    migrate(url, files)
    before = fingerprint(url)
    with psycopg.connect(url) as reader:
        reader.execute("SELECT * FROM items")
        terms = Terms(patience=Patience(retry_for_s=0.3))
        outcome = PostgresMigrations(url).take_back(read(files), ["2"], terms, lambda _: None)
    assert outcome.failed.startswith("2_note.down.sql")
    assert fingerprint(url) == before


def test_killed_at_every_statement_it_goes_on_to_the_same_end(url: str, tmp_path: Path) -> None:
    files = ITEMS | STEPWISE
    for name, sql in files.items():
        (tmp_path / name).write_text(sql)
    migrate(url, ITEMS)
    before, expected = schema(url), rows(url)
    kills = 0
    for point in range(200):
        migrate(url, files, wait_s=20.0)
        status = killed_runner.ended(killed_runner.start(url, tmp_path, point, "2"))
        if status == 0:
            break
        assert status == -signal.SIGKILL
        kills += 1
        terms = Terms(wait_s=20.0)
        outcome = PostgresMigrations(url).take_back(read(files), ["2"], terms, lambda _: None)
        assert (outcome.failed, rows(url), schema(url)) == ("", expected, before), point
    # Three statements with their two rows each, a lock, the two that forget, and the cost.
    assert kills == 2 * (3 * 3 + 1 + 2 + 1)


def test_half_taken_back_it_is_proven_and_finished_and_not_migrated(
    url: str, tmp_path: Path
) -> None:
    files = ITEMS | STEPWISE
    migrate(url, ITEMS)
    before = schema(url)
    migrate(url, files)
    stops = STEPWISE["2_index.down.sql"].replace("alter table items", "alter table nowhere")
    files_then = read(files | {"2_index.down.sql": stops})
    outcome = PostgresMigrations(url).take_back(files_then, ["2"], Terms(), lambda _: None)
    assert 'relation "nowhere" does not exist' in outcome.failed
    with pytest.raises(Refused) as refused:
        migrate(url, files)
    assert "2_index.sql is half taken back" in refused.value.problems[0]
    proven = prove(url, files, tmp_path)
    changed = going_back(url, tmp_path).go(read(files), proven, Terms(), None)
    assert changed.outcome.failed == ""
    assert schema(url) == before
