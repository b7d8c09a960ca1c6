"""Does a run that is killed at any statement go on to the same end?

Killed are files that go statement by statement: the others are one transaction, done or not.
"""

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import psycopg
from psycopg import sql

from fairlead.errors import Temporary
from fairlead.migrations.file import MigrationFile
from fairlead.migrations.order import Pending
from fairlead.migrations.rehearsal.contents import Contents, lost
from fairlead.migrations.rehearsal.rehearsal import Kills
from fairlead.migrations.schema import Schema, difference
from fairlead.migrations.statement import Statement
from fairlead.providers.databases.migrations import PostgresMigrations, Terms
from fairlead.providers.databases.rehearsal.contents import contents
from fairlead.providers.databases.rehearsal.making import Trial
from fairlead.providers.databases.schemas import schema
from fairlead.providers.databases.session import Session
from fairlead.providers.databases.watching import watched

BEFORE, WITHIN, AFTER = "before", "within", "after"
_MOMENTS = (BEFORE, WITHIN, AFTER)
_GONE_S = 10.0
_Where = tuple[str, int]


class Killer:
    """Ends the server process of a run once at every moment of every statement.

    `seconds` and `tables` tell, by file and number, how long a statement took and what it locked.
    """

    def __init__(
        self, url: str, seconds: Mapping[_Where, float], tables: Mapping[_Where, Sequence[str]]
    ) -> None:
        self._url, self._seconds, self._tables = url, seconds, tables
        self._done: set[tuple[_Where, str]] = set()
        self.kills = 0

    @contextmanager
    def watch(self, session: Session, pending: Pending, statement: Statement) -> Iterator[None]:
        """Kill at the first moment of this statement that was not killed at yet."""
        where, pid = (pending.file.path, statement.number), session.info.backend_pid
        left = [each for each in _MOMENTS if (where, each) not in self._done]
        moment = left[0] if left and not pending.transactional else ""
        if moment:
            self._done.add((where, moment))
        if moment == BEFORE:
            self._kill(pid)
        with self._within(where, pid) if moment == WITHIN else _nothing():
            yield
        if moment == AFTER:
            self._kill(pid)

    def _kill(self, pid: int) -> None:
        with psycopg.connect(self._url, autocommit=True) as killer:
            self._ended(killer, pid)

    def _ended(self, killer: psycopg.Connection[tuple[object, ...]], pid: int) -> None:
        row = killer.execute(
            "SELECT pg_terminate_backend(pid, %s) FROM pg_stat_activity WHERE pid = %s",
            [int(_GONE_S * 1000), pid],
        ).fetchone()
        self.kills += bool(row and row[0])

    @contextmanager
    def _within(self, where: _Where, pid: int) -> Iterator[None]:
        ready = threading.Event()
        thread = threading.Thread(target=self._lie_in_wait, args=(where, pid, ready))
        thread.start()
        ready.wait(5)
        try:
            yield
        finally:
            thread.join()

    def _lie_in_wait(self, where: _Where, pid: int, ready: threading.Event) -> None:
        """Kill half way, or where it waits for a writer of its table, which there is."""
        with (
            psycopg.connect(self._url, autocommit=True) as killer,
            psycopg.connect(self._url) as writer,
        ):
            for table in self._tables.get(where, ()):
                _lock(writer, table)
            ready.set()
            deadline = time.monotonic() + max(self._seconds.get(where, 0.0) / 2, 0.002)
            while time.monotonic() < deadline and not _waits(killer, pid):
                time.sleep(0.0005)
            self._ended(killer, pid)


def _lock(writer: psycopg.Connection[tuple[object, ...]], table: str) -> None:
    """Lock a table as a writer does; nothing happens when it is not there any more."""
    row = writer.execute("SELECT to_regclass(%s)::text", [table]).fetchone()
    if row and row[0]:
        words = sql.SQL("LOCK TABLE {} IN ROW EXCLUSIVE MODE")
        writer.execute(words.format(sql.SQL(str(row[0]))))


@contextmanager
def _nothing() -> Iterator[None]:
    yield


def _waits(killer: psycopg.Connection[tuple[object, ...]], pid: int) -> bool:
    row = killer.execute(
        "SELECT wait_event_type = 'Lock' FROM pg_stat_activity WHERE pid = %s", [pid]
    ).fetchone()
    return bool(row and row[0])


def killed(
    files: Sequence[MigrationFile], on: Trial, killer: Killer, expected: tuple[Schema, Contents]
) -> Kills:
    """Kill a run wherever it can be, let it go on each time, and compare the end."""
    for _ in range(1 + len(_MOMENTS) * sum(len(file.statements) for file in files)):
        try:
            with watched(killer.watch):
                terms = Terms(wait_s=_GONE_S, contract=True)
                outcome = PostgresMigrations(on.url).migrate(files, terms, lambda _: None)
        except Temporary:
            continue
        if outcome.failed:
            return Kills(killer.kills, (f"it does not go on: {outcome.failed}",))
        return Kills(killer.kills, _wrong(on, expected))
    return Kills(killer.kills, ("it came to no end",))


def _wrong(on: Trial, expected: tuple[Schema, Contents]) -> tuple[str, ...]:
    shape, rows = expected
    now = contents(on.everything)
    fewer = [f"without: {told}" for told in lost(rows, now)]
    more = [f"too much: {told}" for told in lost(now, rows)]
    return (*difference(shape, schema(on.everything)), *fewer, *more)
