"""What is sent when somebody deploys, and when is nothing sent at all?"""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from doors.canned_fairlead import (
    NOBODY_ANSWERS,
    Answer,
    Canned,
    canned_fairlead,
    run_of,
    say,
    status_of,
)
from fairlead.cli import work_tree
from fairlead.errors import Refused


@pytest.fixture
def fairlead() -> Iterator[Canned]:
    with canned_fairlead() as canned:
        canned.on("POST runs", Answer({"id": "r1", "app": "shop", "commit": "a" * 40}, 201))
        yield canned


def git(folder: Path, *words: str) -> str:
    who = ("-c", "user.name=ada", "-c", "user.email=ada@example.org")
    command = ("git", "-C", str(folder), *who, *words)
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "app"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    (folder / "file").write_text("one")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "one")
    return folder


def test_a_clean_tree_sends_its_folder_and_its_exact_commit(
    fairlead: Canned, tmp_path: Path, repository: Path
) -> None:
    below = repository / "below"
    below.mkdir()
    result = say(tmp_path, fairlead.url, "deploy", "--repo", str(below))
    assert result.exit_code == 0
    sent = {"repository": str(repository), "ref": git(repository, "rev-parse", "HEAD")}
    assert fairlead.posted() == [("runs", sent)]
    assert "`fairlead watch r1` shows it" in result.stdout


@pytest.mark.parametrize("change", ["changed", "new", "staged", "deleted"])
def test_changes_that_no_commit_holds_are_refused_with_the_remedy(
    fairlead: Canned, tmp_path: Path, repository: Path, change: str
) -> None:
    if change in ("changed", "staged"):
        (repository / "file").write_text("two")
    if change == "staged":
        git(repository, "add", ".")
    if change == "new":
        (repository / "new \x1b[31mfile").write_text("")
    if change == "deleted":
        (repository / "file").unlink()
    result = say(tmp_path, fairlead.url, "deploy", "--repo", str(repository))
    assert result.exit_code == 2
    assert "commit them, or name the commit" in result.stderr
    assert "file" in result.stderr.splitlines()[1]
    assert "\x1b" not in result.stderr
    assert fairlead.asked == []


def test_a_named_commit_is_deployed_whatever_the_tree_looks_like(
    fairlead: Canned, tmp_path: Path, repository: Path
) -> None:
    (repository / "file").write_text("two")
    assert say(tmp_path, fairlead.url, "deploy", "HEAD", "--repo", str(repository)).exit_code == 0


def test_a_branch_keeps_its_name_and_everything_else_becomes_a_full_name(repository: Path) -> None:
    tree, sha = work_tree.find(repository), git(repository, "rev-parse", "HEAD")
    git(repository, "tag", "v1")
    git(repository, "update-ref", "refs/remotes/origin/main", "HEAD")
    assert tree.shared_name("main") == "refs/heads/main"
    assert tree.shared_name("v1") == "refs/tags/v1"
    assert tree.shared_name("HEAD") == sha
    assert tree.shared_name(sha[:8]) == sha
    assert tree.shared_name("origin/main") == sha


def test_a_renamed_file_is_told_by_its_new_name(repository: Path) -> None:
    git(repository, "mv", "file", "moved")
    assert work_tree.find(repository).uncommitted() == ["moved"]


def test_no_repository_and_no_such_commit_are_refused(
    fairlead: Canned, tmp_path: Path, repository: Path
) -> None:
    outside = say(tmp_path, fairlead.url, "deploy", "--repo", str(tmp_path))
    assert outside.exit_code == 2
    assert "no git repository" in outside.stderr
    nowhere = say(tmp_path, fairlead.url, "deploy", "--repo", str(tmp_path / "none"))
    assert "is no folder" in nowhere.stderr
    unknown = say(tmp_path, fairlead.url, "deploy", "nowhere", "--repo", str(repository))
    assert unknown.exit_code == 2
    assert "nowhere names no commit" in unknown.stderr
    assert fairlead.asked == []


def test_an_empty_repository_is_refused(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    with pytest.raises(Refused, match="HEAD names no commit"):
        work_tree.find(tmp_path).shared_name("HEAD")


def test_no_server_is_told_and_ends_with_status_four(tmp_path: Path, repository: Path) -> None:
    assert say(tmp_path, NOBODY_ANSWERS, "deploy", "--repo", str(repository)).exit_code == 4


@pytest.mark.parametrize(
    ("status", "code"),
    [("succeeded", 0), ("failed", 1), ("rolled_back", 1), ("stopped", 1), ("superseded", 1)],
)
def test_waiting_ends_as_the_run_does(
    fairlead: Canned, tmp_path: Path, repository: Path, status: str, code: int
) -> None:
    ended = run_of(status=status, finished_at="2026-01-31T12:30:00Z", because="that is why")
    fairlead.on("GET runs/r1", Answer(ended)).on("GET status", status_of())
    result = say(tmp_path, fairlead.url, "deploy", "--repo", str(repository), "--wait")
    assert result.exit_code == code
    assert "that is why" in result.stdout


def test_deploying_tells_as_json(fairlead: Canned, tmp_path: Path, repository: Path) -> None:
    result = say(tmp_path, fairlead.url, "deploy", "--repo", str(repository), "--json")
    assert json.loads(result.stdout)["id"] == "r1"


def test_stopping_needs_a_reason_and_sends_it(fairlead: Canned, tmp_path: Path) -> None:
    fairlead.on("POST runs/r1/stop", Answer(status=204))
    assert say(tmp_path, fairlead.url, "stop", "r1").exit_code == 2
    assert say(tmp_path, fairlead.url, "stop", "r1", "--reason", " ").exit_code == 2
    assert fairlead.asked == []
    assert say(tmp_path, fairlead.url, "stop", "r1", "--reason", "wrong one").exit_code == 0
    assert fairlead.posted() == [("runs/r1/stop", {"reason": "wrong one"})]
