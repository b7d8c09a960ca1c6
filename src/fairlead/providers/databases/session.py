"""How is a user's database reached, and how are its errors told without its password?"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import psycopg
from psycopg import errors
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import dict_row

from fairlead.errors import Permanent, Refused, Temporary
from fairlead.providers.databases.address import Address, read

Session = psycopg.Connection[dict[str, Any]]
LEAST_MAJOR = 15
CONNECT_TIMEOUT_S = 10
# A role's own defaults must not cut an index build short; a migration may set its own.
_SETTINGS = {
    "statement_timeout": "0",
    "lock_timeout": "0",
    "idle_in_transaction_session_timeout": "0",
    "idle_session_timeout": "0",
    "standard_conforming_strings": "on",
}


@contextmanager
def session(url: str, application: str, patience_s: int = CONNECT_TIMEOUT_S) -> Iterator[Session]:
    """Give an autocommit session; PostgreSQL's errors become sentences without the password.

    `patience_s` is how long it may take to connect, unless the address says it.

    Errors: `Refused` for an address that is none and for PostgreSQL before 15; `Temporary` when
    it does not answer or goes away; `Permanent` for everything else that it says.
    """
    where = read(url)
    try:
        with _connected(where, application, patience_s) as connection:
            yield connection
    except psycopg.OperationalError as error:
        raise Temporary(f"{where.shown} does not answer: {_told(error, where)}") from error
    except psycopg.Error as error:
        raise Permanent(f"{where.shown}: {_told(error, where)}") from error


@contextmanager
def _connected(where: Address, application: str, patience_s: int) -> Iterator[Session]:
    given = conninfo_to_dict(where.url)
    connection = psycopg.connect(
        where.url,
        autocommit=True,
        row_factory=dict_row,
        connect_timeout=int(given.get("connect_timeout") or patience_s),
        application_name=application,
        client_encoding="utf8",
    )
    try:
        major = connection.info.server_version // 10000
        if major < LEAST_MAJOR:
            raise Refused(f"{where.shown} is PostgreSQL {major}: {LEAST_MAJOR} or newer is needed")
        settle(connection)
        yield connection
    finally:
        with suppress(psycopg.Error):
            connection.close()


def settle(connection: Session) -> None:
    """Give the session its first settings again, whatever a migration has set."""
    connection.execute("RESET SESSION AUTHORIZATION")
    connection.execute("RESET ROLE")
    connection.execute("RESET ALL")
    for name, value in _SETTINGS.items():
        connection.execute("SELECT set_config(%s, %s, false)", [name, value])
    # When a runner is killed its backend notices within a second, and lets go of the lock; not
    # every system can watch a connection.
    with suppress(errors.InvalidParameterValue):
        connection.execute("SET client_connection_check_interval = '1s'")


def _told(error: BaseException, where: Address) -> str:
    """Return an error on one line, without the password of the address."""
    return where.harmless(" ".join(str(error).split()))
