"""How is one statement of a file sent to the server?"""

import time

import psycopg

from fairlead.migrations.order import Pending
from fairlead.migrations.statement import Statement
from fairlead.providers.databases import watching
from fairlead.providers.databases.failure import PASSING, Failed, said, stands, where
from fairlead.providers.databases.session import Session


def run(session: Session, pending: Pending, statement: Statement) -> None:
    """Run a statement of a file.

    Errors: `Failed` when the server refuses it; what passes by itself is raised as it is.
    """
    # The mark shows in the server's log, and makes each text another one: the plan of an equal
    # query from before a change would not fit after it.
    marked = f"{statement.text}\n/* fairlead {pending.file.version} {statement.number} */"
    try:
        # Prepared, it is one statement for the server, whatever we have taken it for.
        with watching.around(session, pending, statement):
            session.execute(marked.encode(), prepare=True)
    except PASSING:
        raise
    except psycopg.Error as error:
        if session.broken:
            raise
        raise Failed(f"{where(pending, statement)}: {said(error)}; {stands(pending)}") from error


def ran(pending: Pending, statement: Statement, began: float) -> str:
    """Return the sentence that a statement has run since `began` (monotonic seconds)."""
    took = (time.monotonic() - began) * 1000
    return f"{where(pending, statement)} in {took:.0f} ms: {statement.opening}"
