"""How is a migration applied so that nobody waits long, and nothing is ever applied twice?"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import psycopg
from psycopg import errors, sql

from fairlead.migrations.change import Change
from fairlead.migrations.index import IndexWork, index_work
from fairlead.migrations.ledger import Step
from fairlead.migrations.order import Pending
from fairlead.migrations.statement import Statement
from fairlead.providers.databases import indexes, ledger
from fairlead.providers.databases.one_runner import Tell, check_still_held
from fairlead.providers.databases.session import Session, settle

# They pass by themselves; PostgreSQL has undone the transaction that met them.
_PASSING = (errors.LockNotAvailable, errors.DeadlockDetected, errors.SerializationFailure)
_INDEX_LOCK_TIMEOUT_MS = 3_600_000
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.1, 2.0


class Failed(Exception):  # noqa: N818
    """A statement that the server refused; the text says where, why, and what stands."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a statement waits for a lock before it lets others pass, and for how long in all."""

    lock_timeout_ms: int = 100
    retry_for_s: float = 60.0


class Applying:
    """Applies files in a session that holds the lock; `tell` gets a sentence for every step."""

    def __init__(self, session: Session, patience: Patience, tell: Tell) -> None:
        self._session, self._patience, self._tell = session, patience, tell

    def apply(self, pending: Pending, begun: tuple[Step, ...]) -> None:
        """Apply one file; `begun` are the steps that an interrupted run has left of it.

        Errors: `Failed` when the server refuses a statement or a lock is not to be had.
        """
        settle(self._session)
        if pending.transactional:
            self._again_and_again(pending, None, lambda: self._whole(pending))
        else:
            self._one_by_one(pending, {step.number: step for step in begun})
        settle(self._session)

    def _whole(self, pending: Pending) -> None:
        with self._session.transaction():
            check_still_held(self._session)
            for change in pending.changes:
                self._run_inside(pending, change.statement)
            # The file may have become somebody else, who may not write the ledger.
            self._session.execute("RESET SESSION AUTHORIZATION")
            self._session.execute("RESET ROLE")
            for statement in pending.file.statements:
                ledger.begin(self._session, pending.file, statement)
                ledger.end(self._session, pending.file, statement)
            ledger.finish(self._session, pending.file)

    def _one_by_one(self, pending: Pending, known: dict[int, Step]) -> None:
        for change in pending.changes:
            statement = change.statement
            step = known.get(statement.number)
            if change.is_setting:
                # It lasts as long as the session, so a resumed run needs it again.
                self._again_and_again(pending, statement, partial(self._set, pending, change))
            elif step and step.ended_at:
                self._tell(f"{_where(pending, statement)} was applied before: {statement.opening}")
            elif change.needs_autocommit:
                self._alone(pending, change, is_begun=step is not None)
            else:
                self._again_and_again(pending, statement, partial(self._small, pending, change))
        with self._session.transaction():
            check_still_held(self._session)
            ledger.finish(self._session, pending.file)

    def _small(self, pending: Pending, change: Change) -> None:
        """Run one statement and remember it, both or neither."""
        with self._session.transaction():
            check_still_held(self._session)
            ledger.begin(self._session, pending.file, change.statement)
            self._run_inside(pending, change.statement)
            ledger.end(self._session, pending.file, change.statement)

    def _set(self, pending: Pending, change: Change) -> None:
        with self._session.transaction():
            _run(self._session, pending, change.statement)
            ledger.begin(self._session, pending.file, change.statement)
            ledger.end(self._session, pending.file, change.statement)

    def _run_inside(self, pending: Pending, statement: Statement) -> None:
        # Before every statement, because a file's own setting would keep clients waiting.
        _set_lock_timeout(self._session, self._patience.lock_timeout_ms, local=True)
        began = time.monotonic()
        _run(self._session, pending, statement)
        self._told(pending, statement, began)

    def _alone(self, pending: Pending, change: Change, *, is_begun: bool) -> None:
        """Run what cannot be in a transaction: remembered before, and after."""
        work = index_work(change)
        if is_begun and work and self._is_done(work):
            ledger.end(self._session, pending.file, change.statement)
            where = _where(pending, change.statement)
            self._tell(f"{where} was finished by the interrupted run: {change.statement.opening}")
            return
        self._again_and_again(
            pending, change.statement, lambda: self._outside(pending, change.statement, work)
        )

    def _is_done(self, work: IndexWork) -> bool:
        found = indexes.look(self._session, work)
        return bool(found and found.valid) if work.builds else found is None

    def _outside(self, pending: Pending, statement: Statement, work: IndexWork | None) -> None:
        check_still_held(self._session)
        _set_lock_timeout(self._session, _INDEX_LOCK_TIMEOUT_MS, local=False)
        self._clear(pending, statement, work)
        is_taken = bool(work and work.builds and indexes.look(self._session, work))
        # An index of that name that is not ours must never be taken for ours by a later run.
        if work is None or work.may_exist or not is_taken:
            ledger.begin(self._session, pending.file, statement)
        began = time.monotonic()
        try:
            _run(self._session, pending, statement)
        except (Failed, *_PASSING):
            if not self._session.broken:
                self._clear(pending, statement, work)
                ledger.forget(self._session, pending.file, statement)
            raise
        if work and not self._is_done(work):
            ledger.forget(self._session, pending.file, statement)
            raise Failed(f"{_where(pending, statement)}: the index is still invalid: run it again")
        ledger.end(self._session, pending.file, statement)
        self._told(pending, statement, began)

    def _clear(self, pending: Pending, statement: Statement, work: IndexWork | None) -> None:
        """Drop an invalid index of that name, which IF NOT EXISTS would take for a whole one."""
        found = indexes.look(self._session, work) if work and work.builds else None
        if found is None or found.valid:
            return
        if found.builder:
            raise Failed(
                f"{_where(pending, statement)}: backend {found.builder} builds the index "
                f"{found.name} just now: wait for it, then run it again"
            )
        self._tell(f"drops the invalid index {found.name}, which an interrupted build has left")
        indexes.drop(self._session, found)

    def _told(self, pending: Pending, statement: Statement, began: float) -> None:
        took = (time.monotonic() - began) * 1000
        self._tell(f"{_where(pending, statement)} in {took:.0f} ms: {statement.opening}")

    def _again_and_again(
        self, pending: Pending, statement: Statement | None, work: Callable[[], None]
    ) -> None:
        """Do the work, once more after every lock that was not to be had, until patience ends."""
        deadline = time.monotonic() + self._patience.retry_for_s
        pause, tries = _FIRST_PAUSE_S, 1
        while True:
            try:
                work()
            except _PASSING as error:
                where = _where(pending, statement)
                if time.monotonic() + pause > deadline:
                    raise Failed(
                        f"{where}: {_said(error)}, {tries} times in "
                        f"{self._patience.retry_for_s:g} s; {_stands(pending)}: end the sessions "
                        "that hold the lock, or run it again when they are done"
                    ) from error
                if tries == 1:
                    self._tell(f"{where} lets others pass and tries again: {_said(error)}")
                time.sleep(pause)
                pause, tries = min(pause * 2, _LONGEST_PAUSE_S), tries + 1
            except psycopg.Error as error:
                if self._session.broken:
                    raise
                where = _where(pending, statement)
                raise Failed(f"{where}: {_said(error)}; {_stands(pending)}") from error
            else:
                return


