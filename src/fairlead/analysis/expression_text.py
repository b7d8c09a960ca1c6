"""Is a text an expression over metrics, and can it be asked?

The language is a small part of Python's: metrics, plain numbers, `+ - * /`, comparisons, `and`,
`or`, `not` and brackets. Every other word is refused before Python's parser reads the text.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from fairlead.analysis.expression import ARITHMETIC, NAMES, Expression, names_in, number

LONGEST = 300

_WORDS = {"and", "or", "not"}
_NUMBER = re.compile(r"(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,15})?")
# A number or name as far as it goes, a comparison, or one sign; what is left over is refused.
_TOKEN = re.compile(
    r"\s*(?:(?P<number>[0-9][A-Za-z0-9_.%]*)|(?P<name>[A-Za-z_][A-Za-z0-9_.]*)"
    r"|(?P<sign>[<>]=?(?![<>=])|[=!]=(?!=)|\*(?!\*)|/(?!/)|[-+()]))"
)


@dataclass(frozen=True, slots=True)
class Unsound:
    """Why a text is no expression; `name` is the one that is not among the metrics, if any."""

    because: str
    name: str = ""


class _UnsoundError(Exception):
    """Why a text is no expression."""


class _UnknownNameError(Exception):
    """A name that is not among the metrics."""


@lru_cache(maxsize=256)
def parsed(text: str) -> Expression | Unsound:
    """Read an expression; unknown names, wrong types and anything but plain arithmetic are Unsound.

    Its length is bounded, and so is the time to read and to ask it.
    """
    if len(text) > LONGEST:
        return Unsound(f"{len(text)} characters are too many to read; write at most {LONGEST}")
    try:
        tree = _tree(" ".join(_words(text.rstrip())))
        _is_truth(tree)
    except _UnknownNameError as error:
        return Unsound("no such metric", str(error))
    except _UnsoundError as error:
        return Unsound(str(error))
    return Expression(text, names_in(tree), tree)


def _words(text: str) -> Iterator[str]:
    place = 0
    while place < len(text):
        token = _TOKEN.match(text, place)
        if token is None:
            rest = text[place:].strip()
            raise _UnsoundError(
                f'"{rest[:1]}" is not known here; metrics, numbers, + - * /, comparisons, and, or, '
                "not and brackets are"
            )
        place, name = token.end(), token["name"]
        if token["number"] and not _NUMBER.fullmatch(token["number"]):
            raise _UnsoundError(_not_a_number(token["number"]))
        if name and name not in _WORDS and name not in NAMES:
            raise _UnknownNameError(name)
        yield token[0].strip()


def _not_a_number(written: str) -> str:
    if written.endswith("%"):
        return f"a share is a number from 0 to 1: write 0.02 for 2%, not {written}"
    if re.fullmatch(r"[0-9.]+(?:ms|s|m)", written):
        return f"answer times are in milliseconds: write p99_ms > 800, not {written}"
    return f"a number with plain digits is needed, such as 800 or 0.02, not {written}"


def _tree(text: str) -> ast.expr:
    try:
        return ast.parse(text, mode="eval").body
    except SyntaxError as error:
        if not error.offset:
            raise _UnsoundError("it ends too early") from error
        word = text[error.offset - 1 :].partition(" ")[0]
        raise _UnsoundError(f'it cannot be read from "{word}" on') from error
    except (RecursionError, MemoryError) as error:
        raise _UnsoundError("its brackets stand too deep in each other; make it plainer") from error


def _is_truth(tree: ast.expr) -> None:
    """Refuse what is neither true nor false, and what always says the same."""
    match tree:
        case ast.BoolOp(_, parts):
            for part in parts:
                _is_truth(part)
        case ast.UnaryOp(ast.Not(), inner):
            _is_truth(inner)
        case ast.Compare(left, [_], [right]):
            _is_number(left)
            _is_number(right)
            if not names_in(tree):
                told = "it compares numbers that are written in it, so it never changes"
                raise _UnsoundError(told)
        case ast.Compare():
            raise _UnsoundError("a comparison has two sides; join comparisons with and, or, not")
        case _:
            _is_number(tree)
            raise _UnsoundError("a comparison is needed, such as p99_ms > 800, not a number alone")


def _is_number(tree: ast.expr) -> None:
    match tree:
        case ast.Constant() | ast.Name() | ast.Attribute():
            return
        case ast.UnaryOp(ast.USub(), inner):
            _is_number(inner)
        case ast.BinOp(left, sign, right) if type(sign) in ARITHMETIC:
            _is_number(left)
            _is_number(right)
            if isinstance(sign, ast.Div) and not names_in(right) and number(right, {}) == 0:
                raise _UnsoundError("it divides by zero")
        case ast.BoolOp() | ast.UnaryOp(ast.Not()) | ast.Compare():
            raise _UnsoundError(
                "a comparison is no number; compare numbers, and join comparisons with and, or, not"
            )
        case _:
            raise _UnsoundError(
                "it cannot be read: brackets hold one part, and between two numbers stands a sign"
            )
