"""Which files and new commits does a working copy have? Nothing in it decides what git does."""

import os
import re
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Self

from fairlead.errors import Permanent, Refused, Temporary

CHUNK_BYTES = 1024 * 1024
_NAME = re.compile(r"[0-9a-f]{7,64}")
_LINE_BYTES = 4096
_FILES = ("100644", "100755", "120000")  # no submodules: they are other repositories
# The folder's own configuration could name programs; these words win over it.
_WORDS = (
    "git", "--no-pager", "--no-optional-locks", "--literal-pathspecs",
    "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "core.commitGraph=false",
    "-c", "core.bigFileThreshold=8m", "-c", "submodule.recurse=false", "-c", "safe.directory=*",
)  # fmt: skip
_ENVIRONMENT = {
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_GRAFT_FILE": "/dev/null",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}


@dataclass(frozen=True, slots=True)
class Change:
    """A commit gave `path` the content `blob`; `before` are those of its parents."""

    commit: str
    path: bytes
    blob: str
    before: tuple[str, ...]


class Repository:
    """A working copy, open until `limit_s` is over: then every git is ended.

    Every method raises `Permanent` when git cannot tell, `Temporary` when the time is over.
    """

    def __init__(self, folder: Path, limit_s: float, git: Path | None = None) -> None:
        self.folder = folder.absolute()
        self.has_index = git is None
        self._git = git.absolute() if git else self.folder / ".git"
        self._ends = time.monotonic() + limit_s
        self._limit_s = limit_s
        self._running: list[subprocess.Popen[bytes]] = []
        self._timer = threading.Timer(limit_s, self._end)
        self._timer.daemon = True
        self._blobs: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        self._end()
        for one in self._running:
            one.wait()
            for pipe in (one.stdin, one.stdout):
                if pipe:
                    with suppress(OSError):
                        pipe.close()

    def in_time(self) -> None:
        """Raise `Temporary` when the time is over."""
        if time.monotonic() >= self._ends:
            raise Temporary(f"it did not end within {self._limit_s:g} s")

    def commit(self, name: str) -> str:
        """Return the full name of a commit. Errors: `Refused` when there is none."""
        if name == "HEAD" or _NAME.fullmatch(name):
            words = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
            with suppress(Permanent):
                return b"".join(self._records(words, b"\n")).decode()
        raise Refused(f"{name[:80]!r} is no commit here: fetch it, or name another")

    def tracked(self) -> set[bytes]:
        """Return the paths that are in the index; none where the git folder is another one's."""
        if not self.has_index:
            return set()
        told = (one.partition(b"\t") for one in self._records(("ls-files", "-s", "-z"), b"\0"))
        return {path for about, _, path in told if about.split()[0].decode() in _FILES}

    def at(self, commit: str) -> dict[bytes, str]:
        """Return each path of a commit with the name of its content."""
        words = ("ls-tree", "-r", "-z", "--full-tree", commit)
        told = (one.partition(b"\t") for one in self._records(words, b"\0"))
        split = ((about.decode().split(), path) for about, _, path in told)
        return {path: about[2] for about, path in split if about[0] in _FILES}

    def changes(self, since: str, until: str) -> Iterator[Change]:
        """Yield what each commit new since `since` changed, the oldest first.

        Empty `since`: only `until` itself. A merge changes what it has from none of its parents.
        """
        new = (f"^{since}", until) if since else ("--no-walk", until)
        commits = self._start(("rev-list", "--reverse", "--topo-order", *new, "--"))
        words = ("diff-tree", "--stdin", "-r", "-z", "-c", "--root", "--no-renames", "--no-abbrev")
        commit = ""
        told = self._records((*words, "--raw", "--always"), b"\0", commits.stdout)
        for record in told:
            if not record.startswith(b":"):
                commit = record.decode()
                continue
            path, many = next(told), len(record) - len(record.lstrip(b":"))
            about = record.lstrip(b":").decode().split()
            blobs = about[many + 1 : 2 * many + 2]
            if about[many] in _FILES:
                kept = zip(about[:many], blobs[:many], strict=True)
                before = tuple(blob for mode, blob in kept if mode in _FILES)
                yield Change(commit, path, blobs[many], before)
        self._well(commits)

    def cut_off(self, since: str, until: str) -> bool:
        """Tell whether commits new since `since` may be missing: the history was not fetched."""
        if not since or not (self._git_dir() / "shallow").exists():
            return False
        edge = (self._git_dir() / "shallow").read_text("ascii", "replace").split()
        new = self._records(("rev-list", f"^{since}", until, "--"), b"\n")
        return not set(edge).isdisjoint(one.decode() for one in new)

    def content(self, blob: str) -> Iterator[bytes]:
        """Yield the bytes of a blob; they must be taken to the end."""
        if self._blobs is None:
            self._blobs = self._start(("cat-file", "--batch"), subprocess.PIPE)
        given, told = self._blobs.stdin, self._blobs.stdout
        assert given is not None
        assert told is not None
        try:
            given.write(f"{blob}\n".encode())
            given.flush()
            about = told.readline(_LINE_BYTES).split()
        except OSError:
            about = []
        self.in_time()
        if len(about) != 3 or about[1] != b"blob":
            raise Permanent(f"the content {blob[:12]} is missing in the repository: fetch it whole")
        left = int(about[2]) + 1
        while left:
            chunk = told.read(min(left, CHUNK_BYTES))
            self.in_time()
            if not chunk:
                raise Permanent(f"git could not read the content {blob[:12]}: run `git fsck`")
            left -= len(chunk)
            yield chunk if left else chunk[:-1]

    def _git_dir(self) -> Path:
        told = b"".join(self._records(("rev-parse", "--git-common-dir"), b"\n"))
        return self.folder / os.fsdecode(told)

    def _records(
        self, words: Sequence[str], end: bytes, given: IO[bytes] | int | None = None
    ) -> Iterator[bytes]:
        """Yield what git writes, without the ends of its records."""
        running = self._start(words, given)
        assert running.stdout is not None
        rest = b""
        while chunk := running.stdout.read1(CHUNK_BYTES):  # type: ignore[attr-defined]
            *whole, rest = (rest + chunk).split(end)
            yield from whole
        self._well(running)

    def _well(self, running: "subprocess.Popen[bytes]") -> None:
        status = running.wait()
        self.in_time()
        if status:
            word = list(running.args)[len(_WORDS)]  # type: ignore[arg-type]
            raise Permanent(
                f"`git {word!s}` ended with status {status}: is the folder a whole git repository?"
            )

    def _start(
        self, words: Sequence[str], given: IO[bytes] | int | None = None
    ) -> "subprocess.Popen[bytes]":
        self.in_time()
        ours = {"GIT_DIR": str(self._git), "GIT_WORK_TREE": str(self.folder)}
        try:
            running = subprocess.Popen(
                [*_WORDS, *words],
                stdin=subprocess.DEVNULL if given is None else given,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd=self.folder,
                env={"PATH": os.environ.get("PATH", os.defpath)} | _ENVIRONMENT | ours,
                start_new_session=True,
            )
        except OSError as error:
            raise Permanent(f"git cannot be started there: {error.strerror}") from error
        self._running.append(running)
        return running

    def _end(self) -> None:
        for one in self._running:
            if one.poll() is None:
                with suppress(ProcessLookupError):
                    os.killpg(one.pid, signal.SIGKILL)
