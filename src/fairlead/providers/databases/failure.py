"""In which words is it told that a statement failed, where, and what stands?"""

import psycopg
from psycopg import errors

from fairlead.migrations.cost import Cost
from fairlead.migrations.order import Pending
from fairlead.migrations.statement import Statement


class Failed(Exception):  # noqa: N818
    """A statement that was not applied; the text says where, why, and what stands."""

    cost = Cost()


class NotNow(Exception):  # noqa: N818
    """A lock that is not to be had just now; nothing was done."""


class Stopped(Exception):  # noqa: N818
    """The watchdog lets our own work go no further; the text says why."""


# They pass by themselves; PostgreSQL has undone the transaction that met them.
PASSING = (
    errors.LockNotAvailable,
    errors.DeadlockDetected,
    errors.SerializationFailure,
    errors.QueryCanceled,
)


def said(error: Exception) -> str:
    """Return what the server says, without the rows that its details may show."""
    if not isinstance(error, psycopg.Error):
        return str(error)
    hint = f" ({error.diag.message_hint})" if error.diag.message_hint else ""
    return f"{error.diag.message_primary or error}{hint}"


def where(pending: Pending, statement: Statement | None) -> str:
    """Return the file and, when it is known, the line."""
    return f"{pending.file.path}:{statement.line}" if statement else pending.file.path


def stands(pending: Pending) -> str:
    """Return what a file leaves that failed."""
    if pending.transactional:
        return "nothing of this file was applied"
    return "the statements before it stay, and the next run goes on here"
