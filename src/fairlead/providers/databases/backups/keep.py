"""Where are backups kept? In a folder, each in one of its own, whole or not at all."""

import fcntl
import io
import os
import re
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from fairlead.errors import NotFound, Refused
from fairlead.migrations import backup
from fairlead.migrations.backup import MANIFEST, KeptFile, Manifest
from fairlead.providers.databases.backups import sealing
from fairlead.providers.databases.backups.sealing import Key, Sink, Source, Told, silent

_UNFINISHED = ".unfinished-"
_NAME = re.compile(r"[a-z0-9_-]+-\d{8}t\d{6}z-[0-9a-f]{6}")


@dataclass(frozen=True, slots=True)
class Listed:
    """All backups, the newest first, and a sentence for each that cannot be read."""

    backups: tuple[Manifest, ...]
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """A backup while it is taken: a folder that is none yet."""

    folder: Path
    name: str


@dataclass(frozen=True, slots=True)
class Keep:
    """A folder with backups; with a `key` what it takes is encrypted, and nothing else is read."""

    folder: Path
    key: Key | None = None

    @contextmanager
    def draft(self, database: str, now: datetime) -> Iterator[Draft]:
        """Lend a folder for a new backup; what is not `finish`ed in it is gone with the block.

        What a killed process has left is removed first.
        """
        label = re.sub(r"[^a-z0-9_-]+", "-", database.lower()).strip("-")[:40] or "database"
        name = f"{label}-{now:%Y%m%dt%H%M%Sz}-{secrets.token_hex(3)}"
        folder, lock = self._begun()
        try:
            yield Draft(folder, name)
        finally:
            os.close(lock)
            shutil.rmtree(folder, ignore_errors=True)

    def put(self, draft: Draft, kind: str, source: Source, tell: Told = silent) -> KeptFile:
        """Write one of the files of a backup.

        Errors: `Refused` when the disk is full; whatever `source` raises.
        """
        return sealing.put(source, draft.folder / self._called(kind), self.key, tell)

    def finish(self, draft: Draft, manifest: Manifest) -> None:
        """Make it a backup, all of it on disk; the manifest is written last."""
        text = io.BytesIO(backup.write(manifest))
        sealing.put(text, draft.folder / MANIFEST, None, silent)
        _sync(draft.folder)
        draft.folder.rename(self.folder / manifest.name)
        _sync(self.folder)

    def listed(self) -> Listed:
        """Return what there is; nothing when the folder does not exist."""
        found: list[Manifest] = []
        problems: list[str] = []
        names = [path.name for path in self.folder.glob("*/")] if self.folder.is_dir() else []
        for name in filter(_NAME.fullmatch, names):
            try:
                found.append(self.find(name))
            except Refused as error:
                problems.append(str(error))
        found.sort(key=lambda one: (one.taken_at, one.name), reverse=True)
        return Listed(tuple(found), tuple(sorted(problems)))

    def find(self, name: str) -> Manifest:
        """Return the manifest of a backup.

        Errors: `NotFound` when there is none of that name, `Refused` when it cannot be read.
        """
        try:
            text = (self.folder / name / MANIFEST).read_bytes() if _NAME.fullmatch(name) else None
        except FileNotFoundError:
            text = None
        except OSError as error:
            raise Refused(f"backup {name} cannot be read: {error.strerror}") from error
        if text is None:
            raise NotFound(
                f"there is no backup {name} in {self.folder}: `fairlead backup list` tells which "
                "there are"
            )
        return backup.read(text, name)

    def check(self, manifest: Manifest) -> tuple[str, ...]:
        """Return a sentence for every file that is not, byte for byte, what was kept."""
        return tuple(
            sentence
            for kind, kept in manifest.files.items()
            if (sentence := self._file_problem(manifest, kind, kept))
        )

    def get(self, manifest: Manifest, kind: str, sink: Sink) -> None:
        """Write one of the files of a backup, decrypted, to `sink`.

        Errors: `Refused` when there is no key for it, or it is not encrypted and there is a key.
        """
        if manifest.encrypted and self.key is None:
            raise Refused(
                f"backup {manifest.name} is encrypted: set FAIRLEAD_BACKUP_KEY_FILE to the file "
                "with the key it was taken with"
            )
        if self.key and not manifest.encrypted:
            raise Refused(
                f"backup {manifest.name} is not encrypted, and there is a key: it is older than "
                "the key, or somebody else put it there; to take it as it is, unset the key"
            )
        sealing.get(self._path(manifest, kind), self.key, sink)

    def text(self, manifest: Manifest, kind: str) -> bytes:
        """Return one of the small files of a backup, decrypted.

        Errors: as those of `get`.
        """
        found = io.BytesIO()
        self.get(manifest, kind, found)
        return found.getvalue()

    def replace(self, manifest: Manifest) -> None:
        """Write the manifest of a backup anew: whole, or the old one stays."""
        folder = self.folder / manifest.name
        fresh = folder / f"{MANIFEST}.{secrets.token_hex(3)}"
        try:
            sealing.put(io.BytesIO(backup.write(manifest)), fresh, None, silent)
            fresh.rename(folder / MANIFEST)
            _sync(folder)
        finally:
            fresh.unlink(missing_ok=True)

    def remove(self, manifest: Manifest) -> None:
        """Remove a backup; a killed removal leaves nothing that looks like one."""
        gone = self.folder / f"{_UNFINISHED}{manifest.name}"
        with self._alone(), suppress(FileNotFoundError):
            (self.folder / manifest.name).rename(gone)
            shutil.rmtree(gone, ignore_errors=True)

    def _file_problem(self, manifest: Manifest, kind: str, kept: KeptFile) -> str:
        path = self._path(manifest, kind)
        try:
            found = sealing.digest(path)
        except FileNotFoundError:
            return f"{path.name} of backup {manifest.name} is gone"
        except OSError as error:
            return f"{path.name} of backup {manifest.name} cannot be read: {error.strerror}"
        if found.size != kept.size:
            return (
                f"{path.name} of backup {manifest.name} has {found.size:,} bytes, "
                f"{kept.size:,} were kept"
            )
        if found != kept:
            return f"{path.name} of backup {manifest.name} was changed: its SHA-256 is another"
        return ""

    def _path(self, manifest: Manifest, kind: str) -> Path:
        ending = sealing.ENDING if manifest.encrypted else ""
        return self.folder / manifest.name / f"{kind}{ending}"

    def _called(self, kind: str) -> str:
        return f"{kind}{sealing.ENDING}" if self.key else kind

    def _begun(self) -> tuple[Path, int]:
        """Return a new folder and the lock that tells that somebody works in it."""
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with self._alone():
                self._remove_abandoned()
                folder = Path(tempfile.mkdtemp(prefix=_UNFINISHED, dir=self.folder))
                lock = os.open(folder, os.O_RDONLY)
                fcntl.flock(lock, fcntl.LOCK_EX)
        except OSError as error:
            raise Refused(
                f"nothing can be kept in {self.folder}: {error.strerror}: name another folder "
                "with --keep"
            ) from error
        return folder, lock

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with (self.folder / ".lock").open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _remove_abandoned(self) -> None:
        # A live process holds the lock of its folder: it takes it before anybody can look.
        for folder in self.folder.glob(f"{_UNFINISHED}*"):
            with suppress(OSError):
                lock = os.open(folder, os.O_RDONLY)
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    shutil.rmtree(folder, ignore_errors=True)
                finally:
                    os.close(lock)


def _sync(folder: Path) -> None:
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
