"""Does a repository keep what the port `Repository` promises?"""

import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from fairlead.errors import Conflict, Refused
from fairlead.providers.sources.git import GitRepository
from fairlead.release.ports import Repository

ENV = {
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_AUTHOR_NAME": "Ada",
    "GIT_AUTHOR_EMAIL": "ada@example.org",
    "GIT_COMMITTER_NAME": "Ci",
    "GIT_COMMITTER_EMAIL": "ci@example.org",
}


def git(folder: Path, *words: str, **env: str) -> str:
    done = subprocess.run(
        ["git", "-c", "init.defaultBranch=main", *words],
        cwd=folder,
        env=ENV | env,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def commit(origin: Path, files: dict[str, str], message: str = "a change") -> str:
    for name, text in files.items():
        (origin / name).parent.mkdir(parents=True, exist_ok=True)
        (origin / name).write_text(text)
    git(origin, "add", "--all")
    git(origin, "commit", "--quiet", "--allow-empty", "-m", message)
    return git(origin, "rev-parse", "HEAD")


@pytest.fixture
def origin(tmp_path: Path) -> Path:
    folder = tmp_path / "origin"
    folder.mkdir()
    git(folder, "init", "--quiet")
    commit(folder, {"fairlead.yaml": "version: 1\n", "web/index.html": "<h1>"})
    return folder


@pytest.fixture
def sources(tmp_path: Path) -> Repository:
    return GitRepository(tmp_path / "sources", patience_s=20)


def test_a_branch_is_fetched_with_its_commit(sources: Repository, origin: Path) -> None:
    sha = commit(origin, {"a": "1"}, "First line\n\nBody with ünicode")
    found = sources.fetch(str(origin), "main")
    assert (found.sha, found.branch) == (sha, "main")
    assert (found.author_name, found.author_email) == ("Ada", "ada@example.org")
    assert found.message == "First line\n\nBody with ünicode"
    assert sources.fetch(str(origin), "main") == found
    assert sources.fetch(f"file://{origin}", "refs/heads/main") == found


def test_the_branch_of_a_commit_is_heads_when_head_is_there(
    sources: Repository, origin: Path
) -> None:
    first = git(origin, "rev-parse", "HEAD")
    second = commit(origin, {"a": "2"})
    git(origin, "branch", "other", first)
    assert sources.fetch(str(origin), second).branch == "main"
    assert sources.fetch(str(origin), second.upper()).sha == second
    assert sources.fetch(str(origin), first).branch == ""
    assert sources.fetch(str(origin), "other").branch == "other"
    assert sources.fetch(str(origin), "HEAD").branch == "main"
    git(origin, "checkout", "--quiet", "--detach")
    assert sources.fetch(str(origin), second).branch == ""


def test_a_tag_means_its_commit(sources: Repository, origin: Path) -> None:
    sha = git(origin, "rev-parse", "HEAD")
    git(origin, "tag", "-m", "release", "v1")
    assert sources.fetch(str(origin), "v1").sha == sha
    assert sources.fetch(str(origin), "v1").branch == ""
    tag = git(origin, "rev-parse", "v1")
    assert tag != sha
    assert sources.fetch(str(origin), tag).sha == sha
    assert sources.read(sha, "fairlead.yaml") == b"version: 1\n"


def test_a_name_of_both_a_branch_and_a_tag_is_refused(sources: Repository, origin: Path) -> None:
    git(origin, "tag", "twin")
    commit(origin, {"a": "2"})
    git(origin, "branch", "twin")
    with pytest.raises(Refused, match="say refs/heads/twin or refs/tags/twin"):
        sources.fetch(str(origin), "twin")
    assert sources.fetch(str(origin), "refs/heads/twin").branch == "twin"


def test_a_commit_that_no_branch_has_any_more_stays(
    sources: Repository, origin: Path, tmp_path: Path
) -> None:
    sha = commit(origin, {"a": "gone soon"})
    sources.fetch(str(origin), sha)
    git(origin, "reset", "--quiet", "--hard", "HEAD~1")
    sources.fetch(str(origin), "main")
    git(tmp_path / "sources/commits.git", "gc", "--quiet", "--prune=now")
    assert sources.read(sha, "a") == b"gone soon"


def test_an_unknown_commit_or_branch_is_refused_with_the_remedy(
    sources: Repository, origin: Path
) -> None:
    with pytest.raises(Refused, match="push the commit there first"):
        sources.fetch(str(origin), "0" * 40)
    with pytest.raises(Refused, match="no branch or tag 'mian': push it"):
        sources.fetch(str(origin), "mian")
    with pytest.raises(Refused, match="all of its 40 digits"):
        sources.fetch(str(origin), git(origin, "rev-parse", "--short", "HEAD"))
    with pytest.raises(Refused, match="is no commit"):
        sources.fetch(str(origin), git(origin, "rev-parse", "HEAD:fairlead.yaml"))
    with pytest.raises(Refused, match="was never fetched"):
        sources.read(git(origin, "rev-parse", "HEAD"), "fairlead.yaml")
    with pytest.raises(Refused, match="was never fetched"):
        sources.checkout("0" * 40, "run-1")


def test_a_place_without_a_repository_is_refused(
    sources: Repository, origin: Path, tmp_path: Path
) -> None:
    for place in (tmp_path / "nowhere", tmp_path, origin / "web", origin / "fairlead.yaml"):
        with pytest.raises(Refused, match="check the location"):
            sources.fetch(str(place), "main")


def test_an_empty_repository_has_nothing_to_fetch(sources: Repository, tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet", "empty")
    with pytest.raises(Refused, match="no branch or tag 'main'"):
        sources.fetch(str(tmp_path / "empty"), "main")


def test_a_shallow_clone_can_be_fetched(sources: Repository, origin: Path, tmp_path: Path) -> None:
    sha = commit(origin, {"a": "2"})
    git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{origin}", "shallow")
    assert sources.fetch(str(tmp_path / "shallow"), sha).sha == sha
    assert sources.fetch(str(origin), "main").sha == sha


def test_one_file_is_read_at_its_commit(sources: Repository, origin: Path) -> None:
    sha = sources.fetch(str(origin), "main").sha
    commit(origin, {"fairlead.yaml": "version: 2\n"})
    assert sources.read(sha, "fairlead.yaml") == b"version: 1\n"
    for path in ("nothing", "web", "", "/etc/passwd", "../x", "./fairlead.yaml", "a\0b"):
        with pytest.raises(Refused):
            sources.read(sha, path)


def test_every_tracked_path_is_listed(sources: Repository, origin: Path) -> None:
    odd = {"a b": "1", "new\nline": "2", "tab\t": "3", 'quo"te': "4", "ünï/cöde": "5"}
    sha = commit(origin, odd)
    sources.fetch(str(origin), sha)
    blobs = sources.blobs(sha)
    assert set(blobs) == {*odd, "fairlead.yaml", "web/index.html"}
    assert blobs["a b"] == git(origin, "rev-parse", f"{sha}:a b")


def test_a_checkout_has_the_commits_files_and_belongs_to_its_run(
    sources: Repository, origin: Path
) -> None:
    (origin / "link").symlink_to("web/index.html")
    (origin / "run.sh").write_text("#!/bin/sh")
    (origin / "run.sh").chmod(0o755)
    sha = commit(origin, {"odd\nname": "1"})
    sources.fetch(str(origin), sha)
    one, two = sources.checkout(sha, "run-1"), sources.checkout(sha, "run-2")
    (one / "made by a build").write_text("x")
    assert sources.checkout(sha, "run-1") == one
    assert (one / "made by a build").exists()
    assert {it.name for it in two.iterdir()} == {
        *("fairlead.yaml", "web", "link", "run.sh", "odd\nname")
    }
    assert (two / "link").readlink() == Path("web/index.html")
    assert (two / "run.sh").stat().st_mode & 0o100
    assert not (two / "fairlead.yaml").stat().st_mode & 0o100


def test_a_run_keeps_its_commit(sources: Repository, origin: Path) -> None:
    first = sources.fetch(str(origin), "main").sha
    second = commit(origin, {"a": "2"})
    sources.fetch(str(origin), second)
    sources.checkout(first, "run-1")
    with pytest.raises(Conflict, match=f"works on commit {first[:12]}, not {second[:12]}"):
        sources.checkout(second, "run-1")


def test_a_discarded_checkout_is_gone_and_can_be_made_again(
    sources: Repository, origin: Path, tmp_path: Path
) -> None:
    sha = sources.fetch(str(origin), "main").sha
    folder = sources.checkout(sha, "run-1")
    (folder / "web").chmod(0o555)
    (folder.parent.parent / ".run-1~killed").mkdir()
    sources.discard("run-1")
    sources.discard("run-1")
    assert not list((tmp_path / "sources/checkouts").iterdir())
    assert (sources.checkout(sha, "run-1") / "web/index.html").exists()


def test_many_at_once_get_the_same(sources: Repository, origin: Path) -> None:
    def all_of_it(_turn: int) -> tuple[str, Path]:
        sha = sources.fetch(str(origin), "main").sha
        return sha, sources.checkout(sha, "run-1")

    with ThreadPoolExecutor(6) as many:
        assert len(set(many.map(all_of_it, range(12)))) == 1


def test_a_second_fetch_is_quick(sources: Repository, origin: Path) -> None:
    sources.fetch(str(origin), "main")
    began = time.monotonic()
    sources.fetch(str(origin), "main")
    assert time.monotonic() - began < 1
