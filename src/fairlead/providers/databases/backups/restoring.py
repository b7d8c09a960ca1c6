"""How does a backup become a database again, and is it the same one?"""

import time
from dataclasses import dataclass
from typing import IO

from psycopg import errors

from fairlead.errors import Permanent, Refused
from fairlead.migrations import backup, contents, role
from fairlead.migrations.backup import Manifest, Progress, Tell
from fairlead.migrations.contents import Contents
from fairlead.migrations.schema import difference, read
from fairlead.migrations.statement import Statement, split
from fairlead.providers.databases import programs
from fairlead.providers.databases.backups import measuring
from fairlead.providers.databases.backups.keep import Keep
from fairlead.providers.databases.backups.taking import APPLICATION, roles
from fairlead.providers.databases.schemas import whole_schema
from fairlead.providers.databases.session import Session, session

_KNOWN_ROLE = "SELECT FROM pg_roles WHERE rolname = %s"
_THERE = """
WITH own AS (SELECT oid FROM pg_namespace
    WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'),
  made AS (SELECT classid, objid FROM pg_depend WHERE deptype = 'e')
SELECT
  (SELECT count(*) FROM pg_namespace n WHERE oid IN (SELECT oid FROM own) AND nspname <> 'public'
    AND ('pg_namespace'::regclass, n.oid) NOT IN (TABLE made)) AS schema,
  (SELECT count(*) FROM pg_class c WHERE relnamespace IN (SELECT oid FROM own)
    AND relkind IN ('r', 'p', 'f') AND ('pg_class'::regclass, c.oid) NOT IN (TABLE made)) AS table,
  (SELECT count(*) FROM pg_class c WHERE relnamespace IN (SELECT oid FROM own)
    AND relkind IN ('v', 'm') AND ('pg_class'::regclass, c.oid) NOT IN (TABLE made))
    AS view,
  (SELECT count(*) FROM pg_class c WHERE relnamespace IN (SELECT oid FROM own)
    AND relkind = 'S' AND ('pg_class'::regclass, c.oid) NOT IN (TABLE made)) AS sequence,
  (SELECT count(*) FROM pg_proc p WHERE pronamespace IN (SELECT oid FROM own)
    AND ('pg_proc'::regclass, p.oid) NOT IN (TABLE made)) AS function,
  (SELECT count(*) FROM pg_type t WHERE typnamespace IN (SELECT oid FROM own)
    AND typtype IN ('e', 'd', 'r') AND ('pg_type'::regclass, t.oid) NOT IN (TABLE made)) AS type,
  (SELECT count(*) FROM pg_largeobject_metadata) AS "large object"
"""
_LACKING = """
SELECT name FROM unnest(%s::text[]) AS name
WHERE name NOT IN (SELECT name FROM pg_available_extensions) ORDER BY 1
"""


