"""What is in a database, as one snapshot sees it? Counted and summed, without changing anything."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import errors, sql

from fairlead.errors import Refused, Temporary
from fairlead.migrations.contents import Contents, LargeObjects, Position, Sequence, Table
from fairlead.providers.databases.session import Session

Row = dict[str, Any]
Counted = Callable[[int], None]
# How values become text must not depend on who asks, or where; and rows that a policy hides must
# not be missing in silence.
_SETTINGS = {
    "search_path": "",
    "datestyle": "ISO, YMD",
    "timezone": "UTC",
    "intervalstyle": "iso_8601",
    "extra_float_digits": "1",
    "bytea_output": "hex",
    "lc_monetary": "C",
    "quote_all_identifiers": "off",
    "row_security": "off",
    "lock_timeout": "2s",
    "max_parallel_workers_per_gather": "0",
}
_TRANSACTION_TIMEOUT_SINCE = 170000

# A table of an extension is made with it; only one whose rows the extension wants dumped counts.
TABLES = """
SELECT n.nspname AS schema, c.relname AS name, format('%I.%I', n.nspname, c.relname) AS shown,
  coalesce(array_agg(a.attname ORDER BY a.attname COLLATE "C") FILTER (WHERE a.attnum IS NOT NULL),
    '{}') AS columns,
  pg_stat_get_tuples_inserted(c.oid) + pg_stat_get_tuples_updated(c.oid) AS written
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    AND a.attgenerated <> 'v'
WHERE c.relkind = 'r' AND c.relpersistence <> 't'
  AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (SELECT FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid
    WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'
      AND d.refclassid = 'pg_extension'::regclass AND c.oid <> ALL (coalesce(e.extconfig, '{}')))
GROUP BY c.oid, n.nspname, c.relname
ORDER BY 1, 2
"""
NAMED = """
SELECT n.nspname AS schema, c.relname AS name, format('%I.%I', n.nspname, c.relname) AS shown,
  c.relispopulated AS filled
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = {} AND c.relpersistence <> 't'
  AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass
    AND d.objid = c.oid AND d.deptype = 'e' AND d.refclassid = 'pg_extension'::regclass)
ORDER BY 1, 2
"""
# Two sums of 64 bits, each with a seed of its own: the order of rows does not matter, and equal
# rows do not cancel out.
ROWS = """
SELECT count(*) AS rows, concat(coalesce(sum(hashtextextended(told, 0)), 0), ':',
  coalesce(sum(hashtextextended(told, 1)), 0)) AS checksum
FROM (SELECT ROW({})::text COLLATE "C" AS told FROM ONLY {}) one
"""
# In pieces: a large object may be larger than a value. What is not written in it reads as zeros.
LARGE_OBJECTS = """
WITH sized AS (
  SELECT m.oid, s.size FROM pg_largeobject_metadata m,
    LATERAL (SELECT lo_open(m.oid, x'40000'::int) AS it OFFSET 0) o,
    LATERAL (SELECT lo_lseek64(o.it, 0, 2) AS size OFFSET 0) s,
    LATERAL (SELECT lo_close(o.it) AS done OFFSET 0) c
  WHERE c.done = 0
), pieces AS (
  SELECT concat(oid, ':', at, ':', lo_get(oid, at, 1048576)) COLLATE "C" AS told
  FROM sized, generate_series(0, greatest(size - 1, 0), 1048576) AS at
)
SELECT (SELECT count(*) FROM sized) AS count,
  (SELECT coalesce(sum(size), 0)::bigint FROM sized) AS size,
  concat(coalesce(sum(hashtextextended(told, 0)), 0), ':',
    coalesce(sum(hashtextextended(told, 1)), 0)) AS checksum
