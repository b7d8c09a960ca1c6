"""Who looks on while the statements of a migration run? Nobody, but in a rehearsal."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar

from fairlead.migrations.order import Pending
from fairlead.migrations.statement import Statement
from fairlead.providers.databases.session import Session

Watch = Callable[[Session, Pending, Statement], AbstractContextManager[None]]


def _nobody(_session: Session, _pending: Pending, _statement: Statement) -> nullcontext[None]:
    return nullcontext()


# Of this thread alone: what is rehearsed runs through the very code that migrates.
_WATCH: ContextVar[Watch] = ContextVar("watch", default=_nobody)


@contextmanager
def watched(watch: Watch) -> Iterator[None]:
    """Let `watch` look on at every statement that this thread applies within the block."""
    token = _WATCH.set(watch)
    try:
        yield
    finally:
        _WATCH.reset(token)


def around(
    session: Session, pending: Pending, statement: Statement
) -> AbstractContextManager[None]:
    """Return what is to be entered before a statement is sent, and left when it has run."""
    return _WATCH.get()(session, pending, statement)
