"""Where does a bench find a PostgreSQL like a user's own? It starts one that allows many locks."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import psycopg

from fairlead.providers.databases.cluster import BINARIES, account, give, make

PATIENCE_S = 30.0
SETTINGS = {
    "listen_addresses": "",
    "max_connections": "100",
    "max_locks_per_transaction": "1000",
    "shared_buffers": "128MB",
    "io_method": "sync",
}


@contextmanager
def user_database(folder: Path) -> Iterator[str]:
    """Give the URL of a PostgreSQL in `folder`, which is stopped afterwards; its data stay."""
    owner, data, sockets = account(), folder / "data", folder / "run"
    make(data, owner)
    give(sockets, owner)
    settings = [part for pair in SETTINGS.items() for part in ("-c", "=".join(pair))]
    with (folder / "postgres.log").open("wb") as log:
        process = subprocess.Popen(
            [str(BINARIES / "postgres"), "-D", str(data), "-k", str(sockets), *settings],
            cwd="/",
            env={"LC_ALL": "C", "TZ": "UTC"},
            stdout=log,
            stderr=log,
            user=owner.uid if owner.name else None,
            group=owner.gid if owner.name else None,
            extra_groups=[] if owner.name else None,
        )
    url = f"postgresql://postgres@/postgres?host={quote(str(sockets), safe='')}"
    try:
        _wait_for(url)
        yield url
    finally:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            # Sessions that nobody closed would be waited for.
            process.send_signal(3)
            process.wait(PATIENCE_S)


def _wait_for(url: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            psycopg.connect(url).close()
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return
