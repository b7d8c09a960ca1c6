"""A process that applies migrations, or takes one back, and kills itself on the way."""

import multiprocessing
import os
import signal
from itertools import count
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import psycopg

from fairlead.migrations.file import read_all
from fairlead.providers.databases.migrations import PostgresMigrations, Terms

_HARMLESS = ("SELECT", "SET LOCAL", "SET SESSION", "RESET", "SET CLIENT")
_execute = psycopg.Connection.execute
# What takes long to load is loaded once, not by each of a hundred that are killed.
_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload([PostgresMigrations.__module__])


def start(url: str, folder: Path, point: int, version: str = "") -> BaseProcess:
    """Start it.

    `point` 2n kills it just before the n-th statement that changes something, 2n + 1 just after,
    before a commit; it ends well when there are fewer. It takes `version` back where one is named.
    """
    process = _processes.Process(target=_run, args=(url, folder, point, version))
    process.start()
    return process


def ended(process: BaseProcess) -> int:
    """Wait for its end, and return its status as `subprocess` tells it."""
    process.join(60)
    assert process.exitcode is not None
    return process.exitcode


def _run(url: str, folder: Path, point: int, version: str) -> None:
    changes = count()

    def execute(self: psycopg.Connection[Any], query: Any, *given: Any, **how: Any) -> Any:
        text = query.as_string(self) if hasattr(query, "as_string") else query
        said = text.decode() if isinstance(text, bytes) else text
        at = -1 if said.strip().upper().startswith(_HARMLESS) else 2 * next(changes)
        if at == point:
            os.kill(os.getpid(), signal.SIGKILL)
        done = _execute(self, query, *given, **how)
        if at + 1 == point:
            os.kill(os.getpid(), signal.SIGKILL)
        return done

    psycopg.Connection.execute = execute  # type: ignore[method-assign]
    files = read_all({path.name: path.read_bytes() for path in folder.iterdir()})
    database, terms = PostgresMigrations(url), Terms(wait_s=20.0)
    if version:
        database.take_back(files, [version], terms, lambda _: None)
    else:
        database.migrate(files, terms, lambda _: None)