@dataclass(frozen=True, slots=True)
class Restoring:
    """A backup on its way into the empty database at `url`."""

    keep: Keep
    manifest: Manifest
    url: str
    tell: Tell

    def kept(self) -> Contents:
        """Return what was in the database.

        Errors: `Refused` when there is no key for it.
        """
        return backup.read_contents(self.keep.text(self.manifest, backup.CONTENTS))

    def lacking(self) -> tuple[str, ...]:
        """Return a sentence for every extension that the server does not have."""
        wanted = [*self.kept().extensions]
        with session(self.url, APPLICATION) as open_one:
            found = open_one.execute(_LACKING, [wanted]).fetchall()
        return tuple(f"the server lacks the extension {row['name']}" for row in found)

    def pour(self, *, all_roles: bool) -> None:
        """Restore roles and database, the database in one transaction.

        With `all_roles` the server's own are changed to what they were; else only those that it
        does not have are made.

        Errors: `Permanent` with the reason; the database is empty as before then.
        """
        self._roles(all_roles)
        words = ("pg_restore", "--single-transaction", "--exit-on-error", "--no-tablespaces")
        with session(self.url, APPLICATION) as open_one:
            database = open_one.info.dbname
        quoted = database.replace("\\", "\\\\").replace("'", "\\'")
        with programs.writing((*words, f"--dbname=dbname='{quoted}'"), self.url) as sink:
            self.keep.get(self.manifest, backup.DUMP, _Heard(sink, self.tell))

    def compare(self) -> tuple[str, ...]:
        """Return a sentence for everything that is not as it was kept."""

        def counted(done: int, of: int) -> None:
            self.tell(Progress("comparing", tables=done, of=of))

        with session(self.url, APPLICATION) as open_one:
            database = open_one.info.dbname
            found = contents.differences(self.kept(), measuring.look(open_one, counted))
        return (
            *found,
            *self._schema_differences(),
            *self._role_differences(database),
            *self._manifest_differences(),
        )

    def _manifest_differences(self) -> tuple[str, ...]:
        kept, told = self.kept(), self.manifest
        if (len(kept.tables), kept.rows) == (told.tables, told.rows):
            return ()
        said = contents.tables_with_rows(told.tables, told.rows)
        there = contents.tables_with_rows(len(kept.tables), kept.rows)
        return (f"the manifest tells of {said}, {there} were kept",)

    def _schema_differences(self) -> tuple[str, ...]:
        kept = read(self.keep.text(self.manifest, backup.SCHEMA).decode())
        if kept.fingerprint != self.manifest.fingerprint:
            return ("the fingerprint in the manifest is not that of the schema that was kept",)
        return tuple(f"schema: {line}" for line in difference(kept, whole_schema(self.url)))

    def _role_differences(self, database: str) -> tuple[str, ...]:
        # What a membership passes on is told from 16 on.
        options = self.manifest.server >= 16
        kept = split(self.keep.text(self.manifest, backup.ROLES).decode())
        there = split(roles(self.url, database).decode())
        found = {role.meaning(one, options=options) for one in there}
        return tuple(
            f"roles: {role.told(one)} did not come back"
            for one in kept
            if role.meaning(one, options=options) not in found
        )

    def _roles(self, all_roles: bool) -> None:
        statements = split(self.keep.text(self.manifest, backup.ROLES).decode())
        with session(self.url, APPLICATION) as open_one:
            wanted = statements if all_roles else _of_new_roles(statements, open_one)
            for statement in wanted:
                try:
                    told = statement.text if all_roles else role.without_grantor(statement)
                    open_one.execute(told.encode())
                except errors.DuplicateObject:
                    continue
                except errors.Error as error:
                    why = str(error).splitlines()[0]
                    raise Permanent(
                        f"the roles cannot be restored: {role.told(statement)}: {why}; make them "
                        "yourself, then restore again"
                    ) from error


class _Heard:
    """Passes bytes on to a program, and tells how many."""

    def __init__(self, sink: IO[bytes], tell: Tell) -> None:
        self._sink, self._tell = sink, tell
        self._size, self._began = 0, time.monotonic()

    def write(self, data: bytes) -> int:
        self._sink.write(data)
        self._size += len(data)
        seconds = time.monotonic() - self._began
        self._tell(Progress("restoring", bytes=self._size, seconds=seconds))
        return len(data)


def _of_new_roles(statements: list[Statement], open_one: Session) -> list[Statement]:
    made = [name for one in statements if (name := role.made(one))]
    new = {name for name in made if not open_one.execute(_KNOWN_ROLE, [role.plain(name)]).rowcount}
    return [one for one in statements if new & {token.text for token in one.tokens}]


def refuse_unless_fit(work: Restoring) -> None:
    """Refuse a database that is not empty, or that cannot become what was kept."""
    kept = work.kept()
    with session(work.url, APPLICATION) as open_one:
        there = open_one.execute(_THERE).fetchone()
        encoding = open_one.execute("SELECT current_setting('server_encoding') AS it").fetchone()
        major = open_one.info.server_version // 10000
    assert there is not None
    assert encoding is not None
    if found := [contents.many(count, thing) for thing, count in there.items() if count]:
        raise Refused(
            f"the database to restore into is not empty, it has {', '.join(found)}: make an empty "
            "one with createdb, and name that"
        )
    if encoding["it"] != kept.encoding:
        raise Refused(
            f"the database to restore into has the encoding {encoding['it']}: make one with "
            f"createdb --template template0 --encoding {kept.encoding}"
        )
    if major < work.manifest.server:
        raise Refused(
            f"the backup is of PostgreSQL {work.manifest.server}, the server is {major}: restore "
            "it into one that is not older"
        )
    if lacking := work.lacking():
        raise Refused(f"{'; '.join(lacking)}: install what is lacking there, then restore again")
