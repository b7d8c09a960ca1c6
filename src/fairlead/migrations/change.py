"""What does a statement do to the database, and may it go before the release or only after?"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, StrEnum, auto
from itertools import pairwise

from fairlead.migrations.relation import (
    Name,
    identifier,
    name_at,
    names_from,
    relations,
    split_at_commas,
)
from fairlead.migrations.statement import Statement
from fairlead.migrations.token import Token


class Does(StrEnum):
    """What a statement does."""

    CREATE = "create"
    ADD_COLUMN = "add column"
    ADD_CONSTRAINT = "add constraint"
    ADD_CONSTRAINT_NOT_VALID = "add constraint not valid"
    VALIDATE = "validate constraint"
    INDEX = "index"
    INDEX_CONCURRENTLY = "index concurrently"
    DROP_INDEX = "drop index"
    DROP_INDEX_CONCURRENTLY = "drop index concurrently"
    DROP = "drop"
    RENAME = "rename"
    CHANGE_TYPE = "change type"
    SET_NOT_NULL = "set not null"
    TAKE_RIGHTS = "take rights away"
    REMOVE_ROWS = "remove rows"
    CHANGE_ROWS = "change rows"
    SETTING = "setting"
    COMMENT = "comment"
    VACUUM = "vacuum"
    OTHER = "other"


class Phase(StrEnum):
    """When a change may go: before the new release, or only when nothing needs the old shape."""

    EXPAND = "expand"
    CONTRACT = "contract"


_CONTRACTS = {
    Does.DROP, Does.RENAME, Does.CHANGE_TYPE, Does.SET_NOT_NULL, Does.TAKE_RIGHTS, Does.REMOVE_ROWS
}  # fmt: skip
# They go with either: the shape that a release sees stays the same.
_EITHER = {
    Does.SETTING, Does.COMMENT, Does.VALIDATE, Does.DROP_INDEX, Does.DROP_INDEX_CONCURRENTLY,
    Does.VACUUM, Does.CHANGE_ROWS, Does.OTHER,
}  # fmt: skip
_AUTOCOMMIT = {Does.INDEX_CONCURRENTLY, Does.DROP_INDEX_CONCURRENTLY, Does.VACUUM}


class Mark(Enum):
    """Whether an act makes its object, or takes it away."""

    MADE = auto()
    GONE = auto()
    CHANGED = auto()


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that a statement does, to `what` (`table`, `column`, …) named `name`."""

    does: Does
    what: str = ""
    name: Name | None = None
    mark: Mark = Mark.CHANGED


@dataclass(frozen=True, slots=True)
class Change:
    """A statement with all that it does. `relations` are those that a scanner can tell."""

    statement: Statement
    acts: tuple[Act, ...]
    relations: tuple[Name, ...]

    @property
    def needs_autocommit(self) -> bool:
        """Tell whether PostgreSQL refuses it inside a transaction."""
        return any(act.does in _AUTOCOMMIT for act in self.acts)

    @property
    def is_setting(self) -> bool:
        """Tell whether it changes the session alone, so that a resumed run has to repeat it."""
        return self.acts[0].does is Does.SETTING


def phase_of(act: Act) -> Phase | None:
    """Return the phase of an act on something that a running release may use; None for either."""
    if act.does in _CONTRACTS:
        return Phase.CONTRACT
    return None if act.does in _EITHER else Phase.EXPAND


_FIRST = {
    "SET": Does.SETTING, "RESET": Does.SETTING, "COMMENT": Does.COMMENT, "VACUUM": Does.VACUUM,
    "REVOKE": Does.TAKE_RIGHTS, "DELETE": Does.REMOVE_ROWS, "TRUNCATE": Does.REMOVE_ROWS,
    "INSERT": Does.CHANGE_ROWS, "UPDATE": Does.CHANGE_ROWS, "MERGE": Does.CHANGE_ROWS,
}  # fmt: skip
# Words between CREATE or DROP and the kind of object.
_ADJECTIVES = {
    "OR", "REPLACE", "UNIQUE", "TEMP", "TEMPORARY", "UNLOGGED", "GLOBAL", "LOCAL", "RECURSIVE",
    "MATERIALIZED", "FOREIGN", "CONSTRAINT", "EVENT", "TRUSTED", "PROCEDURAL",
}  # fmt: skip
_RIGHTS_ON = {"TABLE", "FUNCTION", "PROCEDURE", "ROUTINE", "SEQUENCE", "SCHEMA", "TYPE", "DOMAIN"}
# Their names belong to a table: two tables may each have one of that name.
_ON_A_TABLE = {"policy", "trigger", "rule"}


def classify(statement: Statement) -> Change:
    """Return what a statement does, by its words; what they do not tell is `other`."""
    return Change(statement, acts_of(statement), relations(statement.tokens))


def acts_of(statement: Statement) -> tuple[Act, ...]:
    """Return what a statement does, without the relations it names; never empty."""
    return tuple(_acts(statement.tokens)) or (Act(Does.OTHER),)


def _acts(tokens: Sequence[Token]) -> Iterator[Act]:
    said = tokens[0].word
    if said in _FIRST:
        yield from (Act(_FIRST[said], *target) for target in _targets(tokens))
    elif said in ("CREATE", "DROP"):
        yield from _made_or_gone(said, tokens)
    elif said == "ALTER":
        yield from _altered(tokens)
    elif said == "GRANT":
        yield Act(Does.CREATE, "right")


