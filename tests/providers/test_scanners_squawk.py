"""Does squawk's advice reach us whole, and is everything else unknown instead of clean?"""

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest

from fairlead.gates.finding import Finding, Place, Scan, Severity
from fairlead.gates.wording import MOST_LETTERS
from fairlead.migrations.file import read_all
from fairlead.providers.scanners import squawk

NAME = "20260101000000_a.sql"
SQL = "-- é\nalter table t add column c int not null;\n"
REMARK = {
    "file": "FILE", "line": 1, "column": 0, "line_end": 1, "column_end": 5, "level": "Warning",
    "message": "Slow.", "help": None, "rule_name": "a-rule",
}  # fmt: skip


def scan(folder: Path, sql: str = SQL, name: str = NAME, major: int | None = 17) -> Scan:
    return squawk.scan(read_all({name: sql.encode()}), folder, major)


def rules(found: Scan) -> set[str]:
    assert found.unknown == ""
    return {one.rule for one in found.counted}


@pytest.fixture
def other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put another program in squawk's place; return its file, to be written."""
    program = tmp_path / "bin" / "squawk"
    program.parent.mkdir()
    monkeypatch.setattr(
        "fairlead.providers.scanners.squawk.sysconfig.get_path", lambda _: str(program.parent)
    )
    return program


def says(program: Path, script: str) -> None:
    program.write_text(f"#!/bin/sh\nfor file; do :; done\n{script}\n")
    program.chmod(0o755)


def tells(program: Path, status: int = 1, **changes: Any) -> None:
    told = json.dumps([REMARK | changes]).replace("FILE", "'\"$file\"'")
    says(program, f"printf '%s' '{told}'; exit {status}")


def place(one: Finding) -> Place:
    assert one.place is not None
    return one.place


def test_a_remark_has_its_rule_its_place_and_what_one_could_do(tmp_path: Path) -> None:
    found = scan(tmp_path)
    assert (found.tool, found.version[:2]) == ("squawk", "2.")
    (one,) = [each for each in found.findings if each.rule == "adding-required-field"]
    assert place(one).file == str(tmp_path / NAME)
    assert (place(one).line, place(one).column) == (2, 15)
    assert one.severity is Severity.MODERATE
    assert "NOT NULL" in one.sentence
    assert "DEFAULT" in one.help


def test_columns_count_characters(tmp_path: Path) -> None:
    found = scan(tmp_path, 'alter table "é😀" add column c int not null;')
    (one,) = [each for each in found.findings if each.rule == "adding-required-field"]
    assert (place(one).column, place(one).end_column) == (18, 43)


def test_what_fairlead_does_by_itself_is_dismissed_with_the_reason(tmp_path: Path) -> None:
    found = scan(tmp_path)
    dismissed = [one for one in found.findings if one.dismissed]
    assert {one.rule for one in dismissed} == {"require-lock-timeout"}
    assert "sets lock_timeout" in dismissed[0].dismissed


def test_a_clean_file_is_clean(tmp_path: Path) -> None:
    assert scan(tmp_path, "select 1;").is_clean


def test_the_version_of_the_target_counts(tmp_path: Path) -> None:
    sql = "alter table t add column c bigint default 1;"
    assert "adding-field-with-default" in rules(scan(tmp_path, sql, major=10))
    assert "adding-field-with-default" not in rules(scan(tmp_path, sql, major=17))


def test_a_file_is_one_transaction_unless_a_statement_cannot_be(tmp_path: Path) -> None:
    inside = "create index concurrently if not exists i on t (a);"
    assert "prefer-robust-stmts" not in rules(scan(tmp_path, "alter table t drop c;"))
    assert "ban-concurrent-index-creation-in-transaction" not in rules(scan(tmp_path, inside))


