"""What do `db status`, `db plan` and `db migrate` tell, and with which status do they end?"""

import json
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from typer.testing import Result

from doors.canned_fairlead import NOBODY_ANSWERS, say
from fairlead.cli.exits import Exit
from providers.migrations_stand import a_database, a_server, ask

FILES = {
    "20260101000000_items.sql": "create table items (id int, name text);",
    "20260102000000_index.sql": "create index concurrently items_id on items (id);",
}
DROP = {"20260103000000_drop.sql": "alter table items drop name;"}


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with a_server() as url:
        yield url


class Stand:
    """A database and a folder of migrations, and how to ask about them."""

    def __init__(self, url: str, home: Path) -> None:
        self.url, self.home, self.folder = url, home, home / "migrations"
        self.folder.mkdir()
        self.add(FILES)

    def add(self, files: dict[str, str]) -> None:
        for name, sql in files.items():
            (self.folder / name).write_text(sql)

    def say(self, command: str, *words: str) -> Result:
        """Say `fairlead db`; what `migrate` does before it applies has tests of its own."""
        bare = ("--not-rehearsed", "--not-backed-up") if command == "migrate" else ()
        return self.careful(command, *bare, *words)

    def careful(self, *words: str) -> Result:
        """Say `fairlead db` with nothing left out."""
        where = ("--url", self.url, "--folder", str(self.folder))
        return say(self.home, NOBODY_ANSWERS, "db", *words, *where)


@pytest.fixture
def stand(server: str, tmp_path: Path) -> Stand:
    return Stand(a_database(server), tmp_path)


def test_migrations_are_seen_planned_applied_and_seen_again(stand: Stand) -> None:
    told = stand.say("plan").stdout.splitlines()
    assert told[0] == "20260101000000_items.sql: expand, one transaction"
    assert told[2] == "20260102000000_index.sql: expand, statement by statement"
    assert "1: index concurrently (items): create index concurrently" in told[3]
    result = stand.say("migrate")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[-1] == "2 files applied; nothing is pending"
    assert "20260102000000_index.sql:1 in " in result.stdout
    assert stand.say("status").stdout.count("applied") == 2
    assert stand.say("plan").stdout == "nothing is pending\n"
    assert stand.say("migrate").stdout == "nothing was applied; nothing is pending\n"


def test_everything_is_told_as_json_too(stand: Stand) -> None:
    planned = json.loads(stand.say("plan", "--json").stdout)
    statement = planned["pending"][1]["statements"][0]
    assert (statement["does"], statement["relations"]) == (["index concurrently"], ["items"])
    assert statement["needs_autocommit"]
    result = stand.say("migrate", "--json")
    told = json.loads(result.stdout)
    costs = told.pop("costs")
    assert told == {
        "applied": [*FILES], "waiting": [], "failed": "", "predicted": None, "backup": None
    }  # fmt: skip
    assert [*costs] == [*FILES]
    assert costs["20260101000000_items.sql"]["lock_tries"] == 1
    assert costs["20260101000000_items.sql"]["blocked_client_s"] == 0
    assert "20260101000000_items.sql applied" in result.stderr
    seen = json.loads(stand.say("status", "--json").stdout)
    assert [one["state"] for one in seen["migrations"]] == ["applied", "applied"]
    assert seen["problems"] == []


def test_a_contracting_file_waits_for_somebody_to_say_so(stand: Stand) -> None:
    stand.say("migrate")
    stand.add(DROP)
    assert "20260103000000_drop.sql: contract, only with --contract" in stand.say("plan").stdout
    result = stand.say("migrate")
    assert result.exit_code == 0
    assert "20260103000000_drop.sql contracts and waits: say --contract" in result.stdout
    assert stand.say("migrate", "--contract").stdout.endswith(
        "1 file applied; nothing is pending\n"
    )


def test_what_stands_in_the_way_is_refused_by_plan_and_migrate(stand: Stand) -> None:
    stand.say("migrate")
    stand.add({"20260101000000_items.sql": "create table items (id bigint)"})
    for command in ("plan", "migrate"):
        result = stand.say(command)
        assert result.exit_code == 2
        assert result.stderr.startswith("refused: nothing was applied\n  20260101000000_items.sql ")
    seen = stand.say("status")
    assert seen.exit_code == 0
    assert "was changed after it was" in seen.stdout