def _targets(tokens: Sequence[Token]) -> Iterator[tuple[str, Name | None]]:
    """Yield what rows or rights are taken from; nothing known is one target without a name."""
    words = [token.word for token in tokens]
    key = {"REVOKE": "ON", "DELETE": "FROM", "TRUNCATE": "TRUNCATE"}.get(words[0])
    at = words.index(key) + 1 if key in words else len(words)
    what = "table"
    if at < len(words) and words[at] in _RIGHTS_ON:
        what, at = words[at].lower(), at + 1
    names: list[Name | None] = [] if "ALL" in words[at : at + 1] else [*names_from(tokens, at)]
    yield from ((what, name) for name in names or [None])


def _made_or_gone(said: str, tokens: Sequence[Token]) -> Iterator[Act]:
    at = 1
    while at < len(tokens) and tokens[at].word in _ADJECTIVES:
        at += 1
    what = tokens[at].word.lower() if at < len(tokens) else ""
    words = [token.word for token in tokens]
    if what == "index":
        yield _index(said, tokens, at)
        return
    does, mark = (Does.CREATE, Mark.MADE) if said == "CREATE" else (Does.DROP, Mark.GONE)
    names = list(names_from(tokens, at + 1))
    if what in _ON_A_TABLE and "ON" in words and names:
        table, _ = name_at(tokens, words.index("ON") + 1)
        names = [table.of(names[0].parts[-1])] if table else names
    for name in names if said == "DROP" else names[:1]:
        yield Act(does, what, name, mark)
    if not names:
        yield Act(does, what)


def _index(said: str, tokens: Sequence[Token], at: int) -> Act:
    concurrently = at + 1 < len(tokens) and tokens[at + 1].word == "CONCURRENTLY"
    # An index without a name has ON where the name would be.
    nameless = at + 1 < len(tokens) and tokens[at + 1].word == "ON"
    name = None if nameless else name_at(tokens, at + 1)[0]
    if said == "CREATE":
        does = Does.INDEX_CONCURRENTLY if concurrently else Does.INDEX
        return Act(does, "index", name, Mark.MADE)
    does = Does.DROP_INDEX_CONCURRENTLY if concurrently else Does.DROP_INDEX
    return Act(does, "index", name, Mark.GONE)


def _altered(tokens: Sequence[Token]) -> Iterator[Act]:
    what = tokens[1].word.lower() if len(tokens) > 1 else ""
    at = 2
    if what in ("materialized", "foreign") and len(tokens) > 2:
        what, at = tokens[2].word.lower(), 3
    name, at = name_at(tokens, at)
    for action in split_at_commas(tokens[at:]):
        words = [token.word for token in action]
        if words[:1] == ["RENAME"] or words[:2] == ["SET", "SCHEMA"]:
            yield Act(Does.RENAME, what, name)
        elif what in ("table", "view"):
            yield _table_action(name, action, words)
        else:
            yield Act(Does.OTHER, what, name)


def _table_action(name: Name | None, action: Sequence[Token], words: Sequence[str]) -> Act:
    start = words[0] if words else ""
    if start == "ADD":
        return _added(name, action, words)
    if start == "ALTER":
        return _column_altered(name, action, words)
    # Without a constraint more is allowed than before, so both releases can live with it.
    if start == "DROP" and words[1:2] != ["CONSTRAINT"]:
        return Act(Does.DROP, "column", _column(name, action, 1), Mark.GONE)
    if start in ("ENABLE", "FORCE") and words[1:4] == ["ROW", "LEVEL", "SECURITY"]:
        return Act(Does.TAKE_RIGHTS, "table", name)
    return Act(Does.VALIDATE if start == "VALIDATE" else Does.OTHER, "table", name)


_CONSTRAINTS = {"CONSTRAINT", "CHECK", "UNIQUE", "PRIMARY", "FOREIGN", "EXCLUDE"}


def _added(name: Name | None, action: Sequence[Token], words: Sequence[str]) -> Act:
    if words[1:2] and words[1] in _CONSTRAINTS:
        late = ("NOT", "VALID") in pairwise(words)
        does = Does.ADD_CONSTRAINT_NOT_VALID if late else Does.ADD_CONSTRAINT
        return Act(does, "table", name)
    return Act(Does.ADD_COLUMN, "column", _column(name, action, 1), Mark.MADE)


def _column_altered(name: Name | None, action: Sequence[Token], words: Sequence[str]) -> Act:
    column = _column(name, action, 1)
    if words[1:2] == ["CONSTRAINT"]:
        return Act(Does.OTHER, "table", name)
    if "TYPE" in words[2:6]:
        return Act(Does.CHANGE_TYPE, "column", column)
    if [word for word in words if word][-3:] == ["SET", "NOT", "NULL"]:
        return Act(Does.SET_NOT_NULL, "column", column)
    if [word for word in words if word][-2:] == ["DROP", "DEFAULT"]:
        # An older release that names no value would no longer be given one.
        return Act(Does.DROP, "default", column)
    return Act(Does.OTHER, "column", column)


def _column(table: Name | None, action: Sequence[Token], at: int) -> Name | None:
    while at < len(action) and action[at].word in ("COLUMN", "IF", "NOT", "EXISTS"):
        at += 1
    part = identifier(action[at]) if at < len(action) else ""
    return table.of(part) if table and part else None