def _run(session: Session, pending: Pending, statement: Statement) -> None:
    # The mark shows in the server's log, and makes each text another one: the plan of an equal
    # query from before a change would not fit after it.
    marked = f"{statement.text}\n/* fairlead {pending.file.version} {statement.number} */"
    try:
        # Prepared, it is one statement for the server, whatever we have taken it for.
        session.execute(marked.encode(), prepare=True)
    except _PASSING:
        raise
    except psycopg.Error as error:
        if session.broken:
            raise
        raise Failed(f"{_where(pending, statement)}: {_said(error)}; {_stands(pending)}") from error


def _set_lock_timeout(session: Session, ms: int, *, local: bool) -> None:
    word = sql.SQL("LOCAL") if local else sql.SQL("SESSION")
    session.execute(sql.SQL("SET {} lock_timeout = {}").format(word, sql.Literal(ms)))


def _said(error: psycopg.Error) -> str:
    """Return what the server says, without the rows that its details may show."""
    hint = f" ({error.diag.message_hint})" if error.diag.message_hint else ""
    return f"{error.diag.message_primary or error}{hint}"


def _where(pending: Pending, statement: Statement | None) -> str:
    return f"{pending.file.path}:{statement.line}" if statement else pending.file.path


def _stands(pending: Pending) -> str:
    if pending.transactional:
        return "nothing of this file was applied"
    return "the statements before it stay, and the next run goes on here"
