"""How do bytes reach a file, encrypted when there is a key, and come back?

The format is age (https://age-encryption.org/v1) with an X25519 key: what is kept can be read
without Fairlead, by `age --decrypt --identity KEYFILE`. Nothing is ever written in clear beside it.
"""

import errno
import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import pyrage

from fairlead.errors import Permanent, Refused
from fairlead.migrations.backup import KeptFile

CHUNK_BYTES = 1 << 20
ENDING = ".age"
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


Told = Callable[[int], None]


def silent(_: int) -> None:
    """Tell nobody how many bytes there are."""


class Source(Protocol):
    """Gives bytes, none at its end."""

    def read(self, size: int, /) -> bytes:
        """Return at most that many bytes."""
        ...


class Sink(Protocol):
    """Takes bytes."""

    def write(self, data: bytes, /) -> int:
        """Take them all."""
        ...


@dataclass(frozen=True, slots=True)
class Key:
    """A secret key of age; its public half encrypts."""

    identity: pyrage.x25519.Identity = field(repr=False)


def read_key(text: str) -> Key:
    """Read a key as `age-keygen` writes it: one line AGE-SECRET-KEY-1…, comments after #.

    Errors: `Refused` when it is none; the sentence tells nothing of it.
    """
    lines = [line.strip() for line in text.splitlines()]
    found = [line for line in lines if line and not line.startswith("#")]
    try:
        (line,) = found
        return Key(pyrage.x25519.Identity.from_str(line))
    except (ValueError, pyrage.IdentityError):
        raise Refused(
            "the key for backups is none: it is one line that begins with AGE-SECRET-KEY-1, as "
            "`fairlead backup key` and `age-keygen` make it"
        ) from None


def new_key() -> str:
    """Make a key, and return the text to keep."""
    made = pyrage.x25519.Identity.generate()
    return f"# public key: {made.to_public()}\n{made}\n"


class _Through:
    """Passes bytes on, counts them, and remembers what went wrong: age's own error hides it."""

    def __init__(
        self, source: Source | None = None, sink: Sink | None = None, tell: Told = silent
    ) -> None:
        self._source, self._sink, self._tell = source, sink, tell
        self.size, self.digest = 0, hashlib.sha256()
        self.failure: BaseException | None = None

    def read(self, size: int = CHUNK_BYTES) -> bytes:
        assert self._source is not None
        try:
            return self._seen(self._source.read(size))
        except BaseException as error:
            self.failure = error
            raise

    def write(self, data: bytes) -> int:
        assert self._sink is not None
        try:
            self._sink.write(data)
            self._seen(data)
        except BaseException as error:
            self.failure = error
            raise
        return len(data)

    def flush(self) -> None:
        """Do nothing: the file is flushed once, at its end."""

    def _seen(self, data: bytes) -> bytes:
        self.size += len(data)
        self.digest.update(data)
        self._tell(self.size)
        return data


def put(source: Source, path: Path, key: Key | None, tell: Told) -> KeptFile:
    """Write everything from `source` to a new file, on disk when this returns.

    `tell` hears how many bytes there are.

    Errors: `Refused` when the disk is full; whatever `source` raises.
    """
    try:
        with path.open("xb", buffering=CHUNK_BYTES) as file:
            sink = _Through(sink=file, tell=tell)
            if key is None:
                while data := source.read(CHUNK_BYTES):
                    sink.write(data)
            else:
                _through(
                    lambda given, taken: pyrage.encrypt_io(
                        given, taken, [key.identity.to_public()]
                    ),
                    _Through(source=source),
                    sink,
                )
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise _untaken(error, path) from error
    return KeptFile(sink.size, sink.digest.hexdigest())


def get(path: Path, key: Key | None, sink: Sink) -> None:
    """Write everything in a file to `sink`, decrypted when there is a key.

    Errors: `Refused` when the key is not that of the file; whatever `sink` raises.
    """
    try:
        with path.open("rb") as file:
            if key is None:
                while data := file.read(CHUNK_BYTES):
                    sink.write(data)
                return
            _through(
                lambda given, taken: pyrage.decrypt_io(given, taken, [key.identity]),
                _Through(source=file),
                _Through(sink=sink),
            )
    except pyrage.DecryptError:
        raise Refused(
            f"{path.parent.name} cannot be decrypted with this key: set the one it was taken with"
        ) from None


def digest(path: Path) -> KeptFile:
    """Return the size and SHA-256 of a file as it is on disk."""
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
        return KeptFile(file.tell(), found)


def _through(work: Callable[[_Through, _Through], None], given: _Through, taken: _Through) -> None:
    try:
        work(given, taken)
    except (pyrage.EncryptError, OSError):
        if failure := given.failure or taken.failure:
            raise failure from None
        raise


def _untaken(error: OSError, path: Path) -> Refused | Permanent:
    if error.errno in _NO_ROOM:
        return Refused(
            f"the disk is full: nothing was kept in {path.parent.parent}; free space there, or "
            "keep backups elsewhere with --keep"
        )
    return Permanent(f"{path} cannot be written: {error.strerror or error}")
