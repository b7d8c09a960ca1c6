"""Does somebody wait for our migration? A second session looks, and stops our own statement."""

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import psycopg

from fairlead.errors import Permanent, Refused, Temporary
from fairlead.migrations.victims import Limits, Suffered, Waiting, is_spent, victims, why_stop
from fairlead.providers.databases.address import read
from fairlead.providers.databases.failure import Stopped
from fairlead.providers.databases.session import Session, session

APPLICATION = "fairlead db migrate watchdog"
LOOK_S = 0.02
# A cancel between two statements is ignored by the server, so it is said again.
_AGAIN_S = 0.2
_SETTINGS = """
SELECT set_config('default_transaction_read_only', 'on', false),
  set_config('search_path', 'pg_catalog', false),
  set_config('statement_timeout', '2s', false), set_config('jit', 'off', false)
"""
_ANYBODY = "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock') AS anybody"
_SEES_ALL = "SELECT pg_has_role(current_user, 'pg_read_all_stats', 'USAGE') AS sees_all"
# Locks are looked at only while somebody waits: with thousands of them it is expensive.
_WAITING = """
SELECT t.now, w.pid, w.since, w.blockers
FROM (SELECT extract(epoch FROM clock_timestamp())::float8 AS now) t LEFT JOIN (
  SELECT l.pid, extract(epoch FROM l.waitstart)::float8 AS since,
    pg_blocking_pids(l.pid) AS blockers
  FROM pg_locks l LEFT JOIN pg_stat_activity a USING (pid)
  WHERE NOT l.granted AND l.waitstart IS NOT NULL
    AND a.backend_type IS DISTINCT FROM 'autovacuum worker'
) w ON true
"""


@contextmanager
def watchdog(url: str, ours: Session, budget_s: float) -> Iterator["Watchdog"]:
    """Give a watchdog over a session, in a session and a thread of its own.

    Errors: `Refused` when it cannot watch: nobody would see who waits.
    """
    with ExitStack() as stack:
        try:
            own = stack.enter_context(session(url, APPLICATION))
            own.execute(_SETTINGS)
            dog = Watchdog(own, ours, budget_s, read(url).harmless)
        except (Temporary, Permanent, psycopg.Error) as error:
            told = read(url).harmless(_line(error))
            raise Refused(
                "nothing was applied, for nobody would see who waits: the watchdog needs a second "
                f"connection ({told}): allow one more, and run it again"
            ) from error
        thread = threading.Thread(target=dog.run, name=APPLICATION, daemon=True)
        thread.start()
        try:
            yield dog
        finally:
            dog.end()
            thread.join()


class Watchdog:
    """Looks while it is told to; `suffered` is what the present file has cost others so far."""

    def __init__(
        self, own: Session, ours: Session, budget_s: float, harmless: Callable[[object], str]
    ) -> None:
        """Take its own session, the one that it watches, and what all files may cost."""
        self.suffered, self.stopped, self.lost = Suffered(), "", ""
        self.is_spent = False
        self.in_front: tuple[int, ...] = ()
        self._own, self._ours, self._harmless = own, ours, harmless
        self._left_s = budget_s
        self._own_wait_s = self._since = self._cancelled_at = 0.0
        self._watching, self._ended, self._turn = (
            threading.Event(), threading.Event(), threading.Lock()
        )  # fmt: skip
        row = ours.execute("SELECT pg_backend_pid() AS pid").fetchone()
        assert row is not None
        self._pid = int(row["pid"])
        seen = own.execute(_SEES_ALL).fetchone()
        self._sees_all = bool(seen and seen["sees_all"])

    def begin_file(self) -> None:
        """Count from nought again; what other files have cost stays spent."""
        self._left_s = max(0.0, self._left_s - self.suffered.blocked_client_s)
        self.suffered = Suffered()

    @property
    def left_s(self) -> float:
        """Return the blocked client-seconds that the present file could have from its begin on."""
        return self._left_s

    @contextmanager
    def watching(self, own_wait_s: float) -> Iterator[None]:
        """Watch until the block ends; our session may wait for a lock for `own_wait_s`.

        Errors: `Stopped` when it can no longer watch.
        """
        self.stopped, self.is_spent, self.in_front = self.lost, False, ()
        self.check()
        with self._turn:
            self._own_wait_s, self._since, self._cancelled_at = own_wait_s, time.monotonic(), 0.0
            self._watching.set()
        try:
            yield
        finally:
            self.rest()

    def look(self) -> None:
        """Look at once: a wait that is short would end between two looks."""
        with self._turn:
            self._look_or_lose()

    def rest(self) -> None:
        """Look no more, and cancel nothing, until there is something to watch again."""
        with self._turn:
            self._watching.clear()
            if self.suffered.going_on:
                self._look_or_lose()
            self.suffered = self.suffered.over()

    def check(self) -> None:
        """Refuse to go on after it has stopped us; a cancel between two statements is not heard."""
        if self.stopped:
            raise Stopped(self.stopped)

    def run(self) -> None:
        """Look again and again, until `end`."""
        while not self._ended.is_set():
            self._watching.wait()
            with self._turn:
                if self._watching.is_set() and not self._ended.is_set():
                    self._look_or_lose()
                    self._stop_ours()
            self._ended.wait(LOOK_S)

    def end(self) -> None:
        """Let `run` return."""
        self._ended.set()
        self._watching.set()

    def _look_or_lose(self) -> None:
        if self.lost:
            return
        try:
            self._look()
        except psycopg.Error as error:
            told = self._harmless(_line(error))
            self.lost = self.stopped = (
                f"nobody sees any longer who waits, for the watchdog's connection fails ({told})"
            )

    def _look(self) -> None:
        if self._sees_all and not self.suffered.going_on:
            row = self._own.execute(_ANYBODY).fetchone()
            if row and not row["anybody"]:
                return
        rows = self._own.execute(_WAITING).fetchall()
        now = rows[0]["now"]
        waiting = [
            Waiting(row["pid"], row["since"], tuple(row["blockers"])) for row in rows if row["pid"]
        ]
        since = now - (time.monotonic() - self._since)
        self.suffered = self.suffered.seen(now, victims(waiting, self._pid), since)
        own = next((one for one in waiting if one.pid == self._pid), None)
        if own:
            self.in_front = own.blockers
        own_wait_s = now - own.since if own else 0.0
        limits = Limits(self._left_s, self._own_wait_s)
        if self._watching.is_set() and not self.stopped:
            self.is_spent = is_spent(self.suffered, LOOK_S, limits)
            self.stopped = why_stop(self.suffered, own_wait_s, LOOK_S, limits)

    def _stop_ours(self) -> None:
        """Cancel our own statement, never anybody else's; a connection that is lost is cut."""
        now = time.monotonic()
        if not self.stopped or now - self._cancelled_at < _AGAIN_S:
            return
        self._cancelled_at = now
        try:
            if not self.lost:
                self._own.execute("SELECT pg_cancel_backend(%s)", [self._pid])
                return
        except psycopg.Error as error:
            self.lost = f"the watchdog's connection fails ({self._harmless(_line(error))})"
        try:
            self._ours.cancel_safe(timeout=2.0)
        except psycopg.Error:
            _cut(self._ours)


def _cut(connection: Session) -> None:
    """End a connection that another thread waits on: its server process notices, and undoes."""
    with socket.socket(fileno=os.dup(connection.fileno())) as ours:
        ours.shutdown(socket.SHUT_RDWR)


def _line(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__
