"""How are artifacts kept in a local folder, so that a changed byte is always found?"""

import errno
import fcntl
import hashlib
import os
import re
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from fairlead.errors import Permanent, Refused, Temporary
from fairlead.providers.objects import tree
from fairlead.release.archive import Member, problem, units
from fairlead.release.component import ComponentKind
from fairlead.release.release import Artifact

DIGEST = re.compile(r"[0-9a-f]{64}")
NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
LEFT_BEHIND_S = 24 * 3600.0


@dataclass(frozen=True, slots=True)
class LocalArtifacts:
    """Keeps `<digest>.tar`, and `unpacked/<digest>/` for what runs; the port is `Artifacts`."""

    folder: Path

    def pack(self, component: str, kind: ComponentKind, folder: Path) -> Artifact:
        """Archive `folder` and keep it under its digest: complete or not at all."""
        with _disk(f"packing {component}"):
            found = _checked(component, folder)
            named = units(component, kind, found)
            self.folder.mkdir(parents=True, exist_ok=True)
            _forget_drafts(self.folder)
            with _draft(self.folder) as draft:
                with draft.open("w+b") as file:
                    tree.write(folder, found, file)
                    file.flush()
                    os.fsync(file.fileno())
                    size = file.tell()
                    file.seek(0)
                    digest = hashlib.file_digest(file, "sha256").hexdigest()
                draft.chmod(0o444)
                draft.rename(self.folder / f"{digest}.tar")
                _sync(self.folder)
        return Artifact(component, kind, digest, size, named)

    def unpack(self, artifact: Artifact) -> Path:
        """Return the artifact's files, each the byte that was packed.

        Both the archive and what an earlier call unpacked are read anew every time. A changed
        archive is refused; a changed file is mended by unpacking the archive again beside it and
        swapping the folders.
        """
        named = f"{artifact.component} {artifact.digest[:12]}"
        unpacked = self.folder / "unpacked"
        with _disk(f"unpacking {named}"), self._verified(artifact, named) as archive:
            unpacked.mkdir(parents=True, exist_ok=True)
            with _alone(unpacked / "lock"):
                place = unpacked / artifact.digest
                if not (place.is_dir() and tree.matches(archive, place)):
                    _forget_drafts(unpacked)
                    _place(archive, place)
        return place

    @contextmanager
    def _verified(self, artifact: Artifact, named: str) -> Iterator[BinaryIO]:
        if not DIGEST.fullmatch(artifact.digest):
            raise Permanent(f"{artifact.digest[:80]!r} is not a digest (SHA-256, hex): refused")
        try:
            archive = (self.folder / f"{artifact.digest}.tar").open("rb")
        except FileNotFoundError as error:
            raise Permanent(
                f"the bytes of {named} are gone: restore them from a backup, or release anew"
            ) from error
        with archive:
            found = hashlib.file_digest(archive, "sha256").hexdigest()
            if found != artifact.digest:
                raise Permanent(
                    f"the bytes of {named} have the digest {found[:12]}…: they were changed after "
                    "the release was built and are refused; restore them, or release anew"
                )
            yield archive


def _checked(component: str, folder: Path) -> list[Member]:
    if folder.is_symlink() or not folder.is_dir():
        raise Refused(
            f"{component}: {folder.name!r} is not a folder: build it, or correct its path"
        )
    found = tree.members(folder)
    if sentence := problem(found):
        raise Refused(f"{component}: {sentence}; take it out of the artifact")
    return found


def _place(archive: BinaryIO, place: Path) -> None:
    """Put the archive's files at `place`. A crash leaves them complete or absent."""
    with _draft(place.parent, folder=True) as draft, _draft(place.parent, folder=True) as old:
        tree.extract(archive, draft)
        if place.exists():
            place.rename(old)
        draft.rename(place)


@contextmanager
def _draft(beside: Path, folder: bool = False) -> Iterator[Path]:
    """Lend a place beside the final one; what still stands there in the end is removed."""
    draft = Path(tempfile.mkdtemp(prefix=".draft-", dir=beside))
    try:
        yield draft if folder else draft / "archive"
    finally:
        tree.remove(draft)


def _forget_drafts(beside: Path) -> None:
    """Remove what a process that was killed left half-written."""
    for draft in beside.glob(".draft-*"):
        with suppress(FileNotFoundError):
            if draft.stat().st_mtime < time.time() - LEFT_BEHIND_S:
                tree.remove(draft)


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    with lock.open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def _disk(doing: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in NO_ROOM:
            raise Temporary(
                f"the disk is full: {doing} left nothing behind; free space, then try again"
            ) from error
        raise Temporary(f"{doing} failed and left nothing behind: {error}") from error


def _sync(folder: Path) -> None:
    number = os.open(folder, os.O_RDONLY)
    os.fsync(number)
    os.close(number)
