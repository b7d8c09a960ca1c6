"""How many rows has every table, and how many of them a value in each column?"""

import psycopg
from psycopg import sql

from fairlead.migrations.rehearsal.contents import Contents
from fairlead.providers.databases.rehearsal.sampling import shown
from fairlead.providers.databases.schemas import LEDGER

_COLUMNS = """
SELECT n.nspname, c.relname, array_agg(a.attname::text ORDER BY attnum)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND n.nspname !~ '^pg_'
  AND n.nspname NOT IN ('information_schema', %s)
GROUP BY 1, 2 ORDER BY 1, 2
"""


def contents(url: str) -> Contents:
    """Count in every table of a database but the ledger."""
    found: dict[tuple[str, str], int] = {}
    with psycopg.connect(url, autocommit=True) as asked:
        for schema, name, columns in asked.execute(_COLUMNS, [LEDGER]).fetchall():
            known = [column for column in columns if column is not None]
            counts: list[sql.Composable] = [sql.SQL("count(*)")]
            counts += [sql.SQL("count({})").format(sql.Identifier(column)) for column in known]
            words = sql.SQL("SELECT {} FROM ONLY {}").format(
                sql.SQL(", ").join(counts), sql.Identifier(schema, name)
            )
            row = asked.execute(words).fetchone() or ()
            keys = [(shown(schema, name), column) for column in ["", *known]]
            found |= dict(zip(keys, row, strict=True))
    return found
