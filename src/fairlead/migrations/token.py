"""Of which words, texts and signs does SQL consist? PostgreSQL's own lexical rules."""

import re
from collections.abc import Iterator
from enum import Enum, auto
from typing import NamedTuple


class Sort(Enum):
    """What a token is. Only SPACE and COMMENT mean nothing to the server."""

    SPACE = auto()
    COMMENT = auto()
    TEXT = auto()
    NAME = auto()
    WORD = auto()
    NUMBER = auto()
    SIGN = auto()


class Token(NamedTuple):
    """A piece of SQL: `at` is where it begins, in characters.

    `word` is a word in capitals; empty for everything else, also for quoted names.
    """

    sort: Sort
    text: str
    at: int
    word: str = ""

    @property
    def means_something(self) -> bool:
        """Tell whether the server would notice if it were left out."""
        return self.sort not in (Sort.SPACE, Sort.COMMENT)


class Unreadable(ValueError):  # noqa: N818 - the house names errors by what they say
    """SQL that cannot be read; `at` is the place in characters, the text says why."""

    def __init__(self, why: str, at: int) -> None:
        super().__init__(why)
        self.at = at


# PostgreSQL's scan.l: a text goes on after a line break, in the same way of escaping.
_GOES_ON = r"(?:[ \t\f\v]|--[^\n\r]*+)*+[\n\r](?:[ \t\n\r\f\v]|--[^\n\r]*+[\n\r])*+'"
_ESCAPED = r"(?:[^'\\]|\\.|'')*+'"
_PLAIN = r"(?:[^']|'')*+'"
_LETTER = r"A-Za-z_\u0080-\U0010ffff"
_TOKEN = re.compile(
    rf"""
      (?P<SPACE>[ \t\n\r\f\v]+)
    | (?P<COMMENT>--[^\n\r]*)
    | (?P<BLOCK>/\*)
    | (?P<TEXT>[eE]'{_ESCAPED}(?:{_GOES_ON}{_ESCAPED})*+|'{_PLAIN}(?:{_GOES_ON}{_PLAIN})*+)
    | (?P<OPEN_TEXT>[eE]?')
    | (?P<DOLLAR>\$(?:[{_LETTER}][{_LETTER}0-9]*)?\$)
    | (?P<NAME>"(?:[^"]|"")*+")
    | (?P<OPEN_NAME>")
    | (?P<WORD>[{_LETTER}][{_LETTER}0-9$]*)
    | (?P<NUMBER>[0-9][0-9A-Za-z_.]*|\$[0-9]+)
    | (?P<SIGN>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_SORTS = {sort.name: sort for sort in Sort}
_BLOCK_EDGE = re.compile(r"/\*|\*/")
_OPEN = {
    "OPEN_TEXT": "a text that begins here never ends: close it with '",
    "OPEN_NAME": 'a name that begins here never ends: close it with "',
}


def tokens(sql: str) -> Iterator[Token]:
    """Yield every token of `sql`, in order; together they are `sql` again.

    Texts are read with `standard_conforming_strings` on: a backslash escapes in E'' alone.

    Errors: `Unreadable` at the place of a text, name, dollar quote or comment that never ends.
    Source: PostgreSQL 18, src/backend/parser/scan.l.
    """
    at = 0
    while at < len(sql):
        found = _TOKEN.match(sql, at)
        assert found is not None
        sort, end = found.lastgroup or "", found.end()
        if sort in _OPEN:
            raise Unreadable(_OPEN[sort], at)
        if sort == "BLOCK":
            sort, end = "COMMENT", _block_end(sql, at)
        elif sort == "DOLLAR":
            sort, end = "TEXT", _dollar_end(sql, found.group(), at)
        text = sql[at:end]
        yield Token(_SORTS[sort], text, at, text.upper() if sort == "WORD" else "")
        at = end


def _block_end(sql: str, start: int) -> int:
    depth = 0
    for edge in _BLOCK_EDGE.finditer(sql, start):
        depth += 1 if edge.group() == "/*" else -1
        if depth == 0:
            return edge.end()
    raise Unreadable("a comment that begins here never ends: close it with */", start)


def _dollar_end(sql: str, tag: str, start: int) -> int:
    end = sql.find(tag, start + len(tag))
    if end < 0:
        raise Unreadable(f"a text that begins here never ends: close it with {tag}", start)
    return end + len(tag)
