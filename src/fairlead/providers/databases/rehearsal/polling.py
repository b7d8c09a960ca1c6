"""Which locks does a statement hold that is in no transaction? Watched from another session."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import psycopg

LOCKS = """
SELECT relation::int8 AS relation, mode FROM pg_locks
WHERE pid = %s AND locktype = 'relation' AND granted
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
_Seen = dict[tuple[int, str], tuple[float, float]]


@dataclass(slots=True)
class Polled:
    """The seconds for which each lock (relation, mode) was held; `period` is that of the looks."""

    period: float = 0.0
    locks: dict[tuple[int, str], float] = field(default_factory=dict)


@contextmanager
def polled(url: str, pid: int) -> Iterator[Polled]:
    """Watch a server process until the block ends; then the result is complete."""
    found, seen = Polled(), _Seen()
    ended, ready = threading.Event(), threading.Event()
    with psycopg.connect(url, autocommit=True) as asked:
        thread = threading.Thread(target=_poll, args=(asked, pid, seen, (ready, ended)))
        thread.start()
        ready.wait(5)
        began = time.monotonic()
        try:
            yield found
        finally:
            took = time.monotonic() - began
            ended.set()
            thread.join()
    # A lock may have been taken just after the look before, and held until just before the next.
    for key, (first, last) in seen.items():
        found.locks[key] = min(took, last - first)


def _poll(
    asked: psycopg.Connection[tuple[int, str]],
    pid: int,
    seen: _Seen,
    events: tuple[threading.Event, threading.Event],
) -> None:
    ready, ended = events
    before = time.monotonic()
    while not ended.is_set():
        rows = asked.execute(LOCKS, [pid], prepare=True).fetchall()
        now = time.monotonic()
        if not ready.is_set():
            # What was held before the statement is not its own.
            ready.set()
            before = now
            continue
        for relation, mode in rows:
            first, _ = seen.get((relation, mode), (before, now))
            seen[relation, mode] = (first, now)
        before = now