def test_mixed_phases_are_refused_by_the_plan(stand: Stand) -> None:
    stand.say("migrate")
    stand.add({"20260103000000_mixed.sql": "alter table items add a int, drop name"})
    assert stand.say("plan").exit_code == 0  # one statement is one thing, and contracts
    stand.add({"20260103000000_mixed.sql": "alter table items add a int; drop table items"})
    result = stand.say("plan", "--json")
    assert result.exit_code == 2
    assert "line 1 expands" in json.loads(result.stdout)["problems"][0]


def test_a_failed_migration_ends_with_one_and_says_what_stands(stand: Stand) -> None:
    stand.add({"20260103000000_bad.sql": "select * from nowhere"})
    result = stand.say("migrate")
    assert result.exit_code == 1
    assert result.stdout.splitlines()[-1] == "2 files applied, 20260103000000_bad.sql failed"
    assert result.stderr == (
        '20260103000000_bad.sql:1: relation "nowhere" does not exist; '
        "nothing of this file was applied\n"
    )


def test_a_second_runner_is_refused_at_the_door(stand: Stand) -> None:
    with psycopg.connect(stand.url, application_name="somebody") as other:
        other.execute("SELECT pg_advisory_lock(70641, 2)")
        result = stand.say("migrate")
    assert result.exit_code == 2
    assert result.stderr.startswith(
        "refused: another runner migrates this database: somebody of postgres, backend "
    )


def test_a_file_that_takes_back_is_not_applied_and_noted(stand: Stand) -> None:
    stand.add({"20260101000000_items.down.sql": "drop table items"})
    assert "Note: 20260101000000_items.sql has a file that takes it back" in (
        stand.say("plan").stdout
    )
    stand.say("migrate")
    assert ask(stand.url, "SELECT count(*) FROM items") == [(0,)]


