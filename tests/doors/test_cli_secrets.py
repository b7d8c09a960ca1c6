"""Are secrets kept, named and forgotten at the door, and never shown?"""

import json
import shutil
import stat
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from doors.canned_fairlead import NOBODY_ANSWERS
from fairlead.cli.main import app

SAMPLE = Path(__file__).parents[2] / "examples" / "agentic"
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


def test_a_secret_of_functions_is_kept_for_one_environment(tmp_path: Path) -> None:
    words = ("--app", "shop", "--env", "live")
    told = say(tmp_path, "secret", "put", "JWT_SECRET", *words, given=SECRET)
    assert told.stdout == "JWT_SECRET is kept; what starts in live from now on uses it\n"
    assert say(tmp_path, "secret", "list", *words).stdout == "JWT_SECRET\n"
    assert "no secret is kept" in say(tmp_path, "secret", "list").stdout
    assert say(tmp_path, "secret", "remove", "JWT_SECRET", *words).exit_code == 0
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_whose_functions_is_asked_where_nothing_says_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    told = say(tmp_path, "secret", "put", "JWT_SECRET", "--env", "live", given=SECRET)
    assert (told.exit_code, "whose functions? Add --app NAME" in told.stderr) == (2, True)
    shutil.copy(SAMPLE / "fairlead.yaml", tmp_path)
    words = ("secret", "put", "JWT_SECRET", "--env")
    assert say(tmp_path / "home", *words, "staging", given=SECRET).exit_code == 0
    told = say(tmp_path / "home", *words, "stagging", given=SECRET)
    assert told.exit_code == 2
    assert "no environment stagging: there are development, staging, production" in " ".join(
        told.stderr.split()
    )


@pytest.mark.parametrize("value", ["", " \n ", "x" * 70_000])
def test_nothing_and_too_much_are_refused(tmp_path: Path, value: str) -> None:
    result = say(tmp_path, "secret", "put", "shop", given=value)
    assert (result.exit_code, "is empty or longer than" in result.stderr) == (2, True)
    assert "no secret is kept" in say(tmp_path, "secret", "list").stdout
