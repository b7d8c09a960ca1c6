"""How is PostgreSQL reached? A pool, transactions, and errors in our own words."""

import re
import select
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg.rows import DictRow, dict_row
from psycopg.types.string import StrDumperUnknown
from psycopg_pool import ConnectionPool, PoolTimeout

from fairlead.errors import Temporary

SERVER_ROLE = "fairlead_server"
Tx = psycopg.Connection[DictRow]
_UNFIT = re.compile("[\x00\ud800-\udfff]")


class Database:
    """Our schema in one PostgreSQL, used as the role that may not rewrite the record."""

    def __init__(self, url: str, size: int = 8, patience_s: float = 10.0) -> None:
        """Open a pool of at most `size` connections to `url`, each with the server's role.

        A transaction waits at most `patience_s` for its connection.
        """
        self._pool: ConnectionPool[Tx] = ConnectionPool(
            url,
            min_size=1,
            max_size=size,
            open=True,
            timeout=patience_s,
            check=_still_there,
            configure=_keep_every_text,
            kwargs={
                "row_factory": dict_row,
                "options": f"-c role={SERVER_ROLE} -c search_path=fairlead -c timezone=UTC "
                "-c idle_in_transaction_session_timeout=60000 "
                # To start a worker takes longer than any answer of ours.
                "-c max_parallel_workers_per_gather=0",
            },
        )

    @contextmanager
    def begin(self) -> Iterator[Tx]:
        """Give one transaction: committed at the end, rolled back when an error passes through.

        Errors: `Temporary` when PostgreSQL is away, has no room or cuts the transaction.
        """
        try:
            with self._pool.connection() as connection:
                yield connection
        except psycopg.errors.DiskFull as error:
            told = f"the database has no room: {first_line(error)}; free disk space"
            raise Temporary(told) from error
        except (
            psycopg.OperationalError,
            psycopg.errors.IdleInTransactionSessionTimeout,
            PoolTimeout,
        ) as error:
            raise Temporary(f"the database does not answer: {first_line(error)}") from error

    def close(self) -> None:
        """Close every connection."""
        self._pool.close()


def _still_there(connection: Tx) -> None:
    """Ask a connection only where it has something to say: idle, it hears nothing but its end."""
    news = select.poll()
    news.register(connection.fileno(), select.POLLIN)
    if news.poll(0):
        ConnectionPool.check_connection(connection)


class _ReadableText(StrDumperUnknown):
    def dump(self, obj: str) -> Any:
        return super().dump(readable_text(obj))


def _keep_every_text(connection: Tx) -> None:
    connection.adapters.register_dumper(str, _ReadableText)


def readable_text(text: str) -> str:
    """Return the text without NUL and halves of characters, which PostgreSQL cannot hold."""
    if text.isascii() and "\x00" not in text:
        return text
    return _UNFIT.sub("�", text)


def first_line(error: BaseException) -> str:
    """Return an error's first line, without the parts that name passwords or statements."""
    return str(error).strip().split("\n", 1)[0]


def wait_until_ready(url: str, patience_s: float) -> None:
    """Return when PostgreSQL accepts connections; `Temporary` when it does not in time."""
    end = time.monotonic() + patience_s
    while True:
        try:
            psycopg.connect(url, connect_timeout=5).close()
        except psycopg.OperationalError as error:
            if time.monotonic() > end:
                raise Temporary(f"the database does not answer: {first_line(error)}") from error
            time.sleep(0.1)
        else:
            return


def one(tx: Tx, statement: Any, *values: Any) -> DictRow | None:
    """Run a statement and return its first row."""
    return tx.execute(statement, values).fetchone()


def many(tx: Tx, statement: Any, *values: Any) -> list[DictRow]:
    """Run a statement and return all rows."""
    return tx.execute(statement, values).fetchall()
