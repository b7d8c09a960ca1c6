"""How is what applications tell kept, thousands of times a second, and nothing lost?

Who tells something waits until it is on disk. What arrives meanwhile goes into the next transaction
together, so that one write serves all who wait. When too much waits, the next one is sent away, and
of several who tell first who has most there: nobody may hold more than is left for the others.
"""

import logging
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from fairlead.errors import FairleadError, Temporary
from fairlead.store.database import Database, Tx

log = logging.getLogger("fairlead.intake")

# So many bytes may wait; in memory they take some times as much.
MOST_WAITING = 8 * 1024 * 1024
# So many things, or bytes, are written in one transaction.
MOST_AT_ONCE = 5_000
MOST_BYTES_AT_ONCE = 2 * 1024 * 1024
USUAL_BYTES = 1_000
RETRY_AFTER_S = 1
# What arrives within so long of the first is written with it: a write costs more than to wait.
GATHER_S = 0.004
Write = Callable[[Tx, list[Any]], None]


class Full(Temporary):
    """Too much waits to be written: come again in `RETRY_AFTER_S` seconds."""

    def __init__(self) -> None:
        super().__init__(f"too much waits to be written: come again in {RETRY_AFTER_S} s")


@dataclass(slots=True)
class _Told:
    kind: str
    things: list[Any]
    size: int
    by: str
    kept: "Future[None]" = field(default_factory=Future)


@dataclass(frozen=True, slots=True)
class Counts:
    """How many things wait now, and since the start are on disk, were sent away, or were lost.

    Who told those that were lost was told so. `waiting_bytes` is what those that wait came as.
    """

    waiting: int
    waiting_bytes: int
    written: int
    refused: int
    failed: int


class Intake:
    """Keeps things of several kinds; `writers` say how those of a kind are written together."""

    def __init__(self, database: Database, writers: Mapping[str, Write]) -> None:
        """Prepare the one thread that writes; `start` starts it."""
        self._database, self._writers = database, writers
        self._waiting: deque[_Told] = deque()
        self._sizes: Counter[str] = Counter()
        self._size = self._written = self._refused = self._failed = 0
        self._changed = threading.Condition()
        self._closing = False
        self._thread = threading.Thread(target=self._work, name="intake", daemon=True)

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def close(self) -> None:
        """Write what waits, and stop."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join(timeout=10)

    def tell(self, kind: str, things: list[Any], size: int = 0, by: str = "") -> "Future[None]":
        """Take things; the future is done when they are on disk, or fails with why they are not.

        `size` is how many bytes they came as; left out, each counts as a kilobyte. `by` is the app
        that tells them.
        Errors: `Full` when too much waits already, of all or of this one.
        """
        told = _Told(kind, things, size or USUAL_BYTES * len(things), by)
        # Who waits may leave: that must not stop the one thread that writes for all.
        told.kept.set_running_or_notify_cancel()
        with self._changed:
            if self._closing or not self._has_room_for(told):
                self._refused += len(things)
                raise Full
            self._waiting.append(told)
            self._size += told.size
            self._sizes[by] += told.size
            self._changed.notify()
        return told.kept

    def _has_room_for(self, told: _Told) -> bool:
        """Tell whether there is room, and for who has something there as much again for others."""
        left, mine = MOST_WAITING - self._size - told.size, self._sizes[told.by]
        return left >= (mine + told.size if mine else 0)

    def counts(self) -> Counts:
        """Return how much waits, and what became of the rest."""
        with self._changed:
            waiting = _things(self._waiting)
            return Counts(waiting, self._size, self._written, self._refused, self._failed)

    def _work(self) -> None:
        while batch := self._next():
            self._keep(batch)

    def _keep(self, batch: list[_Told]) -> None:
        try:
            self._write(batch)
        except FairleadError as error:
            self._refuse(batch, error)
        except Exception as error:
            if len(batch) > 1:
                # What the database does not take must not take its neighbours with it.
                half = len(batch) // 2
                self._keep(batch[:half])
                self._keep(batch[half:])
                return
            log.exception("what was told could not be kept")
            told = f"it could not be kept ({type(error).__name__}): `fairlead logs server`"
            self._refuse(batch, Temporary(told))
        else:
            with self._changed:
                self._written += _things(batch)
            for told_once in batch:
                told_once.kept.set_result(None)

    def _next(self) -> list[_Told]:
        """Return what is written together; nothing when it is time to stop."""
        batch: list[_Told] = []
        with self._changed:
            while not self._waiting and not self._closing:
                self._changed.wait()
        if not self._closing:
            time.sleep(GATHER_S)
        with self._changed:
            things = size = 0
            while self._waiting and things < MOST_AT_ONCE and size < MOST_BYTES_AT_ONCE:
                batch.append(self._waiting.popleft())
                things += len(batch[-1].things)
                size += batch[-1].size
                self._sizes[batch[-1].by] -= batch[-1].size
            self._size -= size
        return batch

    def _write(self, batch: list[_Told]) -> None:
        kinds: dict[str, list[Any]] = {}
        for told in batch:
            kinds.setdefault(told.kind, []).extend(told.things)
        with self._database.begin() as tx:
            for kind, things in kinds.items():
                self._writers[kind](tx, things)

    def _refuse(self, batch: list[_Told], error: FairleadError) -> None:
        with self._changed:
            self._failed += _things(batch)
        for told in batch:
            told.kept.set_exception(error)


def _things(batch: Iterable[_Told]) -> int:
    return sum(len(told.things) for told in batch)
