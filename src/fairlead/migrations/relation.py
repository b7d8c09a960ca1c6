"""Which tables, views and columns does a statement name, as far as its words tell?"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fairlead.migrations.token import Sort, Token

_PLAIN = re.compile(r"[a-z_][a-z0-9_$]*")
_FILLERS = {"IF", "NOT", "EXISTS", "ONLY", "CONCURRENTLY"}
_BEFORE_A_RELATION = {"TABLE", "VIEW", "REFERENCES", "INTO", "TRUNCATE"}
_BEFORE_AT_THE_TOP = {"FROM", "JOIN", "USING"}


@dataclass(frozen=True, slots=True, order=True)
class Name:
    """A name as the server knows it: `parts` unquoted, in lower case where they were not quoted.

    The schema `public` is left out, so `public.a` and `a` are the same.
    """

    parts: tuple[str, ...]

    def __str__(self) -> str:
        return ".".join(
            part if _PLAIN.fullmatch(part) else '"' + part.replace('"', '""') + '"'
            for part in self.parts
        )

    def of(self, part: str) -> "Name":
        """Return the name of something inside."""
        return Name((*self.parts, part))


def identifier(token: Token) -> str:
    """Return the name that a word or a quoted name stands for; empty for anything else."""
    if token.sort is Sort.NAME:
        return token.text[1:-1].replace('""', '"')
    if not token.word:
        return ""
    if token.text.isascii():
        return token.text.lower()
    # PostgreSQL makes only A to Z small.
    return "".join(sign.lower() if sign.isascii() else sign for sign in token.text)


def name_at(tokens: Sequence[Token], at: int) -> tuple[Name | None, int]:
    """Return the name that begins at `at`, after IF NOT EXISTS, ONLY and the like; and its end."""
    parts, at = parts_at(tokens, at)
    if not parts:
        return None, at
    return Name(parts[1:] if len(parts) > 1 and parts[0] == "public" else parts), at


def parts_at(tokens: Sequence[Token], at: int) -> tuple[tuple[str, ...], int]:
    """Return a name's parts as they are written, unquoted, and where the name ends."""
    while at < len(tokens) and tokens[at].word in _FILLERS:
        at += 1
    parts: list[str] = []
    while at < len(tokens) and (part := identifier(tokens[at])):
        parts.append(part)
        at += 1
        if at >= len(tokens) or tokens[at].text != ".":
            break
        at += 1
    return tuple(parts), at


def names_from(tokens: Sequence[Token], at: int) -> Iterator[Name]:
    """Yield the names of a list with commas that begins at `at`."""
    while True:
        name, at = name_at(tokens, at)
        if name is None:
            return
        yield name
        if at >= len(tokens) or tokens[at].text != ",":
            return
        at += 1


def relations(tokens: Sequence[Token]) -> tuple[Name, ...]:
    """Return the relations that a statement names, sorted; those in texts and bodies are not seen.

    A name that WITH gives may be among them: a scanner is no parser.
    """
    found: set[Name] = set()
    depth = 0
    for at, token in enumerate(tokens):
        depth += {"(": 1, ")": -1}.get(token.text, 0)
        if token.word in _BEFORE_A_RELATION or (not depth and token.word in _BEFORE_AT_THE_TOP):
            found.update(names_from(tokens, at + 1))
    return tuple(sorted(found | {*_main(tokens)}))


def _main(tokens: Sequence[Token]) -> Iterator[Name]:
    words = [token.word for token in tokens]
    if words[:1] == ["UPDATE"]:
        yield from list(names_from(tokens, 1))[:1]
    if {"INDEX", "POLICY", "TRIGGER", "RULE"} & {*words[:4]} and "ON" in words:
        yield from list(names_from(tokens, words.index("ON") + 1))[:1]


def split_at_commas(tokens: Sequence[Token]) -> Iterator[Sequence[Token]]:
    """Yield what stands between the commas that are in no brackets."""
    depth, start = 0, 0
    for at, token in enumerate(tokens):
        depth += {"(": 1, ")": -1}.get(token.text, 0)
        if token.text == "," and not depth:
            yield tokens[start:at]
            start = at + 1
    yield tokens[start:]
