"""How do a part of a large database's rows come to the scratch server, and how large a part?"""

from contextlib import closing
from dataclasses import dataclass

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from fairlead.migrations.relation import Name
from fairlead.providers.databases.rehearsal.target import APPLICATION, visiting
from fairlead.providers.databases.schemas import LEDGER
from fairlead.providers.databases.session import Session

# What is smaller than that is copied whole.
SMALL = 8 * 1024**2
_SEED = 7
_Made = psycopg.Connection[tuple[object, ...]]


@dataclass(frozen=True, slots=True)
class _Table:
    schema: str
    name: str
    bytes: int
    columns: list[str]

    @property
    def shown(self) -> str:
        return shown(self.schema, self.name)


def shown(schema: str, name: str) -> str:
    """Return a relation's name as people read it."""
    return str(Name((name,) if schema == "public" else (schema, name)))


def sample(url: str, into: str, limit: int) -> tuple[dict[str, float], list[str]]:
    """Copy about `limit` bytes into tables that are empty.

    It returns how many times larger each sampled table is at the target, and what went wrong. Each
    table is read in a statement of its own, so nothing stays locked; foreign keys are not checked,
    and stay valid in name.

    Errors: `Temporary` when a table is locked or the target does not answer.
    """
    factors: dict[str, float] = {}
    name = str(conninfo_to_dict(url).get("application_name", APPLICATION))
    with visiting(url, name) as asked, closing(psycopg.connect(into, autocommit=True)) as made:
        made.execute("SET session_replication_role = replica")
        tables = _tables(asked)
        whole, share = _share([table.bytes for table in tables], limit)
        for table in tables:
            keep = table.bytes <= whole or table.schema == LEDGER
            _copy(asked, made, table, 1.0 if keep else min(1.0, max(share, SMALL / table.bytes)))
            if not keep:
                factors[table.shown] = _factor(made, table)
        _sequences(asked, made)
        return factors, _refreshed(made)


def _share(sizes: list[int], limit: int) -> tuple[int, float]:
    """Return up to which size a table is copied whole, and which part of each larger one is."""
    small = sum(size for size in sizes if size <= SMALL)
    large = sum(size for size in sizes if size > SMALL)
    return SMALL, max(0.0, limit - small) / large if large else 1.0


def _tables(asked: Session) -> list[_Table]:
    rows = asked.execute(
        """
        SELECT n.nspname AS schema, c.relname AS name, pg_relation_size(c.oid) AS bytes,
          ARRAY(SELECT attname::text FROM pg_attribute a WHERE a.attrelid = c.oid AND attnum > 0
            AND NOT attisdropped AND attgenerated = '' ORDER BY attnum) AS columns
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND nspname <> 'information_schema'
          AND nspname !~ '^pg_' AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid
            AND d.classid = 'pg_class'::regclass AND d.deptype = 'e')
        ORDER BY 1, 2
        """
    ).fetchall()
    return [_Table(**row) for row in rows]


def _copy(asked: Session, made: _Made, table: _Table, part: float) -> None:
    which = "" if part >= 1 else f" TABLESAMPLE SYSTEM ({part * 100:.6f}) REPEATABLE ({_SEED})"
    names = {
        "table": sql.Identifier(table.schema, table.name),
        "columns": sql.SQL(", ").join(map(sql.Identifier, table.columns)),
        "which": sql.SQL(which),
    }
    out_of = sql.SQL("COPY (SELECT {columns} FROM ONLY {table}{which}) TO STDOUT").format(**names)
    into = sql.SQL("COPY {table} ({columns}) FROM STDIN").format(**names)
    with asked.cursor().copy(out_of) as rows, made.cursor().copy(into) as copied:
        for block in rows:
            copied.write(block)


def _factor(made: _Made, table: _Table) -> float:
    name = sql.Identifier(table.schema, table.name).as_string(made)
    row = made.execute("SELECT pg_relation_size(%s::regclass)", [name]).fetchone()
    return table.bytes / max(1, int(str(row[0]))) if row else 1.0


def _sequences(asked: Session, made: _Made) -> None:
    rows = asked.execute(
        "SELECT schemaname, sequencename, last_value FROM pg_sequences WHERE last_value IS NOT NULL"
    ).fetchall()
    for row in rows:
        name = sql.Identifier(row["schemaname"], row["sequencename"]).as_string(made)
        made.execute("SELECT setval(%s::regclass, %s)", [name, row["last_value"]])


def _refreshed(made: _Made) -> list[str]:
    rows = made.execute("SELECT oid::regclass::text FROM pg_class WHERE relkind = 'm' ORDER BY oid")
    told = []
    for (name,) in rows.fetchall():
        try:
            made.execute(sql.SQL("REFRESH MATERIALIZED VIEW {}").format(sql.SQL(str(name))))
        except psycopg.Error as error:
            told.append(f"the materialised view {name} is empty: {error.diag.message_primary}")
    return told
