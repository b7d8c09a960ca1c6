"""Can a hostile repository, location or message make git do what nobody asked for?"""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from fairlead.errors import Permanent, Refused, Temporary
from fairlead.providers.sources.git import GitRepository

ENV = {
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_AUTHOR_NAME": "Eve",
    "GIT_AUTHOR_EMAIL": "eve@example.org",
    "GIT_COMMITTER_NAME": "Eve",
    "GIT_COMMITTER_EMAIL": "eve@example.org",
}


def git(folder: Path, *words: str, given: bytes = b"", **env: str) -> str:
    done = subprocess.run(
        ["git", "-c", "init.defaultBranch=main", *words],
        cwd=folder,
        env=ENV | env,
        input=given,
        capture_output=True,
        check=True,
    )
    return done.stdout.decode().strip()


@pytest.fixture
def origin(tmp_path: Path) -> Path:
    folder = tmp_path / "origin"
    git(tmp_path, "init", "--quiet", str(folder))
    (folder / "file").write_text("1")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "-m", "first")
    return folder


@pytest.fixture
def sources(tmp_path: Path) -> GitRepository:
    return GitRepository(tmp_path / "sources", patience_s=20)


@pytest.mark.parametrize(
    "location",
    [
        "--upload-pack=touch /tmp/never",
        "-x",
        "ext::sh -c 'touch never'",
        "fd::17",
        *("http://127.0.0.1/x", "git://127.0.0.1/x"),
        *("ssh://-oProxyCommand=touch/x", "-oProxyCommand=x@host:y", "a@-oProxyCommand=x:y"),
        *("relative/folder", "~/home", "host:path", "/a\nb", ""),
    ],
)
def test_a_location_that_is_an_option_or_a_command_is_refused(
    sources: GitRepository, location: str
) -> None:
    with pytest.raises(Refused, match="is no place to fetch from: say an absolute folder"):
        sources.fetch(location, "main")


@pytest.mark.parametrize("ref", ["--all", "-", "", "main^", "main:x", "*", "../x", "a b", "\0"])
def test_a_ref_is_only_ever_compared(sources: GitRepository, origin: Path, ref: str) -> None:
    with pytest.raises(Refused, match="no branch or tag"):
        sources.fetch(str(origin), ref)


@pytest.mark.parametrize("name", ["../x", "a/b", "", ".", "..", "-x", "a\n", "x" * 101])
def test_names_that_are_paths_are_refused(sources: GitRepository, origin: Path, name: str) -> None:
    sha = sources.fetch(str(origin), "main").sha
    with pytest.raises(Refused):
        sources.checkout(sha, name)
    with pytest.raises(Refused):
        sources.discard(name)


def test_no_hook_and_no_filter_of_the_repository_runs(
    sources: GitRepository, origin: Path, tmp_path: Path
) -> None:
    trap = f"touch {tmp_path}/trapped; cat"
    for hook in ("post-checkout", "post-index-change", "reference-transaction", "post-update"):
        (origin / ".git/hooks" / hook).write_text(f"#!/bin/sh\n{trap}")
        (origin / ".git/hooks" / hook).chmod(0o755)
    (origin / ".gitattributes").write_text("* filter=evil\n")
    git(origin, "add", "--all")
    git(origin, "commit", "--quiet", "-m", "evil")
    for key in ("filter.evil.smudge", "core.fsmonitor", "uploadpack.packObjectsHook"):
        git(origin, "config", key, trap)
    (tmp_path / "trapped").unlink(missing_ok=True)
    sha = sources.fetch(str(origin), "main").sha
    copied = tmp_path / "sources/commits.git/hooks"
    copied.mkdir()
    for kept in (origin / ".git/hooks").glob("*[a-z]"):
        (copied / kept.name).write_bytes(kept.read_bytes())
        (copied / kept.name).chmod(0o755)
    (origin / "file").write_text("2")
    git(
        origin,
        "-c",
        "core.hooksPath=/dev/null",
        "-c",
        "core.fsmonitor=false",
        "commit",
        "-qam",
        "3",
    )
    (tmp_path / "trapped").unlink(missing_ok=True)
    second = sources.fetch(str(origin), "main").sha
    assert second != sha
    assert (sources.checkout(second, "run-1") / "file").read_text() == "2"
    assert not (tmp_path / "trapped").exists()


def test_a_submodule_is_not_fetched(sources: GitRepository, origin: Path) -> None:
    head = git(origin, "rev-parse", "HEAD")
    git(origin, "update-index", "--add", "--cacheinfo", f"160000,{head},lib")
    (origin / ".gitmodules").write_text('[submodule "lib"]\n\tpath = lib\n\turl = ext::sh -c x\n')
    git(origin, "add", ".gitmodules")
    git(origin, "commit", "--quiet", "-m", "sub")
    sha = sources.fetch(str(origin), "main").sha
    assert list((sources.checkout(sha, "run-1") / "lib").iterdir()) == []
    assert sources.blobs(sha)["lib"] == head


