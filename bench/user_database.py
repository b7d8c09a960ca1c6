"""Where does a bench find a PostgreSQL like a user's own? It starts one that allows many locks."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fairlead.providers.databases.scratch import scratch

# As safe against a power cut as a user's own, and as slow.
SETTINGS = {
    "max_connections": "100",
    "max_locks_per_transaction": "1000",
    "shared_buffers": "128MB",
    "io_method": "sync",
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "wal_level": "replica",
}


@contextmanager
def user_database(folder: Path) -> Iterator[str]:
    """Give the URL of a PostgreSQL in `folder`, which is gone afterwards."""
    with scratch(folder, settings=SETTINGS) as server:
        yield server.url
