"""Where do the databases of the tests live? In memory where there is enough of it.

They are made by the hundred and thrown away, which a disk takes its time for. All other files
stay where temporary files are: Deno keeps its hands off everything under /dev.
"""

import os
import shutil
import tempfile
from pathlib import Path

MEMORY, DISK = Path("/dev/shm"), Path("/tmp")  # both are short enough for unix sockets
ENOUGH = 8 * 2**30


def _has_room(folder: Path) -> bool:
    return os.access(folder, os.W_OK | os.X_OK) and shutil.disk_usage(folder).free > ENOUGH


ROOM = MEMORY if _has_room(MEMORY) else DISK


def a_room(prefix: str) -> Path:
    """Return a new folder there."""
    return Path(tempfile.mkdtemp(prefix=prefix, dir=ROOM))
