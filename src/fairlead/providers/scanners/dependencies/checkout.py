"""Which manifests does a checkout have, and what is in them? Nothing is written to it."""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from fairlead.errors import Permanent
from fairlead.gates.packages.manifests import Manifest, kind, may_import
from fairlead.gates.packages.package import one_line

MOST_ENTRIES = 200_000
MOST_MANIFESTS = 100
MOST_BYTES = 32 * 1024 * 1024
# What tools put beside the project, and git's own: none of it is the project's word.
_SKIPPED = {
    ".git", "node_modules", ".venv", "venv", ".tox", "__pycache__", ".mypy_cache", ".ruff_cache",
    ".pytest_cache",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Checkout:
    """The paths, relative to `folder`, of its manifests and of code that may import from afar."""

    folder: Path
    manifests: tuple[str, ...]
    code: tuple[str, ...]

    def of_kind(self, wanted: Manifest) -> tuple[str, ...]:
        """Return the manifests of a kind."""
        return tuple(path for path in self.manifests if kind(path) is wanted)

    def read(self, path: str) -> bytes:
        """Return what is in a file. Errors: as `content`, and when it lies outside."""
        if not (self.folder / path).parent.resolve().is_relative_to(self.folder.resolve()):
            raise Permanent(f"{one_line(path)} lies outside the checkout")
        return content(self.folder / path, path)


def look(folder: Path) -> Checkout:
    """Return what a folder has; links are not followed.

    Errors: `Permanent` when a part of it cannot be read, or there is more than 200,000 entries or
    100 manifests.
    """
    paths = sorted(_files(folder))
    manifests = tuple(path for path in paths if kind(path))
    if len(manifests) > MOST_MANIFESTS:
        raise Permanent(f"there are more than {MOST_MANIFESTS} manifests: scan its parts")
    return Checkout(folder, manifests, tuple(path for path in paths if may_import(path)))


def content(file: Path, name: str) -> bytes:
    """Return what is in a plain file of at most 32 MB. Errors: `Permanent`, with `name`."""
    told = one_line(name)
    try:
        number = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(number, "rb") as opened:
            if not stat.S_ISREG(os.fstat(number).st_mode):
                raise Permanent(f"{told} is no plain file")
            data = opened.read(MOST_BYTES + 1)
    except OSError as error:
        raise Permanent(f"{told} cannot be read: {error.strerror}") from error
    if len(data) > MOST_BYTES:
        raise Permanent(f"{told} has more than {MOST_BYTES >> 20} MB")
    return data


def _files(folder: Path) -> Iterator[str]:
    seen, waiting = 0, [""]
    while waiting:
        below = waiting.pop()
        try:
            with os.scandir(folder / below) as entries:
                for entry in entries:
                    seen += 1
                    if seen > MOST_ENTRIES:
                        raise Permanent(f"there are more than {MOST_ENTRIES:,} files and folders")
                    if not entry.is_dir(follow_symlinks=False):
                        yield below + entry.name
                    elif entry.name not in _SKIPPED:
                        waiting.append(f"{below}{entry.name}/")
        except OSError as error:
            told = one_line(below) or "the checkout"
            raise Permanent(f"{told} cannot be read: {error.strerror}") from error
