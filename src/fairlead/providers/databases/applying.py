"""How is a migration file applied so that nobody waits long, and nothing is ever applied twice?"""

import time
from collections.abc import Callable
from functools import partial

from psycopg import sql

from fairlead.migrations.change import Change
from fairlead.migrations.cost import Cost
from fairlead.migrations.file import MigrationFile
from fairlead.migrations.ledger import Step
from fairlead.migrations.lock import taken_together, waits_alone
from fairlead.migrations.order import Pending
from fairlead.migrations.patience import LONGEST_MS, VERY_SHORT_MS
from fairlead.providers.databases import ledger
from fairlead.providers.databases.failure import Failed, where
from fairlead.providers.databases.index_building import IndexBuilding
from fairlead.providers.databases.one_runner import Tell, check_still_held
from fairlead.providers.databases.running import ran, run
from fairlead.providers.databases.session import Session, settle
from fairlead.providers.databases.trying import Trying

Finish = Callable[[Session, MigrationFile], None]


class Applying:
    """Applies files in a session that holds the lock; `tell` gets a sentence for every step."""

    def __init__(
        self, session: Session, trying: Trying, tell: Tell, finish: Finish = ledger.finish
    ) -> None:
        """Take what it works with; `finish` remembers that a whole file is done."""
        self._finish = finish
        self._session, self._trying, self._tell = session, trying, tell

    def apply(self, pending: Pending, begun: tuple[Step, ...]) -> Cost:
        """Apply one file, and return what it cost; `begun` are the steps an interrupted run left.

        Errors: `Failed`, with the cost, when the server refuses a statement, a lock is not to be
        had, or others would wait longer than the budget allows.
        """
        settle(self._session)
        self._trying.begin_file()
        try:
            if pending.transactional:
                self._trying.until_done(pending, None, partial(self._whole, pending))
            else:
                self._one_by_one(pending, {step.number: step for step in begun})
        except Failed as error:
            error.cost = self._remembered(pending, applied=False)
            raise
        return self._remembered(pending, applied=True)

    def _remembered(self, pending: Pending, *, applied: bool) -> Cost:
        cost = self._trying.cost
        settle(self._session)
        ledger.remember_cost(self._session, pending.file, cost, applied=applied)
        return cost

    def _whole(self, pending: Pending, lock_ms: int) -> None:
        with self._session.transaction():
            check_still_held(self._session)
            for together in taken_together(pending.changes):
                self._lock(together, lock_ms)
                for change in together:
                    self._run_inside(pending, change, lock_ms)
            # The file may have become somebody else, who may not write the ledger.
            self._session.execute("RESET SESSION AUTHORIZATION")
            self._session.execute("RESET ROLE")
            for statement in pending.file.statements:
                ledger.begin(self._session, pending.file, statement)
                ledger.end(self._session, pending.file, statement)
            self._finish(self._session, pending.file)
            self._trying.look_before_the_end()

    def _one_by_one(self, pending: Pending, known: dict[int, Step]) -> None:
        building = IndexBuilding(self._session, self._trying, self._tell)
        for change in pending.changes:
            statement = change.statement
            step = known.get(statement.number)
            if change.is_setting:
                # It lasts as long as the session, so a resumed run needs it again.
                work = partial(self._set, pending, change)
                self._trying.until_done(pending, statement, work)
            elif step and step.ended_at:
                self._tell(f"{where(pending, statement)} was applied before: {statement.opening}")
            elif change.needs_autocommit:
                building.apply(pending, change, is_begun=step is not None)
            else:
                work = partial(self._small, pending, change)
                self._trying.until_done(pending, statement, work)
        with self._session.transaction():
            check_still_held(self._session)
            self._finish(self._session, pending.file)

    def _small(self, pending: Pending, change: Change, lock_ms: int) -> None:
        """Run one statement and remember it, both or neither."""
        with self._session.transaction():
            check_still_held(self._session)
            self._lock((change,), lock_ms)
            ledger.begin(self._session, pending.file, change.statement)
            self._run_inside(pending, change, lock_ms)
            ledger.end(self._session, pending.file, change.statement)
            self._trying.look_before_the_end()

    def _set(self, pending: Pending, change: Change, _lock_ms: int) -> None:
        with self._session.transaction():
            run(self._session, pending, change.statement)
            ledger.begin(self._session, pending.file, change.statement)
            ledger.end(self._session, pending.file, change.statement)

    def _lock(self, changes: tuple[Change, ...], lock_ms: int) -> None:
        self._wait_at_most(lock_ms)
        self._trying.table_locks.take(changes, wait=lock_ms > 0)

    def _run_inside(self, pending: Pending, change: Change, lock_ms: int) -> None:
        self._trying.check()
        # Before every statement, because a file's own setting would keep clients waiting.
        self._wait_at_most(LONGEST_MS if waits_alone(change) else lock_ms)
        began = time.monotonic()
        run(self._session, pending, change.statement)
        self._tell(ran(pending, change.statement, began))

    def _wait_at_most(self, ms: int) -> None:
        limit = sql.Literal(max(ms, VERY_SHORT_MS))
        self._session.execute(sql.SQL("SET LOCAL lock_timeout = {}").format(limit))
