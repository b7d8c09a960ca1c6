"""Which packages does npm's package-lock.json name? Versions 2 and 3 of its format.

Source: npm's documentation, "package-lock.json".
"""

from typing import Literal

from pydantic import Field

from fairlead.errors import Permanent
from fairlead.gates.packages.package import Kind, Package, Shape, Word, integrity

_INSTALLED = "node_modules/"


class _Entry(Shape):
    name: Word | None = None
    version: Word | None = None
    integrity: str = ""
    link: bool = False


class _Lock(Shape):
    lockfile_version: Literal[1, 2, 3] = Field(alias="lockfileVersion")
    packages: dict[str, _Entry] = Field(default_factory=dict)


def nodes(told: bytes) -> dict[str, Package]:
    """Return what is installed, by its place such as `node_modules/a`; workspaces are left out.

    Errors: `Permanent` when it cannot be read, is of version 1, or leaves out a version.
    """
    found = {}
    for place, entry in _lock(told).packages.items():
        if _INSTALLED not in place or entry.link:
            continue
        if entry.version is None:
            raise Permanent("package-lock.json names a package without its version")
        name = entry.name or place.rpartition(_INSTALLED)[2]
        found[place] = Package(Kind.NPM, name, entry.version, integrity(entry.integrity))
    return found


def workspaces(told: bytes) -> tuple[str, ...]:
    """Return the folders, relative to the file, that are packages of the project itself."""
    places = _lock(told).packages
    return tuple(sorted(place for place in places if place and _INSTALLED not in place))


def _lock(told: bytes) -> _Lock:
    lock = _Lock.of(told, "package-lock.json")
    if lock.lockfile_version == 1:
        raise Permanent(
            "package-lock.json is of version 1: `npm install --package-lock-only` writes it anew"
        )
    return lock
