"""What does privacy.yaml say? A declaration, or everything that is wrong with it.

This room reads plain data; on which line something stands is known to who read the YAML.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from fairlead.privacy import place
from fairlead.privacy.declaration import (
    Declaration,
    EdgeAction,
    Entry,
    Job,
    LegalBasis,
    NotPersonal,
    SqlFunction,
)
from fairlead.privacy.place import Pattern

VERSION = 1
Path = tuple[str | int, ...]
T = TypeVar("T")
_DURATION = re.compile(r"[1-9][0-9]{0,4}[hdwmy]")
_KEYS = (
    *("column", "purpose", "legal_basis", "retention"),
    *("enforced_by", "subject", "export", "erase"),
)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with the file, at which keys."""

    path: Path
    sentence: str


@dataclass(slots=True)
class _Reader:
    faults: list[Fault] = field(default_factory=list)

    def fault(self, path: Path, sentence: str) -> None:
        self.faults.append(Fault(path, sentence))

    def block(
        self, tree: Any, path: Path, keys: Iterable[str], optional: Iterable[str] = ()
    ) -> Any:
        """Return the tree when it is a block; keys that are missing or too many are told."""
        needed, allowed = [*keys], [*keys, *optional]
        if not isinstance(tree, dict):
            self.fault(path, f"a block with the keys {', '.join(allowed)} is needed")
            return {}
        for key in tree:
            if key not in allowed:
                self.fault((*path, key), f"unknown key; allowed: {', '.join(allowed)}")
        for key in needed:
            if key not in tree:
                self.fault(path, f"the key {key} is missing")
        return tree

    def blocks(self, tree: Mapping[str, Any], key: str) -> list[Any]:
        found = tree.get(key, [])
        if not isinstance(found, list):
            self.fault((key,), "a list is needed; each entry begins with a dash")
            return []
        return found

    def read(self, tree: Mapping[str, Any], key: str, path: Path, how: Callable[[str], T]) -> Any:
        """Return what `how` makes of the text at a key; None, and told, when it makes nothing."""
        value = tree.get(key)
        if value is None:
            return None
        if not isinstance(value, str) or not value.strip():
            self.fault((*path, key), "text is needed")
            return None
        try:
            return how(value)
        except ValueError as error:
            self.fault((*path, key), str(error))
            return None


def read(tree: Any) -> tuple[Declaration, tuple[Fault, ...]]:
    """Read the file's plain data; with faults the declaration is incomplete."""
    reader = _Reader()
    top = reader.block(tree, (), ("version",), ("data", "not_personal"))
    if "version" in top and (top["version"] != VERSION or isinstance(top["version"], bool)):
        reader.fault(("version",), f"the version of this format is {VERSION}")
    data = [_entry(reader, one, ("data", at)) for at, one in enumerate(reader.blocks(top, "data"))]
    others = [
        _exception(reader, one, ("not_personal", at))
        for at, one in enumerate(reader.blocks(top, "not_personal"))
    ]
    _told_twice(reader, [("data", data), ("not_personal", others)])
    return Declaration(tuple(data), tuple(others)), tuple(reader.faults)


def _entry(reader: _Reader, tree: Any, path: Path) -> Entry:
    tree = reader.block(tree, path, _KEYS)
    return Entry(
        reader.read(tree, "column", path, place.pattern),
        reader.read(tree, "purpose", path, str.strip),
        reader.read(tree, "legal_basis", path, _legal_basis),
        reader.read(tree, "retention", path, _retention),
        _enforced(reader, tree, path),
        reader.read(tree, "subject", path, place.column),
        _way(reader, tree, (*path, "export")),
        _way(reader, tree, (*path, "erase")),
    )


def _exception(reader: _Reader, tree: Any, path: Path) -> NotPersonal:
    tree = reader.block(tree, path, ("column", "reason"))
    columns = reader.read(tree, "column", path, place.pattern)
    return NotPersonal(columns, reader.read(tree, "reason", path, str.strip))


def _enforced(reader: _Reader, tree: Mapping[str, Any], path: Path) -> Any:
    here = (*path, "enforced_by")
    told = tree.get("enforced_by")
    if told is None:
        return None
    if not isinstance(told, dict) or [*told] not in (["job"], ["sql"]):
        reader.fault(here, "write job: NAME of a pg_cron job, or sql: NAME of a function")
        return None
    if "job" in told:
        return reader.read(told, "job", here, Job)
    return reader.read(told, "sql", here, _sql)


def _way(reader: _Reader, tree: Mapping[str, Any], here: Path) -> Any:
    told = tree.get(str(here[-1]))
    if told is None:
        return None
    if isinstance(told, dict) and [*told] == ["sql"]:
        return reader.read(told, "sql", here, _sql)
    if not isinstance(told, dict) or sorted(told) != ["action", "function"]:
        remedy = "write sql: NAME of a function, or function: and action: of an edge function"
        reader.fault(here, remedy)
        return None
    function = reader.read(told, "function", here, _word)
    return EdgeAction(function, reader.read(told, "action", here, _word))


def _told_twice(reader: _Reader, lists: Iterable[tuple[str, Iterable[Any]]]) -> None:
    seen: dict[Pattern, str] = {}
    for key, entries in lists:
        for at, entry in enumerate(entries):
            if entry.columns is None:
                continue
            here = f"{key}[{at}]"
            if first := seen.get(entry.columns):
                told = f"{entry.columns} was told already at {first}; keep one"
                reader.fault((key, at, "column"), told)
            seen.setdefault(entry.columns, here)


def _legal_basis(written: str) -> LegalBasis:
    if written not in [*LegalBasis]:
        raise ValueError(f"one of {', '.join(LegalBasis)} is needed (GDPR, Art. 6(1))")
    return LegalBasis(written)


def _retention(written: str) -> str:
    if not _DURATION.fullmatch(written):
        raise ValueError(
            "a duration is needed, in hours, days, weeks, months or years: 24h, 90d, 12w, 6m or 10y"
        )
    return written


def _sql(written: str) -> SqlFunction:
    return SqlFunction(*place.function(written))


def _word(written: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,100}", written):
        raise ValueError("a name of letters, digits, - and _ is needed")
    return written
