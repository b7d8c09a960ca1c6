"""Is an index there, is it whole, and how is what an interrupted build left taken away?"""

from dataclasses import dataclass

from psycopg import sql

from fairlead.migrations.index import IndexWork
from fairlead.providers.databases.session import Session


@dataclass(frozen=True, slots=True)
class Index:
    """An index that is there; `builder` is the backend that builds it just now."""

    schema: str
    name: str
    valid: bool
    builder: int | None


def look(session: Session, work: IndexWork) -> Index | None:
    """Return the index that a statement means, None when there is none of that name."""
    # An index lies in the schema of its table, whatever the search path says.
    if work.builds:
        named = "i.relname = %s AND x.indrelid = to_regclass(%s)"
        values = [work.name[-1], _quoted(session, work.table)]
    else:
        named, values = "i.oid = to_regclass(%s)", [_quoted(session, work.name)]
    row = session.execute(
        sql.SQL(
            """
            SELECT n.nspname AS schema, i.relname AS name, x.indisvalid AND x.indisready AS valid,
              (SELECT pid FROM pg_stat_progress_create_index p WHERE p.index_relid = i.oid)
                AS builder
            FROM pg_class i JOIN pg_index x ON x.indexrelid = i.oid
            JOIN pg_namespace n ON n.oid = i.relnamespace
            WHERE {named}
            """
        ).format(named=sql.SQL(named)),
        values,
    ).fetchone()
    return Index(**row) if row else None


def drop(session: Session, index: Index) -> None:
    """Drop an index without blocking anybody."""
    name = sql.Identifier(index.schema, index.name)
    session.execute(sql.SQL("DROP INDEX CONCURRENTLY IF EXISTS {}").format(name))


def _quoted(session: Session, parts: tuple[str, ...]) -> str:
    return sql.Identifier(*parts).as_string(session)
