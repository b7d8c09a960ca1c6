"""What is known to be there, and what to be gone, after the statements that were read so far?"""

from dataclasses import dataclass
from enum import StrEnum

from fairlead.migrations.relation import Name


class Kind(StrEnum):
    """What can be expected."""

    TABLE = "table"
    COLUMN = "column"
    INDEX = "index"


@dataclass(frozen=True, slots=True)
class Thing:
    """A table, a column of one, or an index; `relation` is the table, or the index itself."""

    kind: Kind
    relation: Name
    column: str = ""

    @property
    def name(self) -> Name:
        """Return the whole name."""
        return self.relation.of(self.column) if self.column else self.relation


@dataclass(frozen=True, slots=True)
class Origin:
    """The file that says so. `leans_on` are names a thing may go with; `table` is an index's."""

    file: str
    leans_on: frozenset[str] = frozenset()
    table: Name | None = None


class Known:
    """What should be there and what should not; whatever is doubtful is in neither."""

    def __init__(self) -> None:
        self.there: dict[Thing, Origin] = {}
        self.gone: dict[Thing, Origin] = {}
        # Every name that was ever told, so that a new one is known as new without a search.
        self._told: set[str] = set()

    def add(self, thing: Thing, origin: Origin) -> None:
        """Expect something to be there."""
        self.there[thing] = origin
        self._told.add(thing.relation.parts[-1])

    def make(self, thing: Thing, origin: Origin) -> None:
        """Expect a table that was not there before: what was known of it is of another one."""
        if thing.relation.parts[-1] in self._told:
            for old in [one for one in self.there if one.relation == thing.relation]:
                del self.there[old]
        self.add(thing, origin)

    def forget_everything(self) -> None:
        """Expect nothing of what was read so far."""
        self.there.clear()
        self.gone.clear()

    def has(self, kind: Kind, name: Name) -> bool:
        """Tell whether something of that kind, that the name may mean, should be there."""
        return any(one.kind is kind and same(one.relation, name) for one in self.there)

    def knows(self, name: Name) -> bool:
        """Tell whether a relation, or a column of it, should be there."""
        told = name.parts[-1] in self._told
        return told and any(same(one.relation, name) for one in self.there)

    def mention(self, words: frozenset[str]) -> None:
        """Say no more that something is gone once a statement names it: it may make it again."""
        for thing, origin in [*self.gone.items()]:
            # An index without a name gets one that may be that of the index that is gone.
            if thing.name.parts[-1] in words or (origin.table and origin.table.parts[-1] in words):
                del self.gone[thing]

    def doubt(self, words: frozenset[str]) -> None:
        """Forget everything of the relations and indexes that are named."""
        self.mention(words)
        for thing in self._named(words):
            del self.there[thing]

    def fall(self, name: Name) -> None:
        """Forget a relation with all that may have gone with it: partitions, heirs, indexes."""
        falling = [name]
        while falling:
            relation = falling.pop()
            for thing, origin in [*self.there.items()]:
                own = same(origin.table or thing.relation, relation)
                if own or relation.parts[-1] in origin.leans_on:
                    del self.there[thing]
                    if not own and thing.kind is Kind.TABLE:
                        falling.append(thing.relation)
            for thing in [one for one in self.gone if same(one.relation, relation)]:
                del self.gone[thing]

    def drop_index(self, name: Name) -> Origin | None:
        """Forget an index; return where it came from, None when none was known."""
        found = [one for one in self.there if one.kind is Kind.INDEX and same(one.relation, name)]
        return [self.there.pop(thing) for thing in found][-1] if found else None

    def drop_column(self, table: Name, column: str, *, all_of_them: bool) -> None:
        """Forget a column, its indexes, and that of partitions and heirs; CASCADE may take more."""
        for thing, origin in [*self.there.items()]:
            if thing.kind is Kind.TABLE:
                continue
            is_index = thing.kind is Kind.INDEX
            mine = same(origin.table or thing.relation, table)
            hit = thing.column == column or (is_index and column in origin.leans_on)
            heir = not is_index and table.parts[-1] in origin.leans_on
            if (mine and (hit or all_of_them)) or heir:
                del self.there[thing]

    def lose_strange_indexes(self) -> None:
        """Forget the indexes on what is no known table: CASCADE takes views with their indexes."""
        tables = {one.relation for one in self.there if one.kind is Kind.TABLE}
        for thing, origin in [*self.there.items()]:
            if thing.kind is Kind.INDEX and origin.table not in tables:
                del self.there[thing]

    def lose_parts(self, words: frozenset[str], table: Name) -> None:
        """Forget what is named besides the table itself, and every index."""
        for thing in self._named(words):
            if thing.kind is Kind.INDEX or not same(thing.relation, table):
                del self.there[thing]

    def lose_indexes(self, words: frozenset[str]) -> None:
        """Forget the indexes that are named: a constraint may take one over, with another name."""
        for thing in [one for one in self.there if one.kind is Kind.INDEX]:
            if thing.relation.parts[-1] in words:
                del self.there[thing]

    def _named(self, words: frozenset[str]) -> list[Thing]:
        return [
            thing
            for thing, origin in self.there.items()
            if thing.relation.parts[-1] in words
            or (origin.table and origin.table.parts[-1] in words)
        ]


def same(one: Name, other: Name) -> bool:
    """Tell whether two names may mean the same; one without a schema fits every schema."""
    if one.parts[-1] != other.parts[-1]:
        return False
    return len(one.parts) != len(other.parts) or one == other
