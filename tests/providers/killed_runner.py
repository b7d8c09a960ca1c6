"""A runner that kills itself: `python -m providers.killed_runner URL FOLDER POINT [VERSION]`.

POINT 2n kills it just before the n-th statement that changes something, 2n + 1 just after, before a
commit; it ends well when there are fewer. With VERSION it takes that back.
"""

import os
import signal
import sys
from itertools import count
from pathlib import Path
from typing import Any

import psycopg

from fairlead.migrations.file import read_all
from fairlead.providers.databases.migrations import PostgresMigrations, Terms

_HARMLESS = ("SELECT", "SET LOCAL", "SET SESSION", "RESET", "SET CLIENT")
_execute = psycopg.Connection.execute


def main(url: str, folder: str, point: str, version: str = "") -> None:
    changes = count()

    def execute(self: psycopg.Connection[Any], query: Any, *given: Any, **how: Any) -> Any:
        text = query.as_string(self) if hasattr(query, "as_string") else query
        said = text.decode() if isinstance(text, bytes) else text
        at = -1 if said.strip().upper().startswith(_HARMLESS) else 2 * next(changes)
        if at == int(point):
            os.kill(os.getpid(), signal.SIGKILL)
        done = _execute(self, query, *given, **how)
        if at + 1 == int(point):
            os.kill(os.getpid(), signal.SIGKILL)
        return done

    psycopg.Connection.execute = execute  # type: ignore[method-assign]
    files = read_all({path.name: path.read_bytes() for path in Path(folder).iterdir()})
    database, terms = PostgresMigrations(url), Terms(wait_s=20.0)
    if version:
        database.take_back(files, [version], terms, lambda _: None)
    else:
        database.migrate(files, terms, lambda _: None)


if __name__ == "__main__":
    main(*sys.argv[1:])
