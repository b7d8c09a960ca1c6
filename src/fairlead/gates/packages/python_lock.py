"""Which packages do the lock files of Python's project tools name?

Source: PEP 751 (`pylock.toml`), and the files that uv, Poetry and PDM write: each holds a list of
`package` or `packages`, with a name and a version each.
"""

import tomllib
from typing import Any

from pydantic import Field, ValidationError

from fairlead.errors import Permanent
from fairlead.gates.packages.package import Hash, Kind, Package, Shape, Word, first_of, hash_of
from fairlead.gates.packages.requirements import normal

_OWN = ("editable", "virtual", "directory", "workspace")


class _Archive(Shape):
    hash: str = ""
    hashes: dict[str, str] = Field(default_factory=dict)


class _Entry(Shape):
    name: Word
    version: Word | None = None
    source: dict[str, Any] = Field(default_factory=dict)
    directory: dict[str, Any] | None = None
    files: list[_Archive] = Field(default_factory=list)
    wheels: list[_Archive] = Field(default_factory=list)
    sdist: _Archive | None = None


class _Lock(Shape):
    package: list[_Entry] = Field(default_factory=list)
    packages: list[_Entry] = Field(default_factory=list)


def read(told: bytes) -> tuple[Package, ...]:
    """Return the packages that it names, the project's own left out.

    Errors: `Permanent` when it cannot be read or leaves out a version.
    """
    try:
        lock = _Lock.model_validate(tomllib.loads(told.decode()))
    except (ValueError, RecursionError) as error:
        why = f": {first_of(error)}" if isinstance(error, ValidationError) else ""
        raise Permanent(f"the lock file cannot be read{why}") from error
    entries = [one for one in (*lock.package, *lock.packages) if not _is_own(one)]
    if missing := [one.name for one in entries if one.version is None]:
        raise Permanent(f"the lock file names {missing[0]} without its version")
    return tuple(
        Package(Kind.PYPI, normal(one.name), one.version or "", _hashes(one)) for one in entries
    )


def _is_own(one: _Entry) -> bool:
    return one.directory is not None or any(word in one.source for word in _OWN)


def _hashes(one: _Entry) -> tuple[Hash, ...]:
    archives = [*one.files, *one.wheels, *([one.sdist] if one.sdist else [])]
    told = [(kind, digest) for each in archives for kind, digest in each.hashes.items()]
    told += [(kind, digest) for each in archives for kind, _, digest in [each.hash.partition(":")]]
    return tuple(sorted({known for kind, digest in told if (known := hash_of(kind, digest))}))
