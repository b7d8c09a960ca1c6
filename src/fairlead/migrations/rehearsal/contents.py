"""Which rows and values were there before, and are not any more?"""

from collections.abc import Iterator, Mapping

# By table and column, how many rows have a value there; by table and "", how many rows it has.
Contents = Mapping[tuple[str, str], int]


def lost(before: Contents, after: Contents) -> tuple[str, ...]:
    """Tell what is fewer after than before, table by table."""
    return tuple(_lost(before, after))


def _lost(before: Contents, after: Contents) -> Iterator[str]:
    gone = {table for table, column in before if not column and (table, "") not in after}
    for (table, column), had in sorted(before.items()):
        now = after.get((table, column))
        if not column:
            if table in gone:
                yield f"the table {table} with {_rows(had)}"
            elif had > (now or 0):
                yield f"{_rows(had - (now or 0))} of {table}"
        elif table in gone:
            continue
        elif now is None:
            yield f"the column {table}.{column} with {_values(had)}"
        elif had - now > max(0, before[table, ""] - after[table, ""]):
            yield f"{_values(had - now)} of {table}.{column}"


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count:,} rows"


def _values(count: int) -> str:
    return "1 value" if count == 1 else f"{count:,} values"
