"""Where does a new person's token go?"""

import json
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import Result

from doors.canned_fairlead import Answer, Canned, canned_fairlead, problem, say

BOB = ("people", "add", "bob", "--email", "bob@example.org", "--role", "approver")


@pytest.fixture
def fairlead() -> Iterator[Canned]:
    with canned_fairlead() as canned:
        canned.on("POST people", Answer({"name": "bob", "token": "fl_secret"}, 201))
        yield canned


def add(home: Path, fairlead: Canned, *more: str) -> Result:
    return say(home, fairlead.url, *BOB, *more)


def test_the_token_alone_is_on_stdout(fairlead: Canned, tmp_path: Path) -> None:
    result = add(tmp_path, fairlead)
    assert result.exit_code == 0
    assert result.stdout == "fl_secret\n"
    assert "only once" in result.stderr
    sent = {"name": "bob", "email": "bob@example.org", "role": "approver"}
    assert fairlead.posted() == [("people", sent)]


def test_a_token_file_is_private_and_the_token_is_not_shown(
    fairlead: Canned, tmp_path: Path
) -> None:
    path = tmp_path / "token"
    result = add(tmp_path, fairlead, "--token-to", str(path), "--json")
    assert json.loads(result.stdout) == {"name": "bob", "token_file": str(path)}
    assert path.read_text() == "fl_secret\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "fl_secret" not in result.output


def test_no_token_is_made_that_could_not_be_kept(fairlead: Canned, tmp_path: Path) -> None:
    (tmp_path / "there").write_text("precious")
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    for name in ("there", "link", "no/folder"):
        assert add(tmp_path, fairlead, "--token-to", str(tmp_path / name)).exit_code == 2
    assert fairlead.asked == []
    assert (tmp_path / "there").read_text() == "precious"


def test_a_refused_person_leaves_no_file(fairlead: Canned, tmp_path: Path) -> None:
    fairlead.on("POST people", problem(403, "ada may not add people"))
    assert add(tmp_path, fairlead, "--token-to", str(tmp_path / "token")).exit_code == 2
    assert not (tmp_path / "token").exists()


def test_a_role_that_is_none_is_refused_with_those_there_are(
    fairlead: Canned, tmp_path: Path
) -> None:
    words = ("people", "add", "bob", "--email", "b@c.d", "--role", "king")
    result = say(tmp_path, fairlead.url, *words)
    assert result.exit_code == 2
    assert "approver" in result.stderr
    assert fairlead.asked == []
