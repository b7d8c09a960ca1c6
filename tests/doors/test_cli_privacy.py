"""What do `privacy check` and `privacy inventory` tell, and with which status do they end?"""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from typer.testing import Result

from doors.canned_fairlead import NOBODY_ANSWERS, Answer, Canned, canned_fairlead, say
from fairlead.privacy.logged import MOST_BYTES
from fairlead.privacy.report import Deployment, nothing_seen
from providers.migrations_stand import a_database, a_server, ask

DECLARED = """\
version: 1
data:
  - column: public.people.email
    purpose: to write to them
    legal_basis: consent
    retention: 30d
    enforced_by: {sql: forget}
    subject: email
    export: {function: gdpr, action: export_mine}
    erase: {sql: erase_one}
"""
TABLES = (
    "CREATE TABLE people (email text); ALTER TABLE people ENABLE ROW LEVEL SECURITY; "
    "INSERT INTO people VALUES ('zoe@secret.example'); "
    "CREATE FUNCTION erase_one() RETURNS void LANGUAGE sql AS $$ SELECT $$; "
    "CREATE FUNCTION forget() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$; "
    "CREATE TRIGGER t AFTER INSERT ON people EXECUTE FUNCTION forget();"
)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with a_server() as url:
        yield url


@pytest.fixture
def url(server: str) -> str:
    found = a_database(server)
    ask(found, TABLES)
    return found


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("FAIRLEAD_APP_DATABASE_URL", raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "privacy.yaml").write_text(DECLARED)
    edge = tmp_path / "supabase" / "functions" / "gdpr"
    edge.mkdir(parents=True)
    (edge / "index.ts").write_text("const actions = { export_mine };")
    return tmp_path


def check(folder: Path, *words: str) -> Result:
    return say(folder, NOBODY_ANSWERS, "privacy", "check", *words)


def test_what_is_held_as_declared_ends_with_0(folder: Path, url: str) -> None:
    (folder / "address").write_text(f"{url}\n")
    result = check(folder, "--url-file", "address")
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("1 personal column in shop_")


def test_a_failure_ends_with_1_and_what_mends_it(folder: Path, url: str) -> None:
    ask(
        url,
        'CREATE TABLE "a.b" ("Vorname" text); GRANT SELECT ON people TO PUBLIC; '
        "ALTER TABLE people DISABLE ROW LEVEL SECURITY",
    )
    (folder / "slot.log").write_text("hello zoe@secret.example\n")
    result = check(folder, "--url", url, "--logs", "slot.log")
    assert result.exit_code == 1
    told = " ".join(result.stdout.split())
    assert 'public."a.b"."Vorname" looks like personal data' in told
    assert "→ ALTER TABLE public.people ENABLE ROW LEVEL SECURITY, or revoke the grants" in told
    assert "the log slot.log holds an e-mail address, once" in told
    assert "secret" not in result.output


def test_what_is_not_known_ends_with_4(folder: Path, url: str) -> None:
    with psycopg.connect(url) as holder:
        holder.execute("LOCK TABLE people")
        result = check(folder, "--url", url)
    assert result.exit_code == 4
    assert "somebody holds a lock on it" in result.stdout.replace("\n", " ")
    assert result.stdout.startswith("unknown: ")


def test_without_the_functions_an_action_is_not_known(folder: Path, url: str) -> None:
    (folder / "supabase").rename(folder / "elsewhere")
    result = check(folder, "--url", url)
    assert (result.exit_code, "nobody said where" in result.stdout) == (4, True)
    assert check(folder, "--url", url, "--functions", "elsewhere/functions").exit_code == 0
    result = check(folder, "--url", url, "--functions", "nowhere")
    assert (result.exit_code, "name it with --functions" in result.stderr) == (2, True)


