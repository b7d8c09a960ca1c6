"""How is a live database used? Asked in one short visit, which ends in time whatever happens there.

Each part is a transaction that only reads and waits at most 100 ms for a lock. Who asks waits 5 s
at most, and one visit at a time goes to a database: one that hangs is not asked by ever more.
"""

import os
import socket
import time
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLate
from contextlib import suppress
from threading import Lock
from typing import Any, TypeVar

import psycopg
from psycopg import errors
from psycopg.rows import dict_row

from fairlead.analysis import database_use as use
from fairlead.analysis.database_use import Part, Seen, Unseen
from fairlead.errors import Refused, Temporary
from fairlead.migrations.ports import Secrets
from fairlead.privacy.masking import masked
from fairlead.providers.databases import figures_queries as queries
from fairlead.providers.databases import preflight_queries
from fairlead.providers.databases.address import Address, read
from fairlead.providers.databases.session import LEAST_MAJOR, Session

LIMIT_S, TURN_S = 4.0, 0.8
_CONNECT_S = 2
_STATEMENT_MS, _LEAST_MS = 2000, 50
Row = dict[str, Any]
T = TypeVar("T")


class DatabaseFigures:
    """Satisfies the port `Figures`; the addresses are secrets."""

    def __init__(self, secrets: Secrets) -> None:
        """Remember where addresses are; nothing is asked yet."""
        self._secrets = secrets
        self._turns: dict[str, Lock] = {}

    def look(self, secret: str, parts: Collection[Part]) -> Mapping[Part, Seen]:
        """Return what each part shows; one that could not be seen says why."""
        address = self._address(secret)
        turn = self._turns.setdefault(secret, Lock())
        if not turn.acquire(timeout=TURN_S):
            raise Temporary(f"{address.shown} is being looked at already: ask again in a moment")
        visit = _Visit(address)
        thread = ThreadPoolExecutor(1, "figures")
        asked = thread.submit(visit.look, tuple(parts))
        asked.add_done_callback(lambda _: turn.release())
        thread.shutdown(wait=False)
        try:
            return asked.result(LIMIT_S)
        except TooLate:
            visit.cut_off()
            raise Temporary(f"{address.shown} did not answer within {LIMIT_S:.0f} s") from None

    def _address(self, secret: str) -> Address:
        try:
            return read(self._secrets.file(secret).read_text("utf-8").strip())
        except (OSError, UnicodeDecodeError):
            told = f"the secret {secret} cannot be read"
            raise Refused(f"{told}: `fairlead secret put {secret}` once more") from None


class _Visit:
    """One connection, and the questions that are asked through it."""

    def __init__(self, address: Address) -> None:
        self._address, self._ends = address, time.monotonic() + LIMIT_S
        self._guard = Lock()
        self._open: Session | None = None

    def look(self, parts: Collection[Part]) -> dict[Part, Seen]:
        """Return what the parts show. Errors: `Refused`, `Temporary`."""
        try:
            connection = self._connect()
            try:
                return {part: self._part(connection, part) for part in parts}
            finally:
                with self._guard:
                    self._open = None
                    connection.close()
        except psycopg.Error as error:
            why = self._address.harmless(_first_line(error))
            raise Temporary(f"{self._address.shown} does not answer: {why}") from None

    def cut_off(self) -> None:
        """End the visit from outside: its next word from the server is that the line is dead."""
        with self._guard, suppress(OSError):
            if self._open is not None:
                with socket.socket(fileno=os.dup(self._open.fileno())) as line:
                    line.shutdown(socket.SHUT_RDWR)

    def _connect(self) -> Session:
        connection: Session = psycopg.connect(
            self._address.url,
            autocommit=True,
            row_factory=dict_row,
            connect_timeout=_CONNECT_S,
            application_name="fairlead figures",
            client_encoding="UTF8",
            # Behind a pool the next statement may go to another server process.
            prepare_threshold=None,
        )
        major = connection.info.server_version // 10000
        if major < LEAST_MAJOR:
            connection.close()
            told = f"{self._address.shown} is PostgreSQL {major}"
            raise Refused(f"{told}: {LEAST_MAJOR} or newer is needed")
        with self._guard:
            self._open = connection
        return connection

    def _part(self, connection: Session, part: Part) -> Seen:
        try:
            return _LOOKS[part](_Asking(connection, self._ends))
        except psycopg.Error as error:
            if connection.closed:
                raise
            return Unseen(self._address.harmless(_why(error)))


