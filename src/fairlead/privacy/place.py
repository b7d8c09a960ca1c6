r"""How is a column named? As SQL names it: `public.agents.owner_email`, `"a.b"."Orders".*`.

Without double quotes a name is made small, as PostgreSQL does; in them every sign counts, and a
double quote is written twice.
"""

import re
from dataclasses import dataclass

EVERY = "*"
_PART = re.compile(r'(?:"((?:[^"]|"")+)"|([^\s".]+))(\.|$)', re.DOTALL)
_PLAIN = re.compile(r"[a-z_][a-z0-9_$]*")


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A column of a table."""

    schema: str
    table: str
    column: str

    def __str__(self) -> str:
        return ".".join(quoted(part) for part in (self.schema, self.table, self.column))


@dataclass(frozen=True, slots=True)
class Pattern:
    """One column, or all of a table, or of a schema: `None` stands for every one."""

    schema: str
    table: str | None
    column: str | None

    def __str__(self) -> str:
        parts = (self.schema, self.table, self.column)
        return ".".join(EVERY if part is None else quoted(part) for part in parts)

    @property
    def precision(self) -> int:
        """Return how much it says: 3 for a column, 2 for a table, 1 for a schema."""
        return 3 - (self.table, self.column).count(None)

    def covers(self, place: Place) -> bool:
        """Tell whether the column is one of those that are meant."""
        return (
            self.schema == place.schema
            and self.table in (None, place.table)
            and self.column in (None, place.column)
        )


def quoted(name: str) -> str:
    """Write a name so that reading it again gives the same name."""
    return name if _PLAIN.fullmatch(name) else '"' + name.replace('"', '""') + '"'


def pattern(written: str) -> Pattern:
    """Read `schema.table.column`, `schema.table.*` or `schema.*.*`; ValueError otherwise."""
    parts = _parts(written)
    if parts and len(parts) == 3 and parts[0] is not None:
        schema, table, column = parts
        if schema is not None and (table is not None or column is None):
            return Pattern(schema, table, column)
    raise ValueError(
        "a column is written schema.table.column, or schema.table.* for all of a table; "
        'names with capitals or dots stand in double quotes: public."Orders".email'
    )


def function(written: str) -> tuple[str, str]:
    """Read the name of an SQL function as (schema, name), `public` when none is written."""
    parts = _parts(written)
    if parts and len(parts) <= 2 and None not in parts:
        names = [part for part in parts if part is not None]
        return ("public", names[0]) if len(names) == 1 else (names[0], names[1])
    raise ValueError("an SQL function is written schema.name, without its arguments")


def column(written: str) -> str:
    """Read the name of a column of the same table."""
    parts = _parts(written)
    if parts and len(parts) == 1 and parts[0] is not None:
        return parts[0]
    raise ValueError("the name of a column of the same table is needed")


def _parts(written: str) -> list[str | None] | None:
    """Return the names between the dots, None for a star; None when it is no such list."""
    found: list[str | None] = []
    at = 0
    while match := _PART.match(written, at):
        if match[2] == EVERY:
            found.append(None)
        else:
            found.append(match[1].replace('""', '"') if match[1] else _folded(match[2]))
        at = match.end()
        if not match[3]:
            return found if at == len(written) else None
    return None


def _folded(name: str) -> str:
    # PostgreSQL makes only A to Z small.
    return "".join(sign.lower() if sign.isascii() else sign for sign in name)
