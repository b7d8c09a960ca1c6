"""Which locks does a statement take on tables that are there already, as far as its words tell?

Source: PostgreSQL 18, "13.3.1. Table-Level Locks", and the pages of ALTER TABLE, CREATE TABLE,
CREATE TRIGGER and DROP INDEX. ALTER TABLE takes ACCESS EXCLUSIVE where its page says nothing else.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from fairlead.migrations.change import Change, Does
from fairlead.migrations.lock_mode import LockMode, strongest
from fairlead.migrations.relation import identifier, parts_at, split_at_commas
from fairlead.migrations.token import Token


class Reach(Enum):
    """Which tables a lock's name stands for."""

    TABLE = auto()
    TABLE_ALONE = auto()  # without its partitions and heirs
    TABLE_OF_INDEX = auto()
    # Dropping a table changes those at the other end of its foreign keys, and its parent.
    TABLE_AND_RELATED = auto()
    REFERENCED_BY = auto()  # what the foreign key `constraint` of the table refers to


@dataclass(frozen=True, slots=True)
class Lock:
    """A lock on what `name` means, its parts as written, unquoted."""

    name: tuple[str, ...]
    mode: LockMode
    reach: Reach = Reach.TABLE
    constraint: str = ""


_EXCLUSIVE = LockMode.ACCESS_EXCLUSIVE
_ON_A_TABLE = {"POLICY", "TRIGGER", "RULE"}
_BEFORE_THE_KIND = {"OR", "REPLACE", "UNIQUE", "CONSTRAINT"}
_QUIET_ACTIONS = {
    ("SET", "("), ("RESET", "("), ("SET", "STATISTICS"), ("CLUSTER", "ON"), ("SET", "WITHOUT"),
    ("ATTACH", "PARTITION"),
}  # fmt: skip
_PARTITIONS = (["ATTACH", "PARTITION"], ["DETACH", "PARTITION"])
_ROWS = {Does.CHANGE_ROWS, Does.REMOVE_ROWS}


def locks(change: Change) -> tuple[Lock, ...]:
    """Return the locks that a statement takes; none when its words do not tell."""
    tokens = change.statement.tokens
    words = [token.word for token in tokens]
    kind = next((word for word in words[1:] if word not in _BEFORE_THE_KIND), "")
    if words[0] == "TRUNCATE":
        return tuple(_each(tokens, 2 if words[1:2] == ["TABLE"] else 1, Reach.TABLE))
    if "CONCURRENTLY" in words[:5] or words[0] not in ("CREATE", "ALTER", "DROP"):
        return ()
    if kind == "TABLE":
        return tuple(_of_table(words, tokens))
    if kind == "INDEX":
        return tuple(_of_index(words, tokens))
    return tuple(_beside_a_table(words, kind, tokens)) if kind in _ON_A_TABLE else ()


def waits_alone(change: Change) -> bool:
    """Tell whether nobody queues behind it while it waits: it changes rows, and no table."""
    return change.statement.words[0] != "TRUNCATE" and all(act.does in _ROWS for act in change.acts)


def taken_together(changes: Iterable[Change]) -> Iterator[tuple[Change, ...]]:
    """Yield runs of statements whose locks are taken at once, before the first of them.

    A run ends with a statement that may take long and blocks no table meanwhile, so that nobody
    waits for a lock that is needed only after it; and with a setting, after which a name may mean
    another table.
    """
    run: list[Change] = []
    for change in changes:
        run.append(change)
        if change.is_setting or _blocks_no_table(change):
            yield tuple(run)
            run = []
    if run:
        yield tuple(run)


def _blocks_no_table(change: Change) -> bool:
    unknown = all(act.does in (Does.OTHER, Does.VALIDATE) for act in change.acts)
    modes = {lock.mode for lock in locks(change)}
    return waits_alone(change) or (unknown and modes <= {LockMode.SHARE_UPDATE_EXCLUSIVE})


