"""What is a backup? Files, and a manifest that says what they are and whether that was proven."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar

from pydantic import ConfigDict, TypeAdapter, ValidationError

from fairlead.errors import Refused
from fairlead.migrations.contents import Contents

MANIFEST = "manifest.json"
DUMP, ROLES, SCHEMA, CONTENTS = "dump", "roles.sql", "schema.sql", "contents.json"
FORMAT = 1
_STRICT = ConfigDict(extra="forbid", strict=True)


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file as it lies there: its size in bytes and its SHA-256 in hexadecimal."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Proof:
    """A backup was restored and compared as a whole; `of` is the digest of its manifest."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    at: datetime
    where: str
    compared: str
    fairlead: str
    of: str


@dataclass(frozen=True, slots=True)
class Doubt:
    """A backup that nobody may rely on: every reason is a sentence."""

    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself; it is written last, so a folder without one is no backup.

    `database` has no password in it. `server` is the major version. `files` are by what they are,
    not by how they are called. Names and checksums of tables are in one of them, which is
    encrypted too where the backup is.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    format: int
    name: str
    taken_at: datetime
    seconds: float
    database: str
    server: int
    fairlead: str
    encrypted: bool
    tables: int
    rows: int
    fingerprint: str
    files: dict[str, KeptFile]
    proof: Proof | None = None

    @property
    def digest(self) -> str:
        """Return the SHA-256 of all that it says but the proof."""
        return hashlib.sha256(_MANIFEST.dump_json(replace(self, proof=None))).hexdigest()

    @property
    def is_proven(self) -> bool:
        """Tell whether the proof is of what the manifest says now."""
        return self.proof is not None and self.proof.of == self.digest

    @property
    def size(self) -> int:
        """Return the size of all files in bytes."""
        return sum(file.size for file in self.files.values())


_MANIFEST = TypeAdapter(Manifest)
_CONTENTS = TypeAdapter(Contents)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a long piece of work is: tables, bytes, and seconds since it began."""

    doing: str
    tables: int = 0
    of: int = 0
    bytes: int = 0
    seconds: float = 0.0


Tell = Callable[[Progress], None]


def write(manifest: Manifest) -> bytes:
    """Return the manifest as JSON."""
    return _MANIFEST.dump_json(manifest, indent=2) + b"\n"


def read(text: bytes, name: str) -> Manifest:
    """Read the manifest of the backup of that name.

    Errors: `Refused` when it is damaged, of another backup, or newer than we are.
    """
    try:
        found = _MANIFEST.validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "its text"
        raise Refused(
            f"the manifest of backup {name} cannot be read ({where}: {first['msg'].lower()}): it "
            "was damaged, or written by a newer Fairlead; take another backup"
        ) from error
    if found.format != FORMAT or set(found.files) != {DUMP, ROLES, SCHEMA, CONTENTS}:
        raise Refused(f"the manifest of backup {name} is of another Fairlead: upgrade Fairlead")
    if found.name != name:
        raise Refused(f"the manifest of backup {name} is that of {found.name}: put it back")
    return found


def write_contents(contents: Contents) -> bytes:
    """Return what was in a database as JSON."""
    return _CONTENTS.dump_json(contents)


def read_contents(text: bytes) -> Contents:
    """Read what was in a database.

    Errors: `Refused` when the text is none of ours.
    """
    try:
        return _CONTENTS.validate_json(text, strict=True)
    except ValidationError as error:
        raise Refused(
            "what the backup says of its tables cannot be read: take another backup"
        ) from error