class _Asking:
    """Asks in transactions that end before the visit must."""

    def __init__(self, connection: Session, ends: float) -> None:
        self._connection, self._ends = connection, ends

    def rows(self, query: Any, given: Mapping[str, Any] | None = None) -> list[Row]:
        """Return what a question finds, in a transaction of its own."""
        left_ms = int((self._ends - time.monotonic()) * 1000)
        if left_ms < _LEAST_MS:
            raise errors.QueryCanceled
        timeout_ms = min(_STATEMENT_MS, left_ms)
        self._connection.execute(queries.BEGIN.format(timeout_ms=timeout_ms))
        try:
            return self._connection.execute(query, given).fetchall()
        finally:
            if not self._connection.closed:
                self._connection.execute("ROLLBACK")

    def all(self, shape: Callable[..., T], query: Any) -> tuple[T, ...]:
        """Return what a question finds, each row in its shape."""
        return tuple(shape(**row) for row in self.rows(query))


def _connections(ask: _Asking) -> Seen:
    return ask.all(use.Connections, queries.CONNECTIONS)[0]


def _sizes(ask: _Asking) -> Seen:
    try:
        tables = ask.all(use.TableSize, queries.TABLES)
    except (errors.LockNotAvailable, errors.QueryCanceled):
        # Somebody locked a table after it was spared, or there are very many.
        tables = ask.all(use.TableSize, queries.ESTIMATED_TABLES)
    return use.Sizes(ask.rows(queries.TOTAL)[0]["bytes"], tables)


def _queries(ask: _Asking) -> Seen:
    found = ask.rows(queries.STATEMENTS_AT)
    if not found:
        told = "pg_stat_statements is not there: add it to shared_preload_libraries, and "
        return Unseen(f"{told}CREATE EXTENSION pg_stat_statements")
    schema = found[0]["schema"]
    asked = ask.rows(queries.in_schema(queries.STATEMENTS, schema))
    hidden = ask.rows(queries.in_schema(queries.STATEMENTS_HIDDEN, schema))[0]["hidden"]
    since = ask.rows(queries.in_schema(queries.STATEMENTS_SINCE, schema))[0]["since"]
    # What somebody has written into a comment is kept as it was.
    return use.Queries(
        since, hidden, tuple(use.Query(**row | {"query": masked(row["query"])}) for row in asked)
    )


def _indexes(ask: _Asking) -> Seen:
    counted = ask.rows(queries.COUNTED)[0]
    # Indexes first: one whose build ends in between was seen, and is seen no more.
    invalid = ask.rows(preflight_queries.INDEXES)
    built = {row["index"] for row in ask.rows(preflight_queries.BUILDS)}
    keys = ask.rows(queries.UNINDEXED_KEYS)
    return use.Indexes(
        counted["counted_s"],
        counted["standby"],
        ask.all(use.UnusedIndex, queries.UNUSED),
        ask.all(use.ReadThrough, queries.READ_THROUGH),
        tuple(use.UnindexedKey(**row | {"columns": tuple(row["columns"])}) for row in keys),
        tuple(use.InvalidIndex(row["place"], row["oid"] in built) for row in invalid),
    )


def _bloat(ask: _Asking) -> Seen:
    return use.Bloats(ask.all(use.Bloat, queries.BLOAT))


def _lock_waits(ask: _Asking) -> Seen:
    rows = ask.rows(queries.WAITING)
    waiting = tuple(use.Waiting(**row | {"blocked_by": tuple(row["blocked_by"])}) for row in rows)
    pids = {pid for one in waiting for pid in one.blocked_by}
    behind = {pid: sum(pid in one.blocked_by for one in waiting) for pid in pids}
    known = ask.rows(queries.BLOCKERS, {"pids": [*pids]}) if pids else []
    return use.LockWaits(waiting, tuple(use.Blocker(**r, blocks=behind[r["pid"]]) for r in known))


_LOOKS: Mapping[Part, Callable[[_Asking], Seen]] = {
    Part.CONNECTIONS: _connections,
    Part.SIZES: _sizes,
    Part.QUERIES: _queries,
    Part.INDEXES: _indexes,
    Part.BLOAT: _bloat,
    Part.LOCKS: _lock_waits,
}


def _why(error: psycopg.Error) -> str:
    match error:
        case errors.LockNotAvailable():
            return "somebody holds a lock on PostgreSQL's own catalog: look again once it is gone"
        case errors.QueryCanceled():
            return "it took too long and was ended: look again when less is going on"
        case errors.InsufficientPrivilege():
            return f"{_first_line(error)}: GRANT pg_monitor TO the role that looks"
        case _:
            return _first_line(error)


def _first_line(error: psycopg.Error) -> str:
    told = (error.diag.message_primary or str(error)).strip()
    return told.splitlines()[0] if told else type(error).__name__