def _of_table(words: Sequence[str], tokens: Sequence[Token]) -> Iterator[Lock]:
    at = words.index("TABLE") + 1
    if words[0] == "DROP":
        yield from _each(tokens, at, Reach.TABLE_AND_RELATED)
        return
    if words[0] == "ALTER" and words[at : at + 2] != ["ALL", "IN"]:
        yield from _altered(tokens, at)
    yield from _after(("REFERENCES",), LockMode.SHARE_ROW_EXCLUSIVE, tokens, Reach.TABLE)
    if words[0] == "CREATE":
        yield from _after(("PARTITION", "OF"), _EXCLUSIVE, tokens, Reach.TABLE_ALONE)
        yield from _after(
            ("INHERITS", "("), LockMode.SHARE_UPDATE_EXCLUSIVE, tokens, Reach.TABLE_ALONE
        )


def _altered(tokens: Sequence[Token], at: int) -> Iterator[Lock]:
    name, end = parts_at(tokens, at)
    alone = "ONLY" in [token.word for token in tokens[at:end]]
    actions = [
        [token.word or token.text for token in action] for action in split_at_commas(tokens[end:])
    ]
    alone = alone or actions[0][:2] in _PARTITIONS
    reach = Reach.TABLE_ALONE if alone else Reach.TABLE
    yield Lock(name, strongest([_of_action(action) for action in actions]), reach)
    for action in split_at_commas(tokens[end:]):
        words = [token.word for token in action]
        if words[:2] in _PARTITIONS:
            yield Lock(parts_at(action, 2)[0], _EXCLUSIVE)
        if words[:2] == ["DROP", "CONSTRAINT"]:
            after = 4 if words[2:4] == ["IF", "EXISTS"] else 2
            constraint = identifier(action[after]) if after < len(action) else ""
            yield Lock(name, _EXCLUSIVE, Reach.REFERENCED_BY, constraint)


def _of_action(words: Sequence[str]) -> LockMode:
    start = words[0] if words else ""
    if start == "ADD":
        at = 3 if words[1:2] == ["CONSTRAINT"] else 1
        is_key = words[at : at + 2] == ["FOREIGN", "KEY"]
        return LockMode.SHARE_ROW_EXCLUSIVE if is_key else _EXCLUSIVE
    if start in ("ENABLE", "DISABLE") and "TRIGGER" in words[1:3]:
        return LockMode.SHARE_ROW_EXCLUSIVE
    at = 0
    if start == "ALTER":
        at = 3 if words[1:2] == ["COLUMN"] else 2
    quiet = start == "VALIDATE" or tuple(words[at : at + 2]) in _QUIET_ACTIONS
    return LockMode.SHARE_UPDATE_EXCLUSIVE if quiet else _EXCLUSIVE


def _of_index(words: Sequence[str], tokens: Sequence[Token]) -> Iterator[Lock]:
    if words[0] == "DROP":
        yield from _each(tokens, words.index("INDEX") + 1, Reach.TABLE_OF_INDEX)
    elif words[0] == "CREATE" and "ON" in words:
        at = words.index("ON") + 1
        alone = words[at : at + 1] == ["ONLY"]
        yield Lock(
            parts_at(tokens, at)[0], LockMode.SHARE, Reach.TABLE_ALONE if alone else Reach.TABLE
        )


def _beside_a_table(words: Sequence[str], kind: str, tokens: Sequence[Token]) -> Iterator[Lock]:
    before = "TO" if (words[0], kind) == ("CREATE", "RULE") else "ON"
    if before in words:
        made = (words[0], kind) == ("CREATE", "TRIGGER")
        mode = LockMode.SHARE_ROW_EXCLUSIVE if made else _EXCLUSIVE
        yield Lock(parts_at(tokens, words.index(before) + 1)[0], mode)


def _after(
    said: tuple[str, ...], mode: LockMode, tokens: Sequence[Token], reach: Reach
) -> Iterator[Lock]:
    """Yield a lock on the name after every place where the words are said."""
    words = [token.word or token.text for token in tokens]
    for at in range(len(words)):
        if tuple(words[at : at + len(said)]) == said:
            yield Lock(parts_at(tokens, at + len(said))[0], mode, reach)


def _each(tokens: Sequence[Token], at: int, reach: Reach) -> Iterator[Lock]:
    while at < len(tokens):
        name, at = parts_at(tokens, at)
        if name:
            yield Lock(name, _EXCLUSIVE, reach)
        if at >= len(tokens) or tokens[at].text != ",":
            return
        at += 1
