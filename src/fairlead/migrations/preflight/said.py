"""Which names does a statement say, also inside of texts, and which columns does a table list?"""

import re
from collections.abc import Iterator, Sequence

from fairlead.migrations.relation import identifier, name_at
from fairlead.migrations.token import Sort, Token

_IN_A_TEXT = re.compile(r'"((?:[^"]|"")+)"|(\w+)')
_NO_COLUMN = {"CONSTRAINT", "CHECK", "UNIQUE", "PRIMARY", "FOREIGN", "EXCLUDE", "LIKE"}


def words_of(tokens: Sequence[Token]) -> frozenset[str]:
    """Return every name and word, as written and in small letters, also those inside of texts."""
    plain = {identifier(token) for token in tokens} - {""}
    return frozenset(plain) | body_words(tokens)


def body_words(tokens: Sequence[Token]) -> frozenset[str]:
    """Return the words inside of texts: bodies of DO and of functions, arguments of calls."""
    found: set[str] = set()
    for token in tokens:
        if token.sort is Sort.TEXT:
            for quoted, word in _IN_A_TEXT.findall(token.text):
                found |= {quoted.replace('""', '"')} if quoted else {word, word.lower()}
                found |= {*re.findall(r"\w+", quoted)}
    return frozenset(found)


def has_escaped_names(tokens: Sequence[Token]) -> bool:
    """Tell whether a name is written as U&"…", which is not read here."""
    return any(
        name.sort is Sort.NAME and tokens[at - 1].text == "&" and tokens[at - 2].word == "U"
        for at, name in enumerate(tokens[2:], 2)
    )


def leans_on(tokens: Sequence[Token]) -> frozenset[str]:
    """Return the names in the making of a table without which it may go, foreign keys apart."""
    found: set[str] = set()
    after = 0
    for at, token in enumerate(tokens):
        if at >= after and token.word == "REFERENCES":
            _, after = name_at(tokens, at + 1)
        elif at >= after:
            found.add(identifier(token))
    return frozenset(found - {""})


def listed_columns(tokens: Sequence[Token]) -> Iterator[str]:
    """Yield the columns that CREATE TABLE lists right behind the table's name."""
    words = [token.word for token in tokens]
    _, at = name_at(tokens, words.index("TABLE") + 1)
    if at >= len(tokens) or tokens[at].text != "(":
        return
    depth, begins = 0, False
    for token in tokens[at:]:
        depth += {"(": 1, ")": -1}.get(token.text, 0)
        if begins and token.word not in _NO_COLUMN and (name := identifier(token)):
            yield name
        begins = depth == 1 and token.text in ("(", ",")
        if not depth:
            return
