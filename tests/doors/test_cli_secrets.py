"""Are secrets kept, named and forgotten at the door, and never shown?"""

import json
import stat
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from doors.canned_fairlead import NOBODY_ANSWERS
from fairlead.cli.main import app

SECRET = "postgresql://shop:hunter2@127.0.0.1/shop"


def say(home: Path, *words: str, given: str = "") -> Result:
    env = {"FAIRLEAD_HOME": str(home), "FAIRLEAD_TOKEN": None, "COLUMNS": "80", "NO_COLOR": "1"}
    runner = CliRunner(env=env)
    result = runner.invoke(app, ["--url", NOBODY_ANSWERS, *words], given, catch_exceptions=False)
    assert "hunter2" not in result.output
    return result


def test_a_secret_from_a_pipe_is_kept_for_this_account_only(tmp_path: Path) -> None:
    assert say(tmp_path, "secret", "put", "shop", given=f"{SECRET}\n").exit_code == 0
    (kept,) = [path for path in tmp_path.rglob("shop") if path.is_file()]
    assert kept.read_text() == SECRET
    assert [stat.S_IMODE(path.stat().st_mode) for path in (kept, kept.parent)] == [0o600, 0o700]
    assert say(tmp_path, "secret", "list").stdout == "shop\n"
    assert json.loads(say(tmp_path, "secret", "list", "--json").stdout) == ["shop"]


def test_a_secret_is_replaced_and_forgotten(tmp_path: Path) -> None:
    for value in ("first", SECRET):
        say(tmp_path, "secret", "put", "shop", given=value)
    (kept,) = [path for path in tmp_path.rglob("shop") if path.is_file()]
    assert kept.read_text() == SECRET
    assert say(tmp_path, "secret", "remove", "shop").stdout == "shop is forgotten\n"
    assert "no secret is kept" in say(tmp_path, "secret", "list").stdout
    assert json.loads(say(tmp_path, "secret", "list", "--json").stdout) == []
    again = say(tmp_path, "secret", "remove", "shop")
    assert (again.exit_code, "`fairlead secret put shop`" in again.stderr) == (2, True)


@pytest.mark.parametrize("name", ["Shop", "../shop", "a" * 41, "shop\n", ""])
def test_a_name_that_is_none_is_refused(tmp_path: Path, name: str) -> None:
    result = say(tmp_path, "secret", "put", name, given=SECRET)
    assert (result.exit_code, "is no name for a secret" in result.stderr) == (2, True)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


@pytest.mark.parametrize("value", ["", " \n ", "x" * 70_000])
def test_nothing_and_too_much_are_refused(tmp_path: Path, value: str) -> None:
    result = say(tmp_path, "secret", "put", "shop", given=value)
    assert (result.exit_code, "is empty or longer than" in result.stderr) == (2, True)
    assert "no secret is kept" in say(tmp_path, "secret", "list").stdout
