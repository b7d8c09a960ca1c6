"""A `fairlead db migrate` that is killed with SIGKILL at a moment of its own.

`python killed_migrate.py MOMENT AT WORDS…` runs `fairlead WORDS…`. AT counts what changes the
database, from 0: MOMENT `before` or `after` kills it at that boundary, and `within` kills it while
the server works, AFTER:SECONDS after it was sent. `never` prints how long each took, as JSON.
"""

import json
import os
import signal
import sys
import threading
import time
from itertools import count
from typing import Any

import psycopg

from fairlead.cli.main import main as fairlead

_HARMLESS = ("SELECT", "SET LOCAL", "SET SESSION", "RESET", "SET CLIENT", "LOCK")
_execute = psycopg.Connection.execute


def kill() -> None:
    """End this process at once."""
    os.kill(os.getpid(), signal.SIGKILL)


def main(moment: str, at: str, words: list[str]) -> None:
    """Patch what sends statements, and run the command."""
    number, _, delay = at.partition(":")
    changes, took = count(), []

    def execute(self: psycopg.Connection[Any], query: Any, *given: Any, **how: Any) -> Any:
        text = query.as_string(self) if hasattr(query, "as_string") else query
        said = text.decode() if isinstance(text, bytes) else text
        if said.strip().upper().startswith(_HARMLESS):
            return _execute(self, query, *given, **how)
        here = next(changes) == int(number)
        if here and moment == "before":
            kill()
        if here and moment == "within":
            threading.Timer(float(delay), kill).start()
        began = time.monotonic()
        done = _execute(self, query, *given, **how)
        took.append((time.monotonic() - began, "/* fairlead " in said))
        if here and moment != "never":
            # A statement that was over before its time is killed after it.
            kill()
        return done

    psycopg.Connection.execute = execute  # type: ignore[method-assign]
    sys.argv = ["fairlead", *words]
    try:
        fairlead()
    finally:
        if moment == "never":
            print(json.dumps(took), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
