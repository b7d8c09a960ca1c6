"""Which migration files are there, and can each of them be applied?"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from fairlead.errors import Refused
from fairlead.migrations.forbidden import why_not
from fairlead.migrations.statement import Statement, line_of, split
from fairlead.migrations.token import Unreadable

_NAME = re.compile(r"(?P<version>[0-9]{1,20})_(?P<name>[^/\\\x00]+?)(?P<down>\.down)?\.sql")
_SHOULD_BE = "name it <timestamp>_<name>.sql, as in 20261123030000_add_owner.sql"


@dataclass(frozen=True)
class MigrationFile:
    """A migration: `version` is the timestamp of its name, `path` the name itself.

    `down` is the text of the file that takes it back, when there is one.
    """

    version: str
    name: str
    path: str
    statements: tuple[Statement, ...]
    down: str | None = None

    @cached_property
    def checksum(self) -> str:
        """Return the SHA-256 (hex) of the statements' normal forms, so comments do not count."""
        return checksum(self.statements)

    @property
    def texts(self) -> list[str]:
        """Return every statement as the ledger keeps it."""
        return [statement.text for statement in self.statements]


def checksum(statements: Iterable[Statement]) -> str:
    """Return the SHA-256 (hex) of statements, each in its normal form and ended by `;` and a line.

    Comments, and how many spaces there are between two tokens, make no difference.
    """
    told = "".join(f"{statement.normal};\n" for statement in statements)
    return hashlib.sha256(told.encode()).hexdigest()


def read_all(files: Mapping[str, bytes]) -> tuple[MigrationFile, ...]:
    """Return the migrations in `files` (name and bytes), oldest first.

    Only names that end in .sql are looked at.

    Errors: `Refused` with every problem of every file, each with its remedy.
    """
    problems: list[str] = []
    read: dict[tuple[str, bool], _Read] = {}
    for path in sorted(path for path in files if path.endswith(".sql")):
        try:
            one = _read(path, files[path])
        except Refused as error:
            problems += error.problems or [str(error)]
            continue
        twin = read.setdefault((one.version, one.takes_back), one)
        if twin is not one:
            problems.append(f"{path}: {twin.path} has the same version: give one a new timestamp")
    problems += [] if problems else _lonely(read)
    if problems:
        raise Refused("these migration files cannot be applied", problems)
    return tuple(
        _file(one, read)
        for _, one in sorted(read.items(), key=lambda item: item[0])
        if not one.takes_back
    )


@dataclass(frozen=True)
class _Read:
    version: str
    name: str
    path: str
    takes_back: bool
    sql: str
    statements: tuple[Statement, ...]


def _read(path: str, data: bytes) -> _Read:
    match, sql = _named(path), _decoded(path, data)
    is_down = match["down"] is not None
    return _Read(match["version"], match["name"], path, is_down, sql, _statements(path, sql))


def _file(one: _Read, read: Mapping[tuple[str, bool], _Read]) -> MigrationFile:
    down = read.get((one.version, True))
    return MigrationFile(
        one.version, one.name, one.path, one.statements, down.sql if down else None
    )


def _named(path: str) -> re.Match[str]:
    if not (match := _NAME.fullmatch(path)):
        raise Refused(f"{path}: this is no name of a migration: {_SHOULD_BE}")
    return match


def _decoded(path: str, data: bytes) -> str:
    try:
        sql = data.decode("utf-8")
    except UnicodeDecodeError as error:
        place = line_of(data[: error.start].decode("utf-8"), error.start)
        raise Refused(f"{path}:{place}: this is no UTF-8: save the file as UTF-8") from error
    if sql.startswith("\ufeff"):
        raise Refused(f"{path}: it begins with a byte-order mark: save it as UTF-8 without one")
    if (at := sql.find("\x00")) >= 0:
        raise Refused(f"{path}:{line_of(sql, at)}: PostgreSQL reads no zero byte: remove it")
    return sql


def _statements(path: str, sql: str) -> tuple[Statement, ...]:
    try:
        statements = tuple(split(sql))
    except Unreadable as error:
        raise Refused(f"{path}:{line_of(sql, error.at)}: {error}") from error
    if not statements:
        raise Refused(f"{path}: it holds no statement: write one, or remove the file")
    problems = [
        f"{path}:{statement.line}: {why}" for statement in statements if (why := why_not(statement))
    ]
    if problems:
        raise Refused(problems[0], problems)
    return statements


def _lonely(read: Mapping[tuple[str, bool], _Read]) -> list[str]:
    return [
        f"{one.path}: there is no migration {version} that it would take back: rename or remove it"
        for (version, takes_back), one in sorted(read.items(), key=lambda item: item[0])
        if takes_back and (version, False) not in read
    ]
