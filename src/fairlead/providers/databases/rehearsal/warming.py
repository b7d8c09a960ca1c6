"""Are the tables of a copy in memory, as those of a database that people use are?

The first statement that reads a table would otherwise be measured with a disk that still writes
the copy, two to five times too slow.
"""

import psycopg
from psycopg import sql

# What is smaller is read in no time.
_LEAST_BYTES = 1024 * 1024
_TABLES = """
SELECT nspname, relname FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace
WHERE relkind IN ('r', 'm') AND nspname NOT LIKE 'pg\\_%%' AND nspname <> 'information_schema'
  AND relispopulated AND pg_relation_size(pg_class.oid) > %s
"""


def warm(url: str) -> None:
    """Read every large table once."""
    with psycopg.connect(url, autocommit=True) as copy:
        for schema, name in copy.execute(_TABLES, [_LEAST_BYTES]).fetchall():
            table = sql.Identifier(schema, name)
            copy.execute(sql.SQL("SELECT count(*) FROM {}").format(table))