def test_a_hostile_message_arrives_as_plain_data(sources: GitRepository, origin: Path) -> None:
    message = "'; DROP TABLE x; --\n%H%x00 $(touch x) `id` \x1b[31m \u202e \\0 <script>"
    git(origin, "commit", "--quiet", "--allow-empty", "-F", "-", given=message.encode())
    found = sources.fetch(str(origin), "main")
    assert (found.message, found.author_name) == (message, "Eve")


def test_bytes_that_are_no_text_and_long_messages_are_tamed(
    sources: GitRepository, origin: Path
) -> None:
    tree, parent = git(origin, "write-tree"), git(origin, "rev-parse", "HEAD")
    raw = (
        f"tree {tree}\nparent {parent}\nauthor \udcff\udcfe <e@x> 1 +0000\ncommitter E <> 1 +0000\n"
    )
    data = os.fsencode(raw + "encoding no-such-encoding\n\n\udcff") + b"x" * 100_000
    sha = git(origin, "hash-object", "-t", "commit", "-w", "--stdin", "--literally", given=data)
    git(origin, "update-ref", "refs/heads/odd", sha)
    found = sources.fetch(str(origin), "odd")
    found.message.encode()
    found.author_name.encode()
    assert len(found.message) == 10_000


def test_a_tree_that_climbs_out_is_not_checked_out(
    sources: GitRepository, origin: Path, tmp_path: Path
) -> None:
    blob = bytes.fromhex(git(origin, "rev-parse", "HEAD:file"))
    for name in (b"..", b".git"):
        inner = git(
            origin,
            "hash-object",
            "-t",
            "tree",
            "-w",
            "--stdin",
            "--literally",
            given=b"100644 x\0" + blob,
        )
        tree = git(
            origin,
            "hash-object",
            "-t",
            "tree",
            "-w",
            "--stdin",
            "--literally",
            given=b"40000 " + name + b"\0" + bytes.fromhex(inner),
        )
        sha = git(origin, "commit-tree", tree, "-m", "evil")
        git(origin, "update-ref", "refs/heads/evil", sha)
        sources.fetch(str(origin), "evil")
        with pytest.raises((Refused, Temporary), match="invalid path"):
            sources.checkout(sha, "run-1")
        assert not list((tmp_path / "sources/checkouts").iterdir())


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give files away")
def test_a_repository_of_another_user_can_be_fetched(sources: GitRepository, origin: Path) -> None:
    for place in (origin, *origin.rglob("*")):
        os.chown(place, 12345, 12345)
    assert sources.fetch(str(origin), "main").branch == "main"


def test_secrets_in_a_location_stay_out_of_sentences(sources: GitRepository) -> None:
    with pytest.raises((Temporary, Refused)) as caught:
        sources.fetch("https://eve:hunter2@127.0.0.1:1/x.git", "main")
    assert "hunter2" not in str(caught.value)
    assert isinstance(caught.value, Temporary)


def test_a_place_that_never_answers_is_given_up(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        place = f"https://127.0.0.1:{silent.getsockname()[1]}/x.git"
        began = time.monotonic()
        with pytest.raises(Temporary, match=r"did not answer within 0\.5 s"):
            GitRepository(tmp_path / "sources", patience_s=0.5).fetch(place, "main")
    assert time.monotonic() - began < 5


def test_a_machine_without_git_says_so(
    sources: GitRepository, origin: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Permanent, match="git is not on this machine: install it"):
        sources.fetch(str(origin), "main")


def test_a_killed_fetch_does_not_block_the_next(
    sources: GitRepository, origin: Path, tmp_path: Path
) -> None:
    sources.fetch(str(origin), "main")
    sha = git(origin, "commit-tree", "HEAD^{tree}", "-m", "next")
    git(origin, "update-ref", "refs/heads/next", sha)
    kept = tmp_path / "sources/commits.git/refs/fairlead"
    (kept / f"{sha}.lock").touch()
    (tmp_path / "sources/commits.git/packed-refs.lock").touch()
    assert sources.fetch(str(origin), "next").sha == sha


@pytest.mark.parametrize("after_s", [0.15, 0.2, 0.25, 0.3])
def test_killed_anywhere_the_next_one_gets_it_whole(
    sources: GitRepository, origin: Path, after_s: float
) -> None:
    code = (
        "import sys; from pathlib import Path\n"
        "from fairlead.providers.sources.git import GitRepository\n"
        "it = GitRepository(Path(sys.argv[1]))\n"
        "it.checkout('shop', it.fetch('shop', sys.argv[2], 'main').sha, 'run-1')\n"
    )
    argv = [sys.executable, "-c", code, str(sources.folder), str(origin)]
    with subprocess.Popen(argv) as worker:
        time.sleep(after_s)
        worker.send_signal(signal.SIGKILL)
    sha = sources.fetch(str(origin), "main").sha
    assert (sources.checkout(sha, "run-1") / "file").read_text() == "1"
