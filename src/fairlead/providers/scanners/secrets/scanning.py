"""Which secrets lie in the tracked files of a working copy, or were in its newest commits?"""

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from fairlead.errors import FairleadError, Permanent
from fairlead.gates.finding import Finding, Scan
from fairlead.providers.scanners.secrets import context, formats
from fairlead.providers.scanners.secrets.leak import Leak, leaks
from fairlead.providers.scanners.secrets.reading import opened
from fairlead.providers.scanners.secrets.repository import CHUNK_BYTES, Repository

TOOL, ABOUT = "secrets", "https://github.com/mongodb/kingfisher"
LIMIT_S = 600.0
MOST_FINDINGS = 10_000
_LONGEST_PATH = 200


def scan(folder: Path, since: str = "", history: Path | None = None, commit: str = "") -> Scan:
    """Return the secrets in the tracked files of `folder` and in the commits new since `since`.

    A secret that files no longer hold is told with the first commit that added it. Empty `since`:
    only the newest commit. `history` is the git folder and `commit` the one that the files are of,
    where they lie apart; else those of the folder itself. Links are not followed, submodules and
    binary files not read. Whatever keeps it from reading the rest makes the scan's `unknown`;
    nothing is raised.
    """
    try:
        with Repository(folder, LIMIT_S, history) as repository:
            found = tuple(_Search(repository).findings(since, commit or "HEAD"))
    except (FairleadError, OSError, ValueError) as error:
        why = str(error) if isinstance(error, FairleadError) else type(error).__name__
        return Scan(
            TOOL, formats.version(), ABOUT, unknown=f"secrets could not be looked for: {why}"
        )
    return Scan(TOOL, formats.version(), ABOUT, found)


class _Search:
    """One search through a repository; every content is read once."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._known: dict[tuple[str, bool], tuple[Leak, ...]] = {}
        self._seen: set[bytes] = set()
        self._many = 0

    def findings(self, since: str, until: str) -> Iterator[Finding]:
        """Yield those of the files by name, then those of the history, the oldest first."""
        head = self._repository.commit(until)
        old = self._repository.commit(since) if since else ""
        if self._repository.cut_off(old, head):
            raise Permanent(
                f"not every commit since {old[:12]} was fetched: run `git fetch --unshallow`"
            )
        at_head = self._repository.at(head)
        for path in sorted(at_head.keys() | self._repository.tracked()):
            for leak in self._lying(path, at_head.get(path, "")):
                yield self._counted(leak.told(os.fsdecode(path)))
        for change in self._repository.changes(old, head):
            if change.blob == at_head.get(change.path):
                continue
            found = self._in_blob(change.blob, change.path)
            if not found:
                continue
            kept = {
                one.digest for blob in change.before for one in self._in_blob(blob, change.path)
            }
            for leak in found:
                if leak.digest not in kept | self._seen:
                    self._seen.add(leak.digest)
                    yield self._counted(leak.told(os.fsdecode(change.path), change.commit))

    def _lying(self, path: bytes, blob: str) -> tuple[Leak, ...]:
        """Return what a file holds, and what the commit has there when that is another content."""
        found, named = self._on_disk(path, blob)
        known = {one.digest for one in found}
        if blob and blob != named:
            found += tuple(one for one in self._in_blob(blob, path) if one.digest not in known)
        self._seen |= known | {one.digest for one in found}
        return found

    def _on_disk(self, path: bytes, blob: str) -> tuple[tuple[Leak, ...], str]:
        """Return what the file holds, and git's name for its content; nothing when it is none."""
        try:
            file = opened(self._repository.folder, path)
            if file is None:
                return (), ""
            with file:
                size = os.fstat(file.fileno()).st_size
                kind = "sha256" if len(blob) == 64 else "sha1"
                digest = hashlib.new(kind, b"blob %d\0" % size, usedforsecurity=False)
                found = self._leaks(self._chunks(file, digest.update), path)
                return found, digest.hexdigest()
        except OSError as error:
            raise Permanent(f"{_shown(path)} cannot be read: {error.strerror}") from None

    def _chunks(self, file: BinaryIO, seen: Callable[[bytes], None]) -> Iterator[bytes]:
        while chunk := file.read(CHUNK_BYTES):
            self._repository.in_time()
            seen(chunk)
            yield chunk

    def _in_blob(self, blob: str, path: bytes) -> tuple[Leak, ...]:
        key = (blob, context.is_env(os.fsdecode(path)))
        if key not in self._known:
            self._known[key] = self._leaks(self._repository.content(blob), path)
        return self._known[key]

    def _leaks(self, chunks: Iterable[bytes], path: bytes) -> tuple[Leak, ...]:
        told: list[Leak] = []
        for leak in leaks(chunks, is_env=context.is_env(os.fsdecode(path))):
            told.append(leak)
            self._bounded(len(told))
        return tuple(told)

    def _counted(self, finding: Finding) -> Finding:
        self._many += 1
        self._bounded(self._many)
        return finding

    def _bounded(self, many: int) -> None:
        if many > MOST_FINDINGS:
            raise Permanent(f"there are more than {MOST_FINDINGS:,}: take out what was generated")


def _shown(path: bytes) -> str:
    told = path.decode("utf-8", "backslashreplace")
    return "".join(sign if sign.isprintable() else " " for sign in told)[:_LONGEST_PATH]
