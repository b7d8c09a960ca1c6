"""Does anybody at the live database wait for what we read there? Then we let go of it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

from fairlead.errors import FairleadError, Temporary
from fairlead.providers.databases.rehearsal.target import APPLICATION, visiting

LOOK_S = 0.1
_LET_GO = """
SELECT pg_cancel_backend(a.pid) FROM pg_stat_activity a
WHERE a.application_name = %s AND a.usename = current_user AND EXISTS (
  SELECT FROM pg_locks w WHERE NOT w.granted AND a.pid = ANY(pg_blocking_pids(w.pid)))
"""


@contextmanager
def courteous(url: str) -> Iterator[str]:
    """Give the URL to read from within the block; who waits for it is let by at once.

    Errors: `Temporary` when somebody was, or when nobody could look whether somebody waits.
    """
    watcher = _Watcher(url)
    watcher.start()
    try:
        name = watcher.application.replace(" ", "%20")
        yield f"{url}{'&' if '?' in url else '?'}application_name={name}"
    except FairleadError as error:
        if watcher.has_let_by:
            raise Temporary(
                "somebody at the database waited for what the rehearsal read, so it let go: "
                "rehearse again when no other migration is under way"
            ) from error
        raise
    finally:
        watcher.end()
    if watcher.failed:
        raise Temporary(f"nobody could look whether the copying is waited for: {watcher.failed}")


class _Watcher(threading.Thread):
    """Looks for people who wait for sessions of the name `application`, until it is told to end."""

    def __init__(self, url: str) -> None:
        super().__init__(daemon=True)
        self.application = f"{APPLICATION} {uuid4().hex[:12]}"
        self.has_let_by, self.failed = False, ""
        self._url, self._ended = url, threading.Event()

    def run(self) -> None:
        try:
            with visiting(self._url) as asked:
                while not self._ended.wait(LOOK_S):
                    if asked.execute(_LET_GO, [self.application]).fetchone():
                        self.has_let_by = True
        except FairleadError as error:
            self.failed = str(error)

    def end(self) -> None:
        """Stop looking."""
        self._ended.set()
        self.join()
