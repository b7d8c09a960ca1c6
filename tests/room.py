"""Where do the tests write? Into memory where there is enough of it.

Databases are made by the hundred and thrown away, which a disk and initdb take their time for.
Only what Deno opens stays on the disk: it keeps its hands off everything under /dev.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from fairlead.providers.databases import cluster

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


@contextmanager
def copied_clusters() -> Iterator[None]:
    """Let initdb make one cluster of each kind that is thrown away; all others are its copies."""
    made: dict[tuple[object, ...], Path] = {}
    initdb = cluster._initdb
    with tempfile.TemporaryDirectory(prefix="fl-clusters-") as place:

        def copy(folder: Path, owner: cluster.Account, *kind: object) -> None:
            if not kind[-1]:
                initdb(folder, owner, *kind)  # type: ignore[arg-type]
                return
            if kind not in made:
                first = Path(place) / str(len(made))
                cluster.give(first, owner)
                initdb(first, owner, *kind)  # type: ignore[arg-type]
                made[kind] = first
            subprocess.run(["cp", "-a", f"{made[kind]}/.", str(folder)], check=True)

        with pytest.MonkeyPatch.context() as changed:
            changed.setattr(cluster, "_initdb", copy)
            yield
