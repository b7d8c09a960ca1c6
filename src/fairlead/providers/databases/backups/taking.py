"""How is a backup taken? Everything of it in one snapshot, while the database goes on."""

import io
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime

import psycopg

from fairlead import __version__
from fairlead.errors import Refused
from fairlead.migrations import backup
from fairlead.migrations.backup import Manifest, Progress, Tell
from fairlead.migrations.contents import Contents, Position, Sequence
from fairlead.providers.databases import programs
from fairlead.providers.databases.address import read
from fairlead.providers.databases.backups import measuring
from fairlead.providers.databases.backups.keep import Draft, Keep
from fairlead.providers.databases.backups.measuring import Row
from fairlead.providers.databases.schemas import whole_schema
from fairlead.providers.databases.session import Session, session

APPLICATION = "fairlead backup"
_LOCK_WAIT_MS = 2000
_ROLES_TIMEOUT_S = 60.0
_TELL_EVERY_S = 0.5
_FOR_PSQL = (b"\\restrict fairlead", b"\\unrestrict fairlead")


def create(url: str, keep: Keep, now: datetime, tell: Tell) -> Manifest:
    """Take a backup of a whole database with the roles of its server, without their passwords.

    It takes ACCESS SHARE locks alone, so it waits for nobody who reads or writes, nor they for it;
    who changes the shape of a table waits until it is done. It is not proven yet.

    Errors: `Refused` when it would not be whole or cannot be kept, `Temporary` when the database
    goes away or a table is locked, `Permanent` when `pg_dump` fails. Nothing is left then.
    """
    with session(url, APPLICATION) as open_one, keep.draft(_database(open_one), now) as draft:
        manifest = _Taking(url, open_one, keep, draft, tell).take(now)
        keep.finish(draft, manifest)
    return manifest


def roles(url: str, database: str) -> bytes:
    """Return the roles of a database's server as SQL: settings and memberships, no passwords."""
    words = ("pg_dumpall", "--roles-only", "--no-role-passwords", "--restrict-key=fairlead")
    # A name alone could be read as an address.
    quoted = database.replace("\\", "\\\\").replace("'", "\\'")
    told = programs.run([*words, f"--database=dbname='{quoted}'"], url, timeout_s=_ROLES_TIMEOUT_S)
    # These two are for psql, which nobody needs here.
    lines = [line for line in told.split(b"\n") if line not in _FOR_PSQL]
    return b"\n".join(lines)


@dataclass(slots=True)
class _Taking:
    """One backup while it is taken, in the transaction of `session`."""

    url: str
    session: Session
    keep: Keep
    draft: Draft
    tell: Tell
    began: float = field(default_factory=time.monotonic)
    # Each is written by one thread alone.
    size: int = 0
    counted: int = 0

    def take(self, now: datetime) -> Manifest:
        measuring.begin(self.session)
        snapshot = _value(self.session, "SELECT pg_export_snapshot() AS it")
        self._refuse_passwords()
        found = measuring.tables(self.session)
        before = measuring.sequences(self.session)
        schema = whole_schema(self.url, snapshot)
        told_roles = roles(self.url, _database(self.session))
        with self._beside(found, before) as contents:
            dump = self._dump(snapshot, contents, len(found))
            while not wait([contents], timeout=_TELL_EVERY_S).done:
                self._tell(len(found))
        seen = _until(contents.result(), measuring.sequences(self.session))
        files = {backup.DUMP: dump}
        for kind, text in (
            (backup.ROLES, told_roles),
            (backup.SCHEMA, schema.text),
            (backup.CONTENTS, backup.write_contents(seen)),
        ):
            files[kind] = self.keep.put(self.draft, kind, io.BytesIO(text))
        return Manifest(
            format=backup.FORMAT,
            name=self.draft.name,
            taken_at=now,
            seconds=round(time.monotonic() - self.began, 3),
            database=read(self.url).shown,
            server=self.session.info.server_version // 10000,
            fairlead=__version__,
            encrypted=self.keep.key is not None,
            tables=len(seen.tables),
            rows=seen.rows,
            fingerprint=schema.fingerprint,
            files=files,
        )

    def _dump(self, snapshot: str, contents: "Future[Contents]", tables: int) -> backup.KeptFile:
        def told(size: int) -> None:
            if contents.done():
                # What could not be counted makes the rest useless.
                contents.result()
            self.size = size
            self._tell(tables)

        words = (
            *("pg_dump", "--format=custom", "--compress=gzip:6", "--create", "--no-subscriptions"),
            *(f"--snapshot={snapshot}", f"--lock-wait-timeout={_LOCK_WAIT_MS}"),
        )
        with programs.reading(words, self.url) as dumped:
            return self.keep.put(self.draft, backup.DUMP, dumped, told)

    def _tell(self, tables: int) -> None:
        seconds = time.monotonic() - self.began
        self.tell(Progress("taking", self.counted, tables, self.size, seconds))

    @contextmanager
    def _beside(
        self, found: list[Row], before: dict[str, Position]
    ) -> Iterator["Future[Contents]"]:
        """Measure while the block runs; when that fails, so does the measuring."""

        def counted(done: int) -> None:
            self.counted = done

        with ThreadPoolExecutor(1) as pool:
            contents = pool.submit(measuring.contents, self.session, found, before, counted)
            try:
                yield contents
                contents.result()
            except BaseException:
                with suppress(psycopg.Error):
                    self.session.cancel_safe(timeout=5)
                raise

    def _refuse_passwords(self) -> None:
        if self.keep.key is not None:
            return
        servers = self.session.execute(
            "SELECT DISTINCT srvname FROM pg_user_mappings"
            " WHERE umoptions::text ~* 'passw' ORDER BY 1"
        ).fetchall()
        if servers:
            names = ", ".join(row["srvname"] for row in servers)
            raise Refused(
                f"the database keeps passwords for the foreign servers {names}, and the backup "
                "would hold them in clear: set a key (`fairlead backup key FILE` makes one)"
            )


def _until(contents: Contents, after: dict[str, Position]) -> Contents:
    sequences = {
        name: Sequence(kept.before, after.get(name, kept.after))
        for name, kept in contents.sequences.items()
    }
    return replace(contents, sequences=sequences)


def _database(session: Session) -> str:
    return _value(session, "SELECT current_database() AS it")


def _value(session: Session, query: str) -> str:
    row = session.execute(query).fetchone()
    assert row is not None
    return str(row["it"])
