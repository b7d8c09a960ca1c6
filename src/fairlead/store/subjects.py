"""What our tables hold of one person: found wherever `privacy.own_data` says that it may be."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from psycopg.rows import DictRow
from psycopg.types.json import Jsonb

from fairlead.privacy.own_data import Fate, Holding
from fairlead.privacy.subject import Known
from fairlead.store.database import Tx, many

ROW = "fairlead_row"


def known(tx: Tx) -> list[Known]:
    """Return everybody who is known: people, who submitted, and authors of commits."""
    rows = many(
        tx,
        "SELECT name AS account, '' AS name, email FROM people UNION "
        "SELECT submitted_by, '', submitter_email FROM runs UNION "
        "SELECT '', coalesce(commit ->> 'author_name', ''), coalesce(commit ->> 'author_email', '')"
        " FROM runs ORDER BY 1, 2, 3",
    )
    return [Known(row["account"], row["name"], row["email"]) for row in rows]


def rows(tx: Tx, holding: Holding, needles: Iterable[str]) -> list[DictRow]:
    """Return the rows of a table whose columns have one of the needles anywhere.

    Rows that may be changed are locked until the transaction ends; `ROW` names each for that.
    """
    # Within JSON a quote of a name has a backslash before it.
    told = {n for needle in needles for n in (needle, json.dumps(needle, ensure_ascii=False)[1:-1])}
    has = " OR ".join(f'strpos(lower("{name}"::text), lower(n)) > 0' for name in holding.columns)
    names = ", ".join(f'"{name}"' for name in (*holding.shown, *holding.columns))
    lock = "" if holding.fate is Fate.STAYS else " FOR UPDATE"
    return many(
        tx,
        f"SELECT ctid::text AS {ROW}, {names} FROM {holding.table} "
        f"WHERE EXISTS (SELECT FROM unnest(%s::text[]) AS n WHERE {has}){lock}",
        sorted(told),
    )


def change(tx: Tx, holding: Holding, row: DictRow, values: Mapping[str, Any]) -> None:
    """Give a row of this transaction other values."""
    names = ", ".join(f'"{name}" = %s' for name in values)
    given = [Jsonb(v) if isinstance(v, dict | list) else v for v in values.values()]
    tx.execute(f"UPDATE {holding.table} SET {names} WHERE ctid = %s::tid", [*given, row[ROW]])


def delete(tx: Tx, holding: Holding, row: DictRow) -> None:
    """Remove a row of this transaction."""
    tx.execute(f"DELETE FROM {holding.table} WHERE ctid = %s::tid", [row[ROW]])
