"""Where do the tests write? Into memory where there is enough of it.

Databases are made by the hundred and thrown away, which a disk takes its time for. Only what
Deno opens stays on the disk: it keeps its hands off everything under /dev.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

MEMORY, DISK = Path("/dev/shm"), Path("/tmp")  # both are short enough for unix sockets
ENOUGH = 8 * 2**30


def _choose() -> Path:
    writable = os.access(MEMORY, os.W_OK | os.X_OK)
    room = MEMORY if writable and shutil.disk_usage(MEMORY).free > ENOUGH else DISK
    tempfile.tempdir = os.environ["TMPDIR"] = str(room)
    return room


@contextmanager
def on_disk() -> Iterator[None]:
    """Let all that is temporary be made on the disk while the block lasts."""
    with pytest.MonkeyPatch.context() as changed:
        changed.setattr(tempfile, "tempdir", str(DISK))
        changed.setenv("TMPDIR", str(DISK))
        yield


ROOM = _choose()
