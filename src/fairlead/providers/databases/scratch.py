"""Where can a change be tried, and a backup be proven? On a server that lives as long as that.

It listens on no port, keeps nothing, and is no safer against a power cut than its purpose needs.
"""

import fcntl
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from fairlead.errors import Permanent, Temporary
from fairlead.providers.databases.cluster import MAJOR, Account, account, binaries, give, make

PATIENCE_S = 30.0
_PREFIX = "fl-scratch-"
_TAIL_BYTES = 2000
# A socket's path must be short (107 signs); nothing here survives anything, so nothing is synced.
_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "1GB",
    "shared_buffers": "64MB",
    "maintenance_work_mem": "128MB",
    "max_locks_per_transaction": "1024",
    "jit": "off",
    "timezone": "UTC",
}


@dataclass(frozen=True, slots=True)
class Scratch:
    """A server: `url` leads its superuser to its database `postgres`; `major` is its version."""

    url: str
    major: int
    folder: Path

    def database(self, name: str, encoding: str = "UTF8") -> str:
        """Make a database, a copy of the empty `template0`, and return its URL."""
        words = "CREATE DATABASE {} TEMPLATE template0"
        if encoding != "UTF8":
            # The server's own locale knows UTF-8 alone.
            words += " ENCODING {} LOCALE 'C' LOCALE_PROVIDER libc"
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(sql.SQL(words).format(sql.Identifier(name), encoding))
        return self.at(name)

    def at(self, name: str) -> str:
        """Return the URL of a database."""
        return self.url.replace("/postgres?", f"/{quote(name, safe='')}?")


@contextmanager
def scratch(
    room: Path | None = None,
    major: int = MAJOR,
    settings: Mapping[str, str] | None = None,
    superuser: str = "postgres",
) -> Iterator[Scratch]:
    """Give a server that is gone when the block ends; `room` is the folder where it may take room.

    What a killed process has left of such servers in that folder is stopped and removed first.

    Errors: `Permanent` when it cannot be started at all, `Temporary` when it does not answer.
    """
    room = room or Path(tempfile.gettempdir())
    remove_abandoned(room)
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=room))
    with _held(folder):
        try:
            owner = account()
            make(folder / "data", owner, major, superuser, synced=False)
            give(folder / "run", owner)
            process = _started(folder, owner, binaries(major), _SETTINGS | dict(settings or {}))
            try:
                found = Scratch(_url(folder / "run", superuser), major, folder)
                _await(found, process)
                yield found
            finally:
                _ended(process)
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def remove_abandoned(room: Path) -> None:
    """Stop and remove the servers whose process was killed; a live one holds its lock."""
    for folder in room.glob(f"{_PREFIX}*"):
        with suppress(OSError), (folder / "lock").open("r+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _kill_postmaster(folder)
            shutil.rmtree(folder, ignore_errors=True)


def _kill_postmaster(folder: Path) -> None:
    """Stop the server of a folder, if that process is still it."""
    with suppress(OSError, ValueError, IndexError):
        told = (folder / "data" / "postmaster.pid").read_text("utf-8", "replace").splitlines()
        pid = int(told[0])
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        if str(folder / "data").encode() in words:
            os.kill(pid, signal.SIGQUIT)
            _gone(pid)


def _gone(pid: int) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline and Path(f"/proc/{pid}").exists():
        time.sleep(0.02)


@contextmanager
def _held(folder: Path) -> Iterator[None]:
    with (folder / "unlocked").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        # Whoever finds a lock finds it taken, until we are gone.
        (folder / "unlocked").rename(folder / "lock")
        yield


def _started(
    folder: Path, owner: Account, programs: Path, settings: Mapping[str, str]
) -> "subprocess.Popen[bytes]":
    words = [part for pair in settings.items() for part in ("-c", "=".join(pair))]
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(
            [
                *(str(programs / "postgres"), "-D", str(folder / "data")),
                *("-k", str(folder / "run"), *words),
            ],
            cwd="/",
            env={"LC_ALL": "C", "TZ": "UTC"},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            # A signal for the program that asked must not stop the server under its hands.
            start_new_session=True,
            user=owner.uid if owner.name else None,
            group=owner.gid if owner.name else None,
            extra_groups=[] if owner.name else None,
        )


def _await(server: Scratch, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            psycopg.connect(server.url).close()
        except psycopg.OperationalError as error:
            if process.poll() is not None:
                raise Permanent(f"a scratch server does not start: {_tail(server)}") from error
            if time.monotonic() > deadline:
                raise Temporary(f"a scratch server does not answer: {_tail(server)}") from error
            time.sleep(0.02)
        else:
            return


def _ended(process: "subprocess.Popen[bytes]") -> None:
    # At once: what it holds is thrown away.
    process.send_signal(signal.SIGQUIT)
    try:
        process.wait(PATIENCE_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _tail(server: Scratch) -> str:
    told = (server.folder / "log").read_bytes()[-_TAIL_BYTES:]
    return " ".join(told.decode("utf-8", "replace").split()) or "it says nothing"


def _url(sockets: Path, superuser: str) -> str:
    return f"postgresql://{quote(superuser, safe='')}@/postgres?host={quote(str(sockets), safe='')}"