def test_the_address_may_be_in_the_environment(
    stand: Stand, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAIRLEAD_APP_DATABASE_URL", stand.url)
    result = say(tmp_path, NOBODY_ANSWERS, "db", "plan", "--folder", str(stand.folder))
    assert result.stdout.startswith("20260101000000_items.sql: ")


def test_without_an_address_or_a_folder_nothing_is_done(
    stand: Stand, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FAIRLEAD_APP_DATABASE_URL", raising=False)
    result = say(tmp_path, NOBODY_ANSWERS, "db", "status", "--folder", str(stand.folder))
    assert (result.exit_code, result.stderr) == (
        2, "refused: no database was named: add --url, or set FAIRLEAD_APP_DATABASE_URL\n"
    )  # fmt: skip
    result = say(tmp_path, NOBODY_ANSWERS, "db", "plan", "--folder", "nowhere", "--url", stand.url)
    assert result.exit_code == 2
    assert "the folder nowhere cannot be read" in result.stderr


def test_an_unreachable_database_is_told_without_its_password(stand: Stand) -> None:
    stand.url = "postgresql://ana:s3cret@127.0.0.1:1/shop"
    for command in ("status", "plan", "migrate"):
        result = stand.say(command)
        assert result.exit_code == 4
        assert result.stderr.startswith("shop on 127.0.0.1:1 does not answer: ")
        assert "s3cret" not in result.output


@pytest.mark.parametrize(
    "kept",
    ["NULL", "'{}'", "ARRAY[NULL]", "ARRAY['create table items (id int)', NULL]",
     "ARRAY[['select 1'], ['select 2']]", "ARRAY['select ''never ends']"],
)  # fmt: skip
def test_what_the_ledger_does_not_hold_is_unknown_and_stops_nothing(
    stand: Stand, kept: str
) -> None:
    stand.say("migrate")
    keep(stand, kept)
    sentence = "the ledger does not hold readably what was applied of 20260101000000_items.sql"
    for command in ("status", "plan", "migrate"):
        result = stand.say(command)
        assert (result.exit_code, sentence in " ".join(result.stdout.split())) == (0, True)
    for command in ("status", "plan"):
        assert sentence in json.loads(stand.say(command, "--json").stdout)["unknown"][0]
    # The files tell what the ledger does not; without them nobody knows.
    assert drift(stand, "--folder", str(stand.folder)) == []
    (found,) = drift(stand)
    assert (found["severity"], found["place"]) == ("unknown", "20260101000000_items.sql")


@pytest.mark.parametrize("odd", ["chr(8232)", "chr(128512)", "chr(1)", "chr(65279)", "chr(92)"])
def test_odd_signs_in_the_ledger_are_an_edited_file_or_unknown(stand: Stand, odd: str) -> None:
    stand.say("migrate")
    keep(stand, f"ARRAY['create table items (id int, name text); ' || {odd}]")
    result = stand.say("status", "--json")
    assert result.exit_code == 0
    told = json.loads(result.stdout)
    assert len(told["problems"]) + len(told["unknown"]) >= 1
    assert stand.say("plan").exit_code in (0, 2)
    drift(stand)


def test_a_ledger_whose_bytes_are_no_text_ends_in_a_sentence(stand: Stand, server: str) -> None:
    ask(server, "CREATE DATABASE odd TEMPLATE template0 ENCODING SQL_ASCII LOCALE 'C'")
    stand.url = server.replace("/postgres?", "/odd?")
    stand.say("migrate")
    keep(stand, "ARRAY[convert_from('\\xff01', 'SQL_ASCII')]")
    for command in ("status", "plan"):
        result = stand.say(command)
        assert result.exit_code == Exit.NO_ANSWER
        assert 'invalid byte sequence for encoding "UTF8": 0xff' in " ".join(result.output.split())
    (found,) = drift(stand)
    assert (found["severity"], "invalid byte sequence" in found["sentence"]) == ("unknown", True)


def keep(stand: Stand, texts: str) -> None:
    ask(stand.url, f"UPDATE supabase_migrations.schema_migrations SET statements = {texts}")


def drift(stand: Stand, *where: str) -> list[dict[str, str]]:
    words = ("db", "preflight", "--json", "--url", stand.url, *where)
    result = say(stand.home, NOBODY_ANSWERS, *words)
    return [one for one in json.loads(result.stdout)["findings"] if one["check"] == "drift"]


def test_before_anything_is_applied_it_is_rehearsed_and_a_backup_is_proven(
    stand: Stand, tmp_path: Path
) -> None:
    keep, report = tmp_path / "backups", tmp_path / "report.json"
    words = ("--keep", str(keep), "--report", str(report), "--for-release")
    result = stand.careful("migrate", *words)
    assert result.exit_code == 0
    told = result.stdout.splitlines()
    order = ["rehearsed in", "is proven", "20260101000000_items.sql applied", "has the shape"]
    assert [next(n for n, line in enumerate(told) if word in line) for word in order] == sorted(
        next(n for n, line in enumerate(told) if word in line) for word in order
    )
    assert json.loads(report.read_text())["because"] == "2 files applied; nothing is pending"
    assert [path.name for path in keep.iterdir() if path.is_dir()]


def test_what_the_rehearsal_refuses_is_not_applied(stand: Stand, tmp_path: Path) -> None:
    stand.add({"20260103000000_bad.sql": "alter table nowhere add b int;"})
    report = tmp_path / "report.json"
    result = stand.careful("migrate", "--keep", str(tmp_path / "b"), "--report", str(report))
    assert result.exit_code == 2
    assert 'relation "nowhere" does not exist' in result.stderr
    assert 'relation "nowhere" does not exist' in json.loads(report.read_text())["because"]
    assert stand.say("status").stdout.count("pending") == 3
    assert not [*tmp_path.glob("b/*")]


def test_what_a_release_needs_does_not_wait_behind_what_contracts(stand: Stand) -> None:
    stand.say("migrate")
    stand.add(DROP | {"20260104000000_add.sql": "alter table items add column c int;"})
    result = stand.say("migrate", "--for-release")
    assert result.exit_code == 2
    assert "20260104000000_add.sql expands, but comes after 20260103000000_drop.sql" in (
        result.stderr
    )
    assert stand.say("status").stdout.count("pending") == 2
