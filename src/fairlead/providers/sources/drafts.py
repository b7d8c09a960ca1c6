"""How does a folder come into being complete, or not at all?"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fairlead.errors import Temporary


def put(draft: Path, final: Path) -> None:
    """Put a complete draft in its place, unless somebody else was quicker."""
    try:
        draft.rename(final)
    except OSError:
        if not final.exists():
            raise


def remove(tree: Path) -> None:
    """Remove a tree in which a build may have made folders read-only, if there is one."""
    for folder, _, _ in os.walk(tree):
        Path(folder).chmod(0o700)
    shutil.rmtree(tree, ignore_errors=True)


@contextmanager
def on_disk(doing: str) -> Iterator[None]:
    """Translate what a disk may answer to `Temporary`."""
    try:
        yield
    except OSError as error:
        raise Temporary(f"{doing} failed: {error}; free space or correct the rights") from error
