"""What does git say about the working tree that the command stands in?"""

import subprocess
from dataclasses import dataclass
from pathlib import Path

from fairlead.errors import Refused

GIT_LIMIT_S = 30.0


@dataclass(frozen=True, slots=True)
class WorkTree:
    """A git working tree at its root folder."""

    root: Path

    def uncommitted(self) -> list[str]:
        """Return the paths that differ from the last commit, new ones among them."""
        told = _git(self.root, "status", "--porcelain", "-z", "--untracked-files=normal")
        if told.returncode:
            raise Refused(f"git cannot look at {self.root}: {_words(told.stderr)}")
        return _paths(told.stdout.decode("utf-8", "replace"))

    def commit(self, ref: str) -> str:
        """Return the full name of the commit that `ref` names here."""
        asked = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}")
        told = _git(self.root, *asked)
        if told.returncode:
            raise Refused(
                f"{ref} names no commit in {self.root}: `git log --oneline --all` lists those "
                "there are"
            )
        return told.stdout.decode("ascii").strip()

    def subject(self, sha: str) -> str:
        """Return the first line of a commit's message."""
        told = _git(self.root, "show", "--no-patch", "--format=%s", sha)
        return told.stdout.decode("utf-8", "replace").strip()

    def committed_at(self, sha: str) -> int:
        """Return when a commit was made, in seconds since 1970."""
        return int(_git(self.root, "show", "--no-patch", "--format=%ct", sha).stdout)

    def shared_name(self, ref: str) -> str:
        """Return a name for the commit of `ref` that another git finds in this repository.

        A branch or tag keeps its name, so that the record can tell it; anything else that git
        understands here, such as `HEAD~1` or `origin/main`, becomes the full name of its commit.
        """
        sha = self.commit(ref)
        for full in (f"refs/heads/{ref}", f"refs/tags/{ref}"):
            if _git(self.root, "show-ref", "--verify", "--quiet", full).returncode == 0:
                return full
        return sha

    def file(self, sha: str, path: str) -> bytes:
        """Return a file's bytes as they were at a commit."""
        told = _git(self.root, "show", f"{sha}:{path}")
        if told.returncode:
            raise Refused(f"there is no {path} in commit {sha[:12]}: add it and commit")
        return told.stdout


def find(folder: Path) -> WorkTree:
    """Return the working tree that `folder` lies in."""
    if not folder.is_dir():
        raise Refused(f"{folder} is no folder: --repo names the folder of a git repository")
    told = _git(folder, "rev-parse", "--show-toplevel")
    if told.returncode or not told.stdout.strip():
        remedy = "go to one, or name it with --repo PATH"
        raise Refused(f"{folder.resolve()} is no git repository: {remedy}")
    try:
        return WorkTree(Path(told.stdout.decode("utf-8").rstrip("\n")))
    except UnicodeDecodeError as error:
        raise Refused("the repository's path is not UTF-8 text: move it to one that is") from error


def _git(folder: Path, *words: str) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(
            ("git", "-C", str(folder), *words),  # noqa: S607 - git is where the PATH says
            capture_output=True,
            timeout=GIT_LIMIT_S,
            check=False,
        )
    except FileNotFoundError as error:
        raise Refused("git is not installed: Fairlead takes releases from git commits") from error
    except subprocess.TimeoutExpired as error:
        raise Refused(f"git did not answer within {GIT_LIMIT_S:.0f} s in {folder}") from error


def _paths(told: str) -> list[str]:
    """Read `XY path` records; the old name of a renamed file is a record of its own."""
    found, records = [], iter(told.split("\0"))
    for record in records:
        if len(record) > 3:
            found.append(record[3:])
            if "R" in record[:2] or "C" in record[:2]:
                next(records, None)
    return found


def _words(stderr: bytes) -> str:
    return stderr.decode("utf-8", "replace").strip() or "it gave no reason"
