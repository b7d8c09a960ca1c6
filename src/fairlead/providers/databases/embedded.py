"""Where is Fairlead's own state kept when nobody brought a PostgreSQL? In one of our own."""

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import psycopg

from fairlead.errors import Temporary
from fairlead.providers.databases.cluster import (
    BINARIES,
    Account,
    account,
    give,
    make,
    open_the_way,
)
from fairlead.rollout.process import Processes, ProcessState, Program

NAME = "postgres"
DATABASE = "fairlead"
PATIENCE_S = 20.0
# After a crash the backends of the dead server may hold its shared memory for a while.
_START_RETRIES = 20
_STOP_WAIT_S = 30
_TAIL_BYTES = 2000

# Small and quick to start, but durable: fsync and synchronous_commit keep their defaults (on).
_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "cluster_name": "fairlead",
    "max_connections": "60",
    "shared_buffers": "32MB",
    "io_method": "sync",
    "max_worker_processes": "4",
    "autovacuum_max_workers": "2",
    "max_wal_senders": "3",
    "max_wal_size": "256MB",
    "min_wal_size": "32MB",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] ",
    "log_checkpoints": "off",
}


class EmbeddedPostgres:
    """A PostgreSQL 18 kept up by `processes`: its data in `folder`, its socket in `run`/pg.

    It listens on no port. The socket's folder belongs to PostgreSQL's account alone, so who can
    reach it may connect without a password: that account and root, or when we are not root, we.
    As root the folders above both get passable for other accounts (mode 0711), not readable.
    """

    def __init__(self, folder: Path, run: Path, processes: Processes) -> None:
        self._folder, self._data = folder, folder / "data"
        self._sockets = run / "pg"
        self._log = folder / "log" / "postgres.log"
        self._processes = processes

    @property
    def url(self) -> str:
        """Return the address of the database, which answers once `up` has returned."""
        return f"postgresql://postgres@/{DATABASE}?host={quote(str(self._sockets), safe='')}"

    def up(self) -> str:
        """Return the URL of the database, after making, starting and awaiting what is missing.

        Errors: `Temporary` with the server's last lines when it accepts no connection within 20 s;
        `Permanent` when it never will.
        """
        owner = account()
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._alone():
            make(self._data, owner)
            give(self._sockets, owner)
            if owner.name:
                open_the_way(BINARIES)
            self._processes.start(self._program(owner))
            self._make_database()
        return self.url

    def _make_database(self) -> None:
        try:
            with self._connected() as connection:
                known = connection.execute(
                    "SELECT FROM pg_database WHERE datname = %s", [DATABASE]
                ).fetchone()
                if known is None:
                    connection.execute(f"CREATE DATABASE {DATABASE}")
        except psycopg.Error as error:
            raise Temporary(f"PostgreSQL cannot make the database {DATABASE}: {error}") from error

    def _program(self, owner: Account) -> Program:
        settings = [part for name, value in _SETTINGS.items() for part in ("-c", f"{name}={value}")]
        return Program(
            name=NAME,
            argv=(
                *(str(BINARIES / "postgres"), "-D", str(self._data), "-k", str(self._sockets)),
                *settings,
            ),
            folder=Path("/"),
            log=self._log,
            env={"LC_ALL": "C", "TZ": "UTC", "HOME": str(self._data)},
            user=owner.name,
            stop_signal="INT",
            stop_wait_s=_STOP_WAIT_S,
            start_retries=_START_RETRIES,
        )

    def _connected(self) -> psycopg.Connection[tuple[object, ...]]:
        deadline = time.monotonic() + PATIENCE_S
        while True:
            try:
                return psycopg.connect(
                    host=str(self._sockets),
                    user="postgres",
                    dbname="postgres",
                    connect_timeout=5,
                    autocommit=True,
                )
            except psycopg.OperationalError as error:
                process = self._processes.look().get(NAME)
                given_up = process is None or process.state is ProcessState.GIVEN_UP
                if given_up or time.monotonic() > deadline:
                    raise Temporary(
                        f"PostgreSQL does not accept connections ({error}); its last lines: "
                        f"{self._last_lines()}"
                    ) from error
                time.sleep(0.02)

    def _last_lines(self) -> str:
        try:
            return self._log.read_bytes()[-_TAIL_BYTES:].decode(errors="replace").strip()
        except FileNotFoundError:
            return "none"

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with (self._folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
