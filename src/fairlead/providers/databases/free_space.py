"""How much room has a PostgreSQL's disk? Told where its data is provably on this machine."""

import shutil
from pathlib import Path

# The file is written while the server begins, its start is told once it has.
_APART_S = 60.0


def free_bytes(folder: str, port: str, started: float) -> int | None:
    """Return the bytes free where the data is; None when that cannot be told from here.

    A folder of that name may belong to another server: `postmaster.pid` in it has to tell the same
    `folder`, `port` and moment of the start (seconds since 1970) as the server itself does.
    """
    try:
        told = (Path(folder) / "postmaster.pid").read_text("utf-8", "replace").splitlines()
        same = told[1] == folder and told[3] == port and abs(int(told[2]) - started) <= _APART_S
        return shutil.disk_usage(folder).free if same else None
    except (OSError, ValueError, IndexError):
        return None
