"""How do gates run so that they outlive the controller, and never run to their end twice?"""

import fcntl
import hashlib
import json
import math
import os
import re
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from fairlead.errors import Temporary
from fairlead.gates.job import Job, JobEnd, JobResult
from fairlead.providers.commands import late, standby
from fairlead.providers.commands.tail import last_lines

POLL_S = 0.004
DEAD_KEEPER_S = 0.5
LAUNCH_S = 30.0
LAUNCH_POLL_S = 0.002
STOP_S = 12.0
TAIL_BYTES = 16 * 1024


@dataclass(frozen=True, slots=True)
class ProcessRunner:
    """Runs each job under a keeper of its own; satisfies the port `Runner`.

    All state is on disk, one folder a job in `folder`, so any controller finds every job.
    """

    folder: Path

    def start(self, job: Job) -> None:
        """Start the job, or find it running or ended. On return it is in a keeper's hands.

        Ask again while it runs: a keeper that was stopped does not see that its time is over.
        """
        home = self._home(job.id)
        with _no_room(job.id):
            home.mkdir(mode=0o700, parents=True, exist_ok=True)
            late.end_if_late(home)
            if not _ended(home) and not _kept(home):
                _write(
                    home / "job.json",
                    json.dumps(asdict(job) | {"folder": str(job.folder.absolute())}),
                )
                _hand_over(home, job.id)

    def result(self, job_id: str) -> JobResult | None:
        """Return how the job ended; None while it runs, or when its keeper died: start again."""
        home = self._home(job_id)
        try:
            told = (home / "result.json").read_text()
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError):
            told = ""
        return _read(told, _tail(home / "output.log"))

    def wait(self, job_ids: tuple[str, ...], timeout_s: float) -> None:
        """Return when a job has ended or lost its keeper, after `timeout_s`, at once for none."""
        homes = [self._home(job_id) for job_id in job_ids]
        began = time.monotonic()
        if homes:
            standby.refill()
        look_again = began + DEAD_KEEPER_S
        while homes and not any(map(_ended, homes)):
            now = time.monotonic()
            if now >= began + timeout_s:
                return
            if now >= look_again:
                if not all(map(_kept, homes)):
                    return
                look_again = now + DEAD_KEEPER_S
            time.sleep(min(POLL_S, began + timeout_s - now))

    def stop(self, job_id: str) -> None:
        """End the job and every process it started, and return when that is done.

        TERM first, KILL after 2 s. Nothing happens when it has ended or was never started.
        """
        home = self._home(job_id)
        if not (home / "job.json").exists() or _ended(home):
            return
        give_up = time.monotonic() + STOP_S
        with _no_room(job_id):
            (home / "stop").touch()
            while not _ended(home) and time.monotonic() < give_up:
                if not _kept(home):
                    _hand_over(home, job_id)
                self.wait((job_id,), STOP_S)
        if not _ended(home):
            late.end(home, "was stopped, and its keeper did not answer any more")
            raise Temporary(
                f"{job_id} has not ended {STOP_S:g} s after it was told to stop: ask again"
            )

    def log(self, job_id: str) -> Path:
        """Return the file with the job's output: the first 8 MiB, then the last 16 KiB."""
        return self._home(job_id) / "output.log"

    def _home(self, job_id: str) -> Path:
        readable = re.sub(r"[^A-Za-z0-9_-]+", "-", job_id)[:60].strip("-")
        return self.folder / f"{readable}.{hashlib.sha256(job_id.encode()).hexdigest()[:16]}"


def _ended(home: Path) -> bool:
    return (home / "result.json").exists()


def _kept(home: Path) -> bool:
    """Tell whether a keeper lives: it holds the lock, which no death leaves behind."""
    try:
        file = os.open(home / "lock", os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    else:
        return False
    finally:
        os.close(file)


def _hand_over(home: Path, job_id: str) -> None:
    """Send a keeper and wait until it, or another one, holds the lock."""
    keeper = standby.send(home)
    give_up = time.monotonic() + LAUNCH_S
    while keeper.poll() is None and time.monotonic() < give_up:
        time.sleep(LAUNCH_POLL_S)
    keeper.kill()
    if status := keeper.wait():
        why = last_lines((home / "keeper.log").read_bytes()).rpartition("\n")[2]
        raise Temporary(f"{job_id} did not get a keeper within {LAUNCH_S:g} s ({status}): {why}")


@contextmanager
def _no_room(job_id: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Temporary(
            f"{job_id} cannot be kept now: {error}; free disk space or processes, or let Fairlead "
            "write there"
        ) from error


def _write(path: Path, text: str) -> None:
    """Write a file whole; what a power cut takes is written anew at the next start."""
    file, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(file, "w") as out:
        out.write(text)
    Path(draft).rename(path)


def _tail(log: Path) -> str:
    try:
        with log.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - TAIL_BYTES))
            return last_lines(file.read())
    except OSError:
        return ""


def _read(told: str, tail: str) -> JobResult:
    body, _, check = told.rstrip("\n").rpartition("\n")
    try:
        if hashlib.sha256(body.encode()).hexdigest() != check:
            return _unreadable(tail)
        fields = json.loads(body)
        end, status = JobEnd(fields["end"]), fields["status"]
        took_s, because = float(fields["took_s"]), str(fields["because"])
    except (ValueError, KeyError, TypeError):
        return _unreadable(tail)
    if not math.isfinite(took_s) or type(status) not in (int, type(None)):
        return _unreadable(tail)
    return JobResult(end, status, took_s, tail, because)


def _unreadable(tail: str) -> JobResult:
    because = "the record of how it ended was damaged: it counts as failed; look for a bad disk"
    return JobResult(JobEnd.EXITED, None, 0.0, tail, because)