def test_the_configuration_of_the_project_counts(tmp_path: Path) -> None:
    assert "prefer-bigint-over-int" in rules(scan(tmp_path))
    (tmp_path / ".squawk.toml").write_text('excluded_rules = ["prefer-bigint-over-int"]')
    assert "prefer-bigint-over-int" not in rules(scan(tmp_path))
    (tmp_path / ".squawk.toml").write_text("excluded_rules = [")
    assert "it ended with status 1: Configuration error" in scan(tmp_path).unknown


@pytest.mark.parametrize("name", ["20260101000000_[a].sql", "20260101000000_* --help.sql"])
def test_a_name_is_no_pattern_and_no_option(tmp_path: Path, name: str) -> None:
    found = scan(tmp_path, name=name)
    assert {place(one).file for one in found.findings} == {str(tmp_path / name)}


def test_without_squawk_nothing_is_known(other: Path, tmp_path: Path) -> None:
    found = scan(tmp_path)
    assert not found.is_clean
    assert found.unknown == (
        "squawk could not judge: it is not installed beside Fairlead: pip install squawk-cli"
    )
    other.write_text("no program")
    other.chmod(0o755)
    assert "it cannot be started: " in scan(tmp_path).unknown


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("exit 0", "it ended with status 0: it did not say why"),
        ("echo '[]'; exit 1", "it ended with status 1 and without a remark"),
        ("printf 'b\\033[2Jad' >&2; exit 2", "it ended with status 2: b [2Jad"),
        ("echo '[]'; kill -9 $$", "it ended with status -9"),
        ("echo '[{]'", "its output cannot be read"),
        ("echo '{}'", "its output cannot be read"),
        ("echo '[]' '[]'", "its output cannot be read"),
        ("printf '\\377'", "its output cannot be read"),
        ("yes", "it wrote more than 16 MB"),
        ("yes >&2", "it wrote more than 16 MB"),
    ],
)  # fmt: skip
def test_what_is_no_answer_is_unknown(other: Path, tmp_path: Path, script: str, why: str) -> None:
    says(other, script)
    found = scan(tmp_path)
    assert why in found.unknown
    assert not found.is_clean
    assert found.unknown.isprintable()


@pytest.mark.parametrize(
    "changes",
    [
        {"file": "/etc/passwd"}, {"line": 9, "line_end": 9}, {"line": -1}, {"column": 999},
        {"line_end": 0}, {"line": "1"}, {"level": "Nice"}, {"message": ""}, {"more": 1},
        {"rule_name": "a rule"}, {"rule_name": "a\nb"}, {"help": 3},
    ],
)  # fmt: skip
def test_a_remark_that_is_none_makes_all_unknown(
    other: Path, tmp_path: Path, changes: dict[str, Any]
) -> None:
    tells(other)
    assert rules(scan(tmp_path)) == {"a-rule"}
    tells(other, **changes)
    assert scan(tmp_path).unknown


def test_what_it_says_is_made_harmless_and_short(other: Path, tmp_path: Path) -> None:
    tells(other, message="a\u001b[2J\nb\u202e" + "x" * 5000, help="c\u0007")
    (one,) = scan(tmp_path).findings
    assert one.sentence.startswith("a [2J b x")
    assert (len(one.sentence), one.help) == (MOST_LETTERS, "c")


def test_one_that_does_not_end_is_ended_with_all_it_started(
    other: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(squawk, "LIMIT_S", 0.5)
    says(other, f"sleep 60 & echo $! > {tmp_path}/pid; wait")
    began = time.monotonic()
    assert "it did not end within 0.5 s" in scan(tmp_path).unknown
    assert time.monotonic() - began < 5
    child = int((tmp_path / "pid").read_text())
    deadline = time.monotonic() + 5
    while _lives(child):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_it_learns_nothing_of_our_environment(
    other: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(os.environ, "FAIRLEAD_APP_DATABASE_URL", "postgresql://a:secret@b/c")
    says(other, f"env > {tmp_path}/env; echo '[]'")
    assert scan(tmp_path).is_clean
    assert "secret" not in (tmp_path / "env").read_text()
