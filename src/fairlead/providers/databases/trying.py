"""How is something tried until its locks are there, and when is it given up?"""

import time
from collections.abc import Callable
from functools import partial

import psycopg
from psycopg import errors
from psycopg.pq import TransactionStatus

from fairlead.migrations.cost import Cost
from fairlead.migrations.order import Pending
from fairlead.migrations.patience import LONGEST_MS, GiveUp, Patience, Tried, Wait, next_wait
from fairlead.migrations.statement import Statement
from fairlead.providers.databases.failure import (
    PASSING,
    Failed,
    NotNow,
    Stopped,
    said,
    stands,
    where,
)
from fairlead.providers.databases.holders import Holder, oldest
from fairlead.providers.databases.one_runner import Tell
from fairlead.providers.databases.session import Session
from fairlead.providers.databases.table_locks import TableLocks
from fairlead.providers.databases.watchdog import Watchdog

# Who waits for longer than the longest wait is cancelled, but not for being scheduled late.
_LONGEST_WAIT_S = LONGEST_MS / 1000 + 0.25
_REMEDY = (
    "end that session or run it again when it is done, or allow more with --retry-for or --budget"
)
_REMEDY_OURS = (
    "run it when less is going on, write it as steps that lock for less long, or allow more with "
    "--budget"
)


class Trying:
    """Tries in one session, under the eyes of the watchdog."""

    def __init__(
        self, session: Session, watchdog: Watchdog, patience: Patience, tell: Tell
    ) -> None:
        """Take what it works with; `tell` gets a sentence when others are let pass."""
        self._session, self._watchdog = session, watchdog
        self._patience, self._tell = patience, tell
        self.table_locks = TableLocks(session)
        self._tries, self._began = 0, time.monotonic()

    def begin_file(self) -> None:
        """Count the cost from nought again."""
        self._watchdog.begin_file()
        self._tries, self._began = 0, time.monotonic()

    @property
    def cost(self) -> Cost:
        """Return what the present file has cost so far."""
        seen = self._watchdog.suffered
        return Cost(
            blocked_client_s=round(seen.blocked_client_s, 4),
            worst_wait_ms=round(seen.worst_s * 1000, 1),
            lock_tries=self._tries,
            seconds=round(time.monotonic() - self._began, 3),
        )

    def check(self) -> None:
        """Go no further after the watchdog has said so."""
        self._watchdog.check()

    def look_before_the_end(self) -> None:
        """See everybody who waits just before the commit lets them go on."""
        self._watchdog.look()

    def stop_watching(self) -> None:
        """Let what follows run to its end: it clears away what has failed, and blocks nobody."""
        self._watchdog.rest()

    def until_done(
        self,
        pending: Pending,
        statement: Statement | None,
        work: Callable[[int], None],
        longest_wait_s: float = _LONGEST_WAIT_S,
    ) -> None:
        """Do the work, with the milliseconds that it may wait for a lock, until it is done.

        `longest_wait_s` is given for what waits longer by itself.

        Errors: `Failed` when the server refuses it, or patience or budget are at an end.
        """
        began, tried = time.monotonic(), Tried()
        allowed = Patience(self._watchdog.left_s, self._patience.retry_for_s)
        why: Exception | None = None
        holder: Holder | None = None
        while isinstance(chosen := next_wait(tried, allowed), Wait):
            time.sleep(chosen.pause_s)
            self._tries += 1
            at = time.monotonic()
            once = partial(work, chosen.lock_ms)
            error = self._once(pending, statement, once, longest_wait_s)
            if error is None:
                return
            if why is None:
                told = f"lets others pass and tries again: {said(error)}"
                self._tell(f"{where(pending, statement)} {told}")
            last_s = time.monotonic() - at
            why, seen = error, self._in_front(error)
            holder = seen or holder
            tried = self._tried(tried, began, last_s, seen, error)
        raise self._given_up(pending, statement, chosen, (why, holder))

    def _once(
        self,
        pending: Pending,
        statement: Statement | None,
        work: Callable[[], None],
        longest_wait_s: float,
    ) -> Exception | None:
        """Return why it must be tried again; None when it is done."""
        try:
            with self._watchdog.watching(longest_wait_s):
                work()
        except (NotNow, Stopped, *PASSING) as error:
            self._undo()
            stopped = self._watchdog.stopped
            if self._watchdog.lost or (isinstance(error, errors.QueryCanceled) and not stopped):
                raise self._failed(pending, statement, stopped or said(error)) from error
            return Stopped(stopped) if stopped else error
        except psycopg.Error as error:
            if self._session.broken:
                raise
            raise self._failed(pending, statement, said(error)) from error
        return None

    def _undo(self) -> None:
        """End a transaction whose own end was cancelled."""
        if self._session.info.transaction_status != TransactionStatus.IDLE:
            self._session.rollback()

    def _in_front(self, error: Exception) -> Holder | None:
        if isinstance(error, NotNow):
            return self.table_locks.holder()
        pids = self._watchdog.in_front
        return oldest(self._session, pids) if pids else None

    def _tried(
        self, before: Tried, began: float, last_s: float, holder: Holder | None, error: Exception
    ) -> Tried:
        known = isinstance(error, NotNow)
        # Nobody in front any more is as good as somebody who has only just come.
        oldest_s = holder.open_s if holder else 0.0 if known else None
        return Tried(
            tries=before.tries + 1,
            elapsed_s=time.monotonic() - began,
            last_s=last_s,
            spent_s=self._watchdog.suffered.blocked_client_s,
            victims=self._watchdog.suffered.most,
            oldest_s=oldest_s,
            blind=not known,
            stopped=self._watchdog.is_spent,
        )

    def _given_up(
        self,
        pending: Pending,
        statement: Statement | None,
        chosen: GiveUp,
        last: tuple[Exception | None, Holder | None],
    ) -> Failed:
        error, holder = last
        if isinstance(error, Stopped) and holder is None:
            by, remedy = "its own locks kept them waiting", _REMEDY_OURS
        else:
            by, remedy = holder.sentence if holder else "who held the lock was not seen", _REMEDY
        why = f"{said(error)}, " if isinstance(error, NotNow | psycopg.Error) else ""
        return self._failed(pending, statement, f"{why}{chosen.because}; {by}", remedy)

    def _failed(
        self, pending: Pending, statement: Statement | None, why: str, remedy: str = ""
    ) -> Failed:
        told = f"{where(pending, statement)}: {why}; {stands(pending)}"
        return Failed(f"{told}: {remedy}" if remedy else told)
