"""What do `db lint` and `db plan` tell of squawk's advice, and with which status do they end?"""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import Result

from doors.canned_fairlead import NOBODY_ANSWERS, say
from providers.migrations_stand import a_database, a_server

FIRST = {"20260101000000_first.sql": "create table t (id bigint);"}
SECOND = {"20260102000000_second.sql": "alter table t add column c bigint not null;"}


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with a_server() as url:
        yield url


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("FAIRLEAD_APP_DATABASE_URL", raising=False)
    for name, sql in (FIRST | SECOND).items():
        (tmp_path / name).write_text(sql)
    return tmp_path


def ask(folder: Path, *words: str) -> Result:
    return say(folder, NOBODY_ANSWERS, "db", *words, "--folder", str(folder))


def without_squawk(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "fairlead.providers.scanners.squawk.sysconfig.get_path", lambda _: str(folder)
    )


def test_remarks_are_advice_with_their_place_rule_and_help(folder: Path) -> None:
    result = ask(folder, "lint")
    assert result.exit_code == 0
    told = result.stdout.replace("\n", "")
    assert "20260102000000_second.sql:1: adding-required-field" in told
    assert "→ Make the field nullable" in told
    assert "remarks on 2 files; left out " in told


def test_json_and_sarif_tell_the_same(folder: Path) -> None:
    file = folder / "lint.sarif"
    result = ask(folder, "lint", "--json", "--sarif", str(file))
    told, sarif = json.loads(result.stdout), json.loads(file.read_text())
    assert told["files"] == [*FIRST, *SECOND]
    assert told["unknown"] == ""
    (run,) = sarif["runs"]
    assert [one["rule"] for one in told["remarks"]] == [one["ruleId"] for one in run["results"]]
    assert json.loads(ask(folder, "lint", "--sarif", "-").stdout) == sarif


def test_with_a_database_only_the_pending_files_are_looked_at(folder: Path, server: str) -> None:
    url = ("--url", a_database(server))
    plan = ask(folder, "plan", *url).stdout.replace("\n", " ")
    assert "remarks: `fairlead db lint` tells them" in plan
    (folder / next(iter(SECOND))).rename(folder / "kept")
    ask(folder, "migrate", *url)
    assert "nothing is pending, so nothing was looked at" in ask(folder, "lint", *url).stdout
    (folder / "kept").rename(folder / next(iter(SECOND)))
    assert json.loads(ask(folder, "lint", "--json", *url).stdout)["files"] == [*SECOND]
    every = json.loads(ask(folder, "lint", "--json", "--all", *url).stdout)
    assert every["files"] == [*FIRST, *SECOND]


def test_without_squawk_it_is_unknown_and_never_clean(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_squawk(folder, monkeypatch)
    result = ask(folder, "lint", "--sarif", str(folder / "lint.sarif"))
    assert result.exit_code == 4
    assert result.stdout == "unknown: nothing was judged\n"
    assert result.stderr.startswith("squawk could not judge: it is not installed beside Fairlead")
    (run,) = json.loads((folder / "lint.sarif").read_text())["runs"]
    assert run["invocations"][0]["executionSuccessful"] is False
    result = ask(folder, "lint", "--json")
    assert result.exit_code == 4
    assert "not installed" in json.loads(result.stdout)["unknown"]


def test_the_plan_works_without_squawk_and_says_so(
    folder: Path, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_squawk(folder, monkeypatch)
    result = ask(folder, "plan", "--url", a_database(server))
    assert result.exit_code == 0
    assert "lint is unknown: squawk could not judge: it is not" in result.stdout.replace("\n", " ")


def test_stdout_is_not_asked_for_twice_and_a_file_must_be_one(folder: Path) -> None:
    result = ask(folder, "lint", "--json", "--sarif", "-")
    assert (result.exit_code, result.stderr) == (
        2, "refused: --json and --sarif - both want stdout: name a file for --sarif\n"
    )  # fmt: skip
    result = ask(folder, "lint", "--sarif", str(folder))
    assert result.exit_code == 2
    assert "cannot be written" in result.stderr
