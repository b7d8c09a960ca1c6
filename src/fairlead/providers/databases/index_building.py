"""How is applied what PostgreSQL refuses in a transaction, an index without blocking above all?"""

import time

from psycopg import sql

from fairlead.migrations.change import Change
from fairlead.migrations.index import IndexWork, index_work
from fairlead.migrations.order import Pending
from fairlead.migrations.statement import Statement
from fairlead.providers.databases import indexes, ledger
from fairlead.providers.databases.failure import PASSING, Failed, Stopped, where
from fairlead.providers.databases.one_runner import Tell, check_still_held
from fairlead.providers.databases.running import ran, run
from fairlead.providers.databases.session import Session
from fairlead.providers.databases.trying import Trying

_LOCK_TIMEOUT_MS = 3_600_000
# Even an index that is only dropped waits for old transactions, and others wait for it meanwhile.
_TIDY_TIMEOUT_MS = 500


class IndexBuilding:
    """Runs such statements one by one, each remembered before and after."""

    def __init__(self, session: Session, trying: Trying, tell: Tell) -> None:
        self._session, self._trying, self._tell = session, trying, tell

    def apply(self, pending: Pending, change: Change, *, is_begun: bool) -> None:
        """Run a statement; one that an interrupted run began is looked for first.

        Errors: `Failed` when the server refuses it, or its index stays invalid.
        """
        work, statement = index_work(change), change.statement
        if is_begun and work and self._is_done(work):
            ledger.end(self._session, pending.file, statement)
            at = where(pending, statement)
            self._tell(f"{at} was finished by the interrupted run: {statement.opening}")
            return
        self._trying.until_done(
            pending,
            statement,
            lambda _: self._outside(pending, statement, work),
            longest_wait_s=_LOCK_TIMEOUT_MS / 1000,
        )

    def _is_done(self, work: IndexWork) -> bool:
        found = indexes.look(self._session, work)
        return bool(found and found.valid) if work.builds else found is None

    def _outside(self, pending: Pending, statement: Statement, work: IndexWork | None) -> None:
        check_still_held(self._session)
        self._wait_at_most(_LOCK_TIMEOUT_MS)
        self._clear(pending, statement, work)
        is_taken = bool(work and work.builds and indexes.look(self._session, work))
        # An index of that name that is not ours must never be taken for ours by a later run.
        if work is None or work.may_exist or not is_taken:
            ledger.begin(self._session, pending.file, statement)
        began = time.monotonic()
        try:
            self._trying.check()
            run(self._session, pending, statement)
        except (Failed, Stopped, *PASSING):
            if not self._session.broken:
                self._tidy(pending, statement, work)
                ledger.forget(self._session, pending.file, statement)
            raise
        if work and not self._is_done(work):
            ledger.forget(self._session, pending.file, statement)
            raise Failed(f"{where(pending, statement)}: the index is still invalid: run it again")
        ledger.end(self._session, pending.file, statement)
        self._tell(ran(pending, statement, began))

    def _tidy(self, pending: Pending, statement: Statement, work: IndexWork | None) -> None:
        """Drop what a failed build left, unless others would wait for that in turn."""
        self._trying.stop_watching()
        self._wait_at_most(_TIDY_TIMEOUT_MS)
        try:
            self._clear(pending, statement, work)
        except PASSING:
            self._tell("the invalid index cannot be dropped now: the next run drops it")

    def _wait_at_most(self, ms: int) -> None:
        timeout = sql.SQL("SET SESSION lock_timeout = {}").format(sql.Literal(ms))
        self._session.execute(timeout)

    def _clear(self, pending: Pending, statement: Statement, work: IndexWork | None) -> None:
        """Drop an invalid index of that name, which IF NOT EXISTS would take for a whole one."""
        found = indexes.look(self._session, work) if work and work.builds else None
        if found is None or found.valid:
            return
        if found.builder:
            raise Failed(
                f"{where(pending, statement)}: backend {found.builder} builds the index "
                f"{found.name} just now: wait for it, then run it again"
            )
        self._tell(f"drops the invalid index {found.name}, which an interrupted build has left")
        indexes.drop(self._session, found)