def test_the_reports_tell_the_same_each_time(folder: Path, url: str) -> None:
    words = ("--url", url, "--report", "r.json", "--markdown", "r.md", "--sarif", "r.sarif")
    result = check(folder, *words, "--json")
    assert result.exit_code == 0
    first = [(folder / name).read_bytes() for name in words[3::2]]
    assert json.loads(first[0]) == json.loads(result.stdout)
    assert json.loads(first[0])["verdict"] == "passed"
    assert first[1].startswith(b"# Personal data in shop")
    assert json.loads(first[2])["runs"][0]["results"] == []
    check(folder, *words)
    assert [(folder / name).read_bytes() for name in words[3::2]] == first
    assert b"secret" not in b"".join(first)
    assert check(folder, "--url", url, "--markdown", "no/such/folder").exit_code == 2


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "the file is empty; it needs version, data and not_personal"),
        (DECLARED.replace("purpose", "porpoise"), "privacy.yaml:4: data[0].porpoise: unknown key"),
        (DECLARED.replace("30d", "always"), "privacy.yaml:6: data[0].retention: a duration"),
        (DECLARED + "    erase: {sql: b}\n", "written twice, first on line 10"),
    ],
)
def test_a_declaration_that_is_wrong_is_refused_with_its_line(
    folder: Path, text: str, says: str
) -> None:
    (folder / "privacy.yaml").write_text(text)
    result = check(folder, "--url", "postgresql://nobody@127.0.0.1:1/x")
    assert result.exit_code == 2
    assert says in result.stderr


def test_what_is_not_there_is_refused_or_silent(folder: Path, url: str) -> None:
    assert check(folder, "--url", url, "--declaration", "none.yaml").exit_code == 2
    assert check(folder).exit_code == 2
    assert check(folder, "--url", url, "--logs", "none.log").exit_code == 2
    os.mkfifo(folder / "pipe")
    result = check(folder, "--url", url, "--logs", "pipe")
    assert (result.exit_code, "is no file" in result.stderr) == (2, True)
    result = check(folder, "--url", "postgresql://ana:hush@127.0.0.1:1/x?connect_timeout=1")
    assert (result.exit_code, "hush" in result.output) == (4, False)


def test_of_a_long_log_the_end_is_read(folder: Path, url: str) -> None:
    with (folder / "slot.log").open("w") as log:
        log.write("zoe@secret.example\n")
        log.writelines("all is well\n".rjust(1000) for _ in range(5000))
    result = check(folder, "--url", url, "--logs", "slot.log", "--json")
    (seen,) = json.loads(result.stdout)["logs"]
    assert result.exit_code == 0
    assert (seen["counts"], seen["left_out"]) == ({}, 5_000_019 - MOST_BYTES)


def test_the_inventory_tells_what_there_may_be(folder: Path, url: str) -> None:
    result = say(folder, NOBODY_ANSWERS, "privacy", "inventory", "--url", url)
    assert result.exit_code == 0
    assert "public.people.email" in result.stdout
    assert "nobody public" in result.stdout
    assert "secret" not in result.output
    result = say(folder, NOBODY_ANSWERS, "privacy", "inventory", "--url", url, "--json")
    (one,) = json.loads(result.stdout)["columns"]
    assert one["shape"] == {"an e-mail address": 1}
    with psycopg.connect(url) as holder:
        holder.execute("LOCK TABLE people")
        result = say(folder, NOBODY_ANSWERS, "privacy", "inventory", "--url", url)
    assert (result.exit_code, "holds a lock" in result.stderr) == (4, True)


def test_the_reports_of_a_run_are_drawn_or_told_to_keep(tmp_path: Path) -> None:
    with canned_fairlead() as fairlead:
        drawn_and_told(fairlead, tmp_path)


def drawn_and_told(fairlead: Canned, tmp_path: Path) -> None:
    unknown = nothing_seen(Deployment("staging"), "it has no database")
    told = {"run": "r1", "deployments": [{"report": unknown}]}
    fairlead.on("GET runs/r1/privacy", Answer(told))
    words = ("privacy", "report", "--run", "r1")
    drawn = say(tmp_path, fairlead.url, *words).stdout
    assert drawn.startswith("staging\nunknown: it has no database\n")
    assert json.loads(say(tmp_path, fairlead.url, *words, "--json").stdout) == told
    fairlead.on("GET runs/r1/privacy", Answer(b"# Personal data\x1b[2J\n\n* it\n"))
    result = say(tmp_path, fairlead.url, *words, "--markdown")
    assert (result.exit_code, result.stdout) == (0, "# Personal data\n\n* it\n")
    assert say(tmp_path, fairlead.url, "privacy", "report").exit_code == 2
    assert say(tmp_path, fairlead.url, *words, "--markdown", "--json").exit_code == 2
