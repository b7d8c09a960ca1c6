"""Which relations were there before, which table does each belong to, and what refers to it?"""

from collections.abc import Mapping
from dataclasses import dataclass

import psycopg

from fairlead.providers.databases.rehearsal.sampling import shown
from fairlead.providers.databases.schemas import LEDGER

_RELATIONS = """
SELECT c.oid::int8, n.nspname, c.relname, c.relfilenode::int8, x.indrelid::int8
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_index x ON x.indexrelid = c.oid
WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast', %s)
"""
_KEYS = "SELECT conrelid::int8, confrelid::int8 FROM pg_constraint WHERE contype = 'f'"
FILES = "SELECT oid::int8, relfilenode::int8 FROM pg_class WHERE oid = ANY(%s::oid[])"
INVALID = """
SELECT indexrelid::regclass::text AS name FROM pg_index WHERE NOT indisvalid
UNION ALL SELECT conrelid::regclass::text || '.' || conname FROM pg_constraint
  WHERE NOT convalidated AND conrelid <> 0
"""


@dataclass(frozen=True, slots=True)
class Relations:
    """What was there before, by oid: names, the table of each index, files, who refers to whom."""

    names: Mapping[int, str]
    tables: Mapping[int, int]
    files: Mapping[int, int]
    referring: Mapping[int, frozenset[int]]

    def table(self, oid: int) -> str:
        """Return the name of the table that a relation belongs to; a table's own."""
        return self.names.get(self.tables.get(oid, oid), "")

    def referring_to(self, tables: set[int]) -> set[int]:
        """Return the tables whose foreign keys lead to one of these, at any remove."""
        found: set[int] = set()
        todo = [*tables]
        while todo:
            fresh = self.referring.get(todo.pop(), frozenset()) - found
            found |= fresh
            todo += fresh
        return found


def relations(url: str) -> Relations:
    """Return the relations of a database but those of the ledger."""
    with psycopg.connect(url, autocommit=True) as asked:
        rows = asked.execute(_RELATIONS, [LEDGER]).fetchall()
        keys = asked.execute(_KEYS).fetchall()
    # What is in TOAST tables is locked and written with the table that they belong to.
    names = {oid: shown(schema, name) for oid, schema, name, _, _ in rows}
    referring: dict[int, set[int]] = {}
    for child, parent in keys:
        referring.setdefault(parent, set()).add(child)
    return Relations(
        names,
        {oid: table for oid, _, _, _, table in rows if table is not None},
        {oid: file for oid, _, _, file, _ in rows},
        {parent: frozenset(children) for parent, children in referring.items()},
    )