FROM pieces
"""


def begin(session: Session) -> None:
    """Begin the transaction whose snapshot everything is read in; it changes nothing."""
    session.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    if session.info.server_version >= _TRANSACTION_TIMEOUT_SINCE:
        session.execute("SET LOCAL transaction_timeout = 0")
    for name, value in _SETTINGS.items():
        session.execute("SELECT set_config(%s, %s, true)", [name, value])


def tables(session: Session) -> list[Row]:
    """Return the tables, each locked against being changed in shape until the transaction ends.

    It is the lock that reading takes; nobody who reads or writes waits for it.

    Errors: `Temporary` when one is locked against reading for 2 s, `Refused` when it may not be
    read.
    """
    found = session.execute(TABLES).fetchall()
    parents = session.execute(sql.SQL(NAMED).format("p")).fetchall()
    for row in found + parents:
        with _told(row["shown"]):
            session.execute(sql.SQL("LOCK TABLE ONLY {} IN ACCESS SHARE MODE").format(_of(row)))
    return found


def sequences(session: Session) -> dict[str, Position]:
    """Return where each sequence stands now, whatever the snapshot.

    Errors: as those of `tables`.
    """
    found = session.execute(sql.SQL(NAMED).format("S")).fetchall()
    query = sql.SQL("SELECT last_value AS number, is_called AS given_out FROM {}")
    read: dict[str, Position] = {}
    for row in found:
        with _told(row["shown"]):
            told = session.execute(query.format(_of(row))).fetchone()
        assert told is not None
        read[row["shown"]] = Position(**told)
    return read


def contents(
    session: Session,
    found: list[Row],
    before: dict[str, Position],
    counted: Counted,
) -> Contents:
    """Return what is in the database: of the tables `found`, and sequences as they stood `before`.

    `counted` hears how many tables are done.

    Errors: `Refused` when rows may not be seen. What cannot be counted for another reason says so.
    """
    read: dict[str, Table] = {}
    for number, row in enumerate(found, 1):
        read[row["shown"]] = _table(session, row)
        counted(number)
    views = session.execute(sql.SQL(NAMED).format("m")).fetchall()
    extensions = session.execute("SELECT extname, extversion FROM pg_extension").fetchall()
    server = session.execute(
        "SELECT current_setting('server_encoding') AS encoding,"
        " (SELECT rolname FROM pg_roles WHERE oid = 10) AS superuser"
    ).fetchone()
    assert server is not None
    return Contents(
        tables=read,
        sequences={name: Sequence(at, at) for name, at in before.items()},
        large_objects=_large_objects(session),
        views={row["shown"]: row["filled"] for row in views},
        extensions={row["extname"]: row["extversion"] for row in extensions},
        encoding=server["encoding"],
        superuser=server["superuser"],
    )


def look(session: Session, counted: Callable[[int, int], None] = lambda _, __: None) -> Contents:
    """Return what is in a database now; `counted` hears how many tables of how many are done.

    Errors: as those of `tables` and `contents`.
    """
    begin(session)
    try:
        found = tables(session)
        return contents(session, found, sequences(session), lambda done: counted(done, len(found)))
    finally:
        if not session.closed:
            session.execute("ROLLBACK")


def _table(session: Session, row: Row) -> Table:
    columns = sql.SQL(", ").join(map(sql.Identifier, row["columns"]))
    query = sql.SQL(ROWS).format(columns, _of(row))
    try:
        with _told(row["shown"]), session.transaction():
            told = session.execute(query).fetchone()
    except errors.QueryCanceled:
        raise
    except psycopg.Error as error:
        if session.closed:
            raise
        return Table(None, "", None, _first_line(error))
    assert told is not None
    return Table(told["rows"], told["checksum"], row["written"])


def _large_objects(session: Session) -> LargeObjects:
    try:
        with _told("a large object"), session.transaction():
            told = session.execute(LARGE_OBJECTS).fetchone()
    except errors.QueryCanceled:
        raise
    except psycopg.Error as error:
        if session.closed:
            raise
        return LargeObjects(None, why=_first_line(error))
    assert told is not None
    return LargeObjects(**told)


def _of(row: Row) -> sql.Identifier:
    return sql.Identifier(row["schema"], row["name"])


@contextmanager
def _told(shown: str) -> Iterator[None]:
    try:
        yield
    except errors.LockNotAvailable as error:
        raise Temporary(
            f"{shown} is locked against reading: `fairlead db preflight` tells by whom; try again "
            "when that has ended"
        ) from error
    except errors.InsufficientPrivilege as error:
        raise Refused(_hidden(shown, error)) from error


def _hidden(shown: str, error: psycopg.Error) -> str:
    if "row-level security" in str(error):
        return (
            f"rows of {shown} are hidden from this role by row level security, and a backup "
            "without them would be none: take it as the table's owner, or as a role with BYPASSRLS"
        )
    return (
        f"this role may not read {shown} ({_first_line(error)}): take the backup as the owner of "
        "the database, or GRANT pg_read_all_data TO the role"
    )


def _first_line(error: psycopg.Error) -> str:
    told = str(error).strip()
    return told.splitlines()[0] if told else type(error).__name__
