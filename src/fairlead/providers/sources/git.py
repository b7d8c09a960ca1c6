"""How do commits come from a git repository, when neither it nor its history can be trusted?"""

import fcntl
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from fairlead.errors import Conflict, Refused
from fairlead.providers.sources.calling import Call, ask, failure, output_of, without_secrets
from fairlead.providers.sources.drafts import on_disk, put, remove
from fairlead.providers.sources.refs import SHA, checked_location, listing
from fairlead.release.release import Commit

RUN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
LARGEST_FILE = 8 * 1024 * 1024
LONGEST_MESSAGE = 10_000
KEPT = "refs/fairlead"
FETCH = ("fetch", "--no-tags", "--no-write-fetch-head", "--update-shallow", "--quiet", "--")
SHOW = ("--no-show-signature", "--encoding=UTF-8", "--format=%H%x00%an%x00%ae%x00%B")


@dataclass(frozen=True, slots=True)
class GitRepository:
    """Keeps one bare copy of everybody's commits in `folder`; satisfies the port `Repository`.

    `patience_s` limits every call that moves many bytes. Checkouts have no `.git` folder: what a
    build does there cannot reach the copy. Large files (LFS) and submodules are not fetched.
    """

    folder: Path
    patience_s: float = 600.0

    @property
    def history(self) -> Path:
        """Return the bare repository that has every commit."""
        return self.folder.absolute() / "commits.git"

    def fetch(self, location: str, ref: str) -> Commit:
        """Bring the commit that `ref` names into our copy, under a ref that keeps it for good."""
        place = checked_location(location)
        shown = without_secrets(place)
        self._prepare()
        call = Call(("ls-remote", "--symref", "--", place), self.patience_s)
        found = listing(output_of(self.folder, call, f"looking into {shown}"))
        sha, branch = found.named(ref, shown)
        with self._writing() as lock:
            if not self._has(sha):
                words = self._words(*FETCH, place, f"+{sha}:{KEPT}/{sha}")
                answer = ask(self.folder, Call(words, self.patience_s, held=(lock,)))
                # Two may bring the same commit at once: one of them finds the ref taken.
                if answer.status and not self._has(sha):
                    raise failure(answer, f"fetching {sha[:12]} from {shown}")
            commit = self._commit(sha, branch)
            if commit.sha != sha:
                # The digits were those of a tag: keep the commit under its own.
                words = self._words("update-ref", f"{KEPT}/{commit.sha}", commit.sha)
                output_of(self.folder, Call(words, held=(lock,)), f"keeping {commit.sha[:12]}")
        return commit

    def read(self, sha: str, path: str) -> bytes:
        """Return one file's bytes at a commit; `Refused` above 8 MiB."""
        self._known(sha)
        if "\0" in path or not path or path.startswith("/"):
            raise Refused(f"{path!r} is no path within a repository")
        size = ask(self.folder, Call(self._words("cat-file", "-s", f"{sha}:{path}")))
        if size.status or int(size.output) > LARGEST_FILE:
            raise Refused(f"commit {sha[:12]} has no file {path!r} of at most 8 MiB: commit it")
        answer = ask(self.folder, Call(self._words("cat-file", "blob", f"{sha}:{path}")))
        if answer.status:
            raise Refused(f"{path!r} is no file in commit {sha[:12]}")
        return answer.output

    def checkout(self, sha: str, run: str) -> Path:
        """Return the run's own checkout: complete, or absent after a crash.

        Asking twice gives the same folder with whatever a build has made in it. Hooks and filters
        do not run. `Conflict` when the run has another commit.
        """
        home = self._checkout(run)
        if not (home / "commit").exists():
            self._known(sha)
            with on_disk(f"checking {sha[:12]} out"):
                self._check_out(sha, home)
        found = (home / "commit").read_text()
        if found != sha:
            raise Conflict(f"run {run} works on commit {found[:12]}, not {sha[:12]}: start another")
        return home / "files"

    def discard(self, run: str) -> None:
        """Remove the run's checkout and what a crash left of one."""
        home = self._checkout(run)
        with on_disk(f"discarding the checkout of {run}"):
            for draft in home.parent.glob(f".{run}~*"):
                remove(draft)
            if home.exists():
                # Half a checkout must never be taken for a whole one.
                gone = Path(tempfile.mkdtemp(prefix=f".{run}~", dir=home.parent))
                home.rename(gone)
                remove(gone)

    def blobs(self, sha: str) -> dict[str, str]:
        """Return every tracked path with its id; a submodule's is the commit it is at.

        Bytes of a path that are no UTF-8 are written as `\\xff`.
        """
        self._known(sha)
        call = Call(self._words("ls-tree", "-r", "-z", "--full-tree", sha), self.patience_s)
        lines = output_of(self.folder, call, f"listing the files of {sha[:12]}").split(b"\0")[:-1]
        split = (line.partition(b"\t") for line in lines)
        return {
            path.decode("utf-8", "backslashreplace"): told.split()[2].decode()
            for told, _, path in split
        }

    def _words(self, *words: str) -> tuple[str, ...]:
        # The copy's own configuration is ours, but hooks stay off even if somebody changed it.
        return ("-c", "core.hooksPath=/dev/null", f"--git-dir={self.history}", *words)

    def _checkout(self, run: str) -> Path:
        if not RUN.fullmatch(run):
            raise Refused(f"{run!r} is no name of a run")
        return self.folder.absolute() / "checkouts" / run

    def _prepare(self) -> None:
        if self.history.exists():
            return
        with on_disk("making a folder for commits"):
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            draft = Path(tempfile.mkdtemp(prefix=".commits~", dir=self.folder.absolute()))
            try:
                call = Call(("init", "--quiet", "--bare", "--template=", str(draft)))
                output_of(self.folder, call, "making a folder for commits")
                put(draft, self.history)
            finally:
                remove(draft)

    def _has(self, sha: str) -> bool:
        words = self._words("rev-parse", "--verify", "--quiet", f"{KEPT}/{sha}^{{commit}}")
        return ask(self.folder, Call(words)).status == 0

    def _known(self, sha: str) -> None:
        if not (SHA.fullmatch(sha) and self.history.exists() and self._has(sha)):
            raise Refused(f"commit {sha[:12]!r} was never fetched: submit it")

    def _commit(self, sha: str, branch: str) -> Commit:
        words = self._words("log", "-1", *SHOW, f"{KEPT}/{sha}^{{commit}}", "--")
        answer = ask(self.folder, Call(words))
        if answer.status:
            raise Refused(f"{sha[:12]} is no commit (git: {answer.told[:200]!r}): name a commit")
        found, name, email, message = answer.output.decode("utf-8", "replace").split("\0", 3)
        message = message.replace("\0", "").strip("\n")[:LONGEST_MESSAGE]
        return Commit(found, branch, name, email, message)

    def _check_out(self, sha: str, home: Path) -> None:
        home.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=f".{home.name}~", dir=home.parent))
        try:
            (draft / "files").mkdir()
            env = {"GIT_INDEX_FILE": str(draft / "index"), "GIT_WORK_TREE": str(draft / "files")}
            for words in (("read-tree", sha), ("checkout-index", "--all", "--force", "--quiet")):
                call = Call(self._words(*words), self.patience_s, env)
                output_of(self.folder, call, f"checking {sha[:12]} out")
            (draft / "commit").write_text(sha)
            put(draft, home)
        finally:
            remove(draft)

    @contextmanager
    def _writing(self) -> Iterator[int]:
        """Hold the copy for writing, together with others who bring other commits.

        A git that outlives a killed controller holds it, too. So git's lock files, when nobody
        else writes, belong to a git that was killed, and are removed.
        """
        with on_disk("writing commits"), self.history.with_suffix(".lock").open("ab") as file:
            with suppress(BlockingIOError):
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                for stale in [
                    *self.history.glob("*.lock"),
                    *(self.history / "refs").rglob("*.lock"),
                ]:
                    stale.unlink()
            fcntl.flock(file, fcntl.LOCK_SH)
            yield file.fileno()
