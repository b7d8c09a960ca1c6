"""Is what came back what was kept? Two looks at everything in a database, compared.

A checksum says nothing about the order of rows. It is made of every row as text under fixed
settings, its columns by name, so two databases with the same rows have the same.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of one table; `rows` is None when they could not be counted, `why` says it.

    `written` is how many rows were ever inserted or updated, as the server's statistics have it;
    None when it is not known.
    """

    rows: int | None
    checksum: str
    written: int | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Position:
    """Where a sequence stands: its last number, and whether that was given out."""

    number: int
    given_out: bool


@dataclass(frozen=True, slots=True)
class Sequence:
    """Where a sequence stood before the dump began and after it ended.

    Sequences are in no snapshot: the dump has a position between the two.
    """

    before: Position
    after: Position

    def may_be(self, position: Position) -> bool:
        """Tell whether a dump in between can have seen that position."""
        if self.before == self.after:
            return position == self.before
        low, high = sorted((self.before.number, self.after.number))
        return low <= position.number <= high


@dataclass(frozen=True, slots=True)
class LargeObjects:
    """All large objects together; `count` is None when they could not be read."""

    count: int | None
    size: int = 0
    checksum: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Contents:
    """Everything in a database that is not its schema; names as SQL writes them.

    `views` are the materialized ones, true when filled: what is in them is made anew. `extensions`
    are names with versions. `superuser` is the role that the server began with.
    """

    tables: Mapping[str, Table]
    sequences: Mapping[str, Sequence]
    large_objects: LargeObjects
    views: Mapping[str, bool] = field(default_factory=dict)
    extensions: Mapping[str, str] = field(default_factory=dict)
    encoding: str = "UTF8"
    superuser: str = "postgres"

    @property
    def rows(self) -> int:
        """Return the rows of all tables that could be counted."""
        return sum(table.rows or 0 for table in self.tables.values())

    @property
    def told(self) -> str:
        """Return what there is, in a few words."""
        parts = [
            tables_with_rows(len(self.tables), self.rows),
            many(len(self.sequences), "sequence"),
            many(self.large_objects.count or 0, "large object"),
        ]
        return ", ".join(parts)


def differences(kept: Contents, found: Contents) -> tuple[str, ...]:
    """Return a sentence for everything that is not as it was kept, or that nobody could compare."""
    found_differences: list[str] = []
    if kept.encoding != found.encoding:
        found_differences.append(
            f"the encoding was {kept.encoding} and is {found.encoding}: texts cannot be compared"
        )
    found_differences += _each("table", kept.tables, found.tables, _table)
    found_differences += _each("sequence", kept.sequences, found.sequences, _sequence)
    found_differences += _each("materialized view", kept.views, found.views, _view)
    found_differences += _large_objects(kept.large_objects, found.large_objects)
    found_differences += [
        f"the extension {name} did not come back"
        for name in sorted(kept.extensions.keys() - found.extensions.keys())
    ]
    return tuple(found_differences)


def _each(
    kind: str, kept: Mapping[str, T], found: Mapping[str, T], compare: Callable[[T, T], str]
) -> Iterator[str]:
    for name in sorted(kept.keys() | found.keys()):
        if name not in found:
            yield f"{kind} {name} did not come back"
        elif name not in kept:
            yield f"{kind} {name} came back, and was not there"
        elif sentence := compare(kept[name], found[name]):
            yield f"{kind} {name}: {sentence}"


def _table(kept: Table, found: Table) -> str:
    for table, when in ((kept, "in the database"), (found, "once it was back")):
        if table.rows is None:
            return f"its rows could not be counted {when}: {table.why}"
    if kept.rows != found.rows:
        return f"{many(kept.rows or 0, 'row')} were kept, {found.rows:,} came back"
    if kept.checksum != found.checksum:
        return f"all of {many(kept.rows or 0, 'row')} came back, but not with the same values"
    return ""


def _sequence(kept: Sequence, found: Sequence) -> str:
    if kept.may_be(found.before):
        return ""
    return f"stood at {kept.before.number} to {kept.after.number}, and is at {found.before.number}"


def _view(kept: bool, found: bool) -> str:
    if kept == found:
        return ""
    return f"was {'filled' if kept else 'empty'}, and is {'filled' if found else 'empty'}"


def _large_objects(kept: LargeObjects, found: LargeObjects) -> Iterator[str]:
    if kept.count is None or found.count is None:
        yield f"the large objects could not be read: {kept.why or found.why}"
    elif kept.count != found.count:
        yield f"{many(kept.count, 'large object')} were kept, {found.count:,} came back"
    elif kept != found:
        yield f"all of {many(kept.count, 'large object')} came back, but not with the same bytes"


def tables_with_rows(tables: int, rows: int) -> str:
    """Return how many tables with how many rows there are."""
    return f"{many(tables, 'table')} with {many(rows, 'row')}"


def many(count: int, thing: str) -> str:
    """Return a number with the name of what was counted."""
    return f"{count:,} {thing}{'' if count == 1 else 's'}"
