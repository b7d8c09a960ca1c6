"""Which statements does a migration file hold?"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from fairlead.migrations.token import Sort, Token, Unreadable, tokens

HIDDEN = "'********'"
# What follows a dot or AS is a label, whatever word it is.
_BEFORE_A_LABEL = (".", "AS")
_OF_BODIES = {"ATOMIC", "BEGIN", "CASE", "END"}


@dataclass(frozen=True)
class Statement:
    """One statement: `number` counts from 1, `line` is where it begins.

    `source` is its part of the file, every letter of it: the comments and spaces before it, and
    its semicolon; the last statement's has what follows too. All sources together are the file.
    `tokens` are those that mean something, without the semicolon.
    """

    number: int
    line: int
    source: str
    tokens: tuple[Token, ...]
    offset: int

    @cached_property
    def text(self) -> str:
        """Return what the server is sent: with its comments, without its semicolon."""
        last = self.tokens[-1]
        return self.source[: last.at - self.offset + len(last.text)].strip()

    @cached_property
    def words(self) -> tuple[str, ...]:
        """Return words in capitals; quoted names, texts and signs as they are written."""
        return tuple(token.word or token.text for token in self.tokens)

    @cached_property
    def normal(self) -> str:
        """Return the statement with one space for the comments and spaces between two tokens.

        Case, texts and the bodies of functions stay as they are, letter by letter.
        """
        parts: list[str] = []
        end = self.tokens[0].at
        for token in self.tokens:
            parts += [" ", token.text] if token.at > end else [token.text]
            end = token.at + len(token.text)
        return "".join(parts)

    @cached_property
    def checksum(self) -> str:
        """Return the SHA-256 (hex) of `normal`, in UTF-8."""
        return hashlib.sha256(self.normal.encode()).hexdigest()

    @property
    def opening(self) -> str:
        """Return the statement's first letters on one line, for people; no password is told."""
        hide = any(token.word == "PASSWORD" for token in self.tokens)
        said = (HIDDEN if hide and t.sort is Sort.TEXT else t.text for t in self.tokens)
        told = " ".join(" ".join(said).split()) if hide else " ".join(self.normal.split())
        return told if len(told) <= 72 else f"{told[:71]}…"


def split(sql: str) -> list[Statement]:
    """Return the statements of `sql`; none when it holds only comments and spaces.

    A semicolon inside brackets or in the body of BEGIN ATOMIC … END ends no statement.

    Errors: `Unreadable` for what never ends, for psql's own commands and for COPY with rows.
    """
    parts = [part for part in _parts(sql) if part[0].text != ";"]
    statements: list[Statement] = []
    start, line, counted = 0, 1, 0
    for number, part in enumerate(parts, 1):
        # What follows the last statement belongs to it; an empty statement to the one after it.
        end = len(sql) if number == len(parts) else part[-1].at + 1
        line += sql.count("\n", counted, part[0].at)
        meaning = tuple(part[:-1] if part[-1].text == ";" else part)
        statements.append(Statement(number, line, sql[start:end], meaning, offset=start))
        start, counted = end, part[0].at
    return statements


def line_of(sql: str, at: int) -> int:
    """Return the number of the line, from 1, that holds the character at `at`."""
    return sql.count("\n", 0, at) + 1


def _parts(sql: str) -> Iterator[list[Token]]:
    """Yield what the server runs, statement by statement, each with the semicolon that ends it."""
    part: list[Token] = []
    place = _Place()
    for token in tokens(sql):
        if not token.means_something:
            continue
        part.append(token)
        if token.text == "\\":
            raise Unreadable("a command of psql is no SQL: write the statement itself", token.at)
        if place.after(token):
            _refuse_rows(part)
            yield part
            part, place = [], _Place()
    if place.bodies:
        raise Unreadable("BEGIN ATOMIC without its END: close the body", place.body_at)
    if part:
        _refuse_rows(part)
        yield part


class _Place:
    """Where a reader is inside one statement: how deep in brackets and in bodies."""

    def __init__(self) -> None:
        self.brackets = self.bodies = self.body_at = 0
        self._before: list[str] = []

    def after(self, token: Token) -> bool:
        """Take the next token; return whether it ends the statement."""
        said = token.word or (token.text if token.sort is Sort.SIGN else "")
        if said == "(":
            self.brackets += 1
        elif said == ")":
            self.brackets = max(0, self.brackets - 1)
        elif said in _OF_BODIES and self._last(1) not in _BEFORE_A_LABEL:
            self._enter_or_leave(said, token.at)
        self._before.append(said)
        return said == ";" and not self.brackets and not self.bodies

    def _enter_or_leave(self, said: str, at: int) -> None:
        if self.bodies:
            self.bodies += {"CASE": 1, "BEGIN": 1, "END": -1}.get(said, 0)
        elif said == "ATOMIC" and self._last(1) == "BEGIN" and self._makes_a_routine():
            self.bodies, self.body_at = 1, at

    def _makes_a_routine(self) -> bool:
        opening = [said for said in self._before[:4] if said not in ("OR", "REPLACE")]
        return opening[:1] == ["CREATE"] and opening[1:2] in (["FUNCTION"], ["PROCEDURE"])

    def _last(self, back: int) -> str:
        return self._before[-back] if len(self._before) >= back else ""


def _refuse_rows(part: Sequence[Token]) -> None:
    if part[0].word == "COPY" and {"STDIN", "STDOUT"} & {token.word for token in part}:
        raise Unreadable(
            "COPY with rows in the file is psql's, not SQL: write INSERT, or load the rows apart",
            part[0].at,
        )
