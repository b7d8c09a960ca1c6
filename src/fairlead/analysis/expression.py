"""What does an expression over metrics say: true, false, or not known?

The language is a small part of rule-engine's: metrics, plain numbers, `+ - * /`, comparisons,
`and`, `or`, `not` and brackets. Everything else is refused before the library reads it, so that
nothing in a file can match patterns, build long texts or raise one number to another.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import localcontext
from functools import lru_cache
from importlib import import_module
from types import ModuleType
from typing import Any

LONGEST = 300
STABLE = "stable"
METRICS = (
    *("requests", "requests_per_second", "errors", "error_rate", "mean_ms"),
    *("p50_ms", "p90_ms", "p95_ms", "p99_ms"),
)
NAMES = (*METRICS, *(f"{STABLE}.{name}" for name in METRICS))

_WORDS = {"and", "or", "not"}
_NUMBER = re.compile(r"(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,15})?")
# A number or name as far as it goes, a comparison, or one sign; what is left over is refused.
_TOKEN = re.compile(
    r"\s*(?:(?P<number>[0-9][A-Za-z0-9_.%]*)|(?P<name>[A-Za-z_][A-Za-z0-9_.]*)"
    r"|(?P<sign>[<>]=?(?![<>=])|[=!]=(?!=)|\*(?!\*)|/(?!/)|[-+()]))"
)


@dataclass(frozen=True, slots=True)
class Expression:
    """An expression that can be asked. `names` are the metrics it reads, `tree` the library's."""

    text: str
    names: tuple[str, ...]
    tree: Any
    library: ModuleType

    @property
    def compares(self) -> bool:
        """Tell whether it reads a metric of the release before."""
        return any(name.startswith(f"{STABLE}.") for name in self.names)


@dataclass(frozen=True, slots=True)
class Unsound:
    """Why a text is no expression; `name` is the one that is not among the metrics, if any."""

    because: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Truth:
    """True, false, or None: not known, and why not. `lacks` names the metrics without a value."""

    value: bool | None
    because: str = ""
    lacks: tuple[str, ...] = ()


@lru_cache(maxsize=256)
def parsed(text: str) -> Expression | Unsound:
    """Read an expression; unknown names, wrong types and anything but plain arithmetic are Unsound.

    Its length is bounded, and so is the time to read and to ask it.
    """
    if len(text) > LONGEST:
        return Unsound(f"{len(text)} characters are too many to read; write at most {LONGEST}")
    names = _names(text)
    if isinstance(names, Unsound):
        return names
    library = _library()
    try:
        tree = library.Rule(text, context=_context(library)).statement.expression
    except library.EngineError as error:
        return Unsound(_fault(library, error))
    expression = Expression(text, names, tree, library)
    wrong = _wrong_kind(expression, tree, wants_truth=True)
    return Unsound(wrong) if wrong else expression


def asked(expression: Expression, values: Mapping[str, float]) -> Truth:
    """Answer with what is known: a metric without a value makes only what depends on it unknown.

    `true or unknown` is true and `false and unknown` is false (Kleene's three-valued logic).
    """
    told: dict[str, Any] = {name: value for name, value in values.items() if "." not in name}
    told[STABLE] = {name.partition(".")[2]: value for name, value in values.items() if "." in name}
    with localcontext():
        return _truth(expression, expression.tree, values, told)


def read_in(expression: Expression, tree: Any) -> tuple[str, ...]:
    """Return the metrics that a part of an expression reads."""
    ast = expression.library.ast
    match tree:
        case ast.SymbolExpression():
            return (tree.name,)
        case ast.GetAttributeExpression():
            return (f"{STABLE}.{tree.name}",)
        case ast.UnaryExpression():
            return read_in(expression, tree.right)
        case ast.BinaryExpressionBase():
            both = (*read_in(expression, tree.left), *read_in(expression, tree.right))
            return tuple(dict.fromkeys(both))
    return ()


def _truth(
    expression: Expression, tree: Any, values: Mapping[str, float], told: dict[str, Any]
) -> Truth:
    ast = expression.library.ast
    match tree:
        case ast.LogicExpression():
            left = _truth(expression, tree.left, values, told)
            right = _truth(expression, tree.right, values, told)
            decides = tree.type == "or"
            if decides in (left.value, right.value):
                return Truth(decides)
            return next((one for one in (left, right) if one.value is None), Truth(not decides))
        case ast.UnaryExpression():
            inner = _truth(expression, tree.right, values, told)
            return inner if inner.value is None else Truth(not inner.value)
    lacks = tuple(name for name in read_in(expression, tree) if name not in values)
    if lacks:
        have = "have" if len(lacks) > 1 else "has"
        return Truth(None, f"{' and '.join(lacks)} {have} no value", lacks)
    try:
        return Truth(bool(tree.evaluate(told)))
    except (expression.library.EngineError, ArithmeticError):
        return Truth(None, "it divides by zero or its numbers are out of range")


def _names(text: str) -> tuple[str, ...] | Unsound:
    found, place, text = [], 0, text.rstrip()
    while place < len(text):
        token = _TOKEN.match(text, place)
        if token is None:
            rest = text[place:].strip()
            return Unsound(
                f'"{rest[:1]}" is not known here; metrics, numbers, + - * /, comparisons, and, or, '
                "not and brackets are"
            )
        place, word = token.end(), token["name"]
        if token["number"] and not _NUMBER.fullmatch(token["number"]):
            return Unsound(_not_a_number(token["number"]))
        if word and word not in _WORDS:
            if word not in NAMES:
                return Unsound("no such metric", word)
            found.append(word)
    return tuple(dict.fromkeys(found))


def _not_a_number(written: str) -> str:
    if written.endswith("%"):
        return f"a share is a number from 0 to 1: write 0.02 for 2%, not {written}"
    if re.fullmatch(r"[0-9.]+(?:ms|s|m)", written):
        return f"answer times are in milliseconds: write p99_ms > 800, not {written}"
    return f"a number with plain digits is needed, such as 800 or 0.02, not {written}"


def _wrong_kind(expression: Expression, tree: Any, *, wants_truth: bool) -> str:
    """Say which part is a number where a truth is needed, or the other way round; empty if none."""
    ast = expression.library.ast
    inner: tuple[tuple[Any, bool], ...]
    match tree:
        case ast.LogicExpression():
            inner, is_truth = ((tree.left, True), (tree.right, True)), True
        case ast.UnaryExpression():
            is_truth = tree.type == "not"
            inner = ((tree.right, is_truth),)
        case ast.ComparisonExpression():
            inner, is_truth = ((tree.left, False), (tree.right, False)), True
        case ast.AddExpression() | ast.SubtractExpression() | ast.ArithmeticExpression():
            inner, is_truth = ((tree.left, False), (tree.right, False)), False
        case ast.SymbolExpression() | ast.GetAttributeExpression() | ast.FloatExpression():
            inner, is_truth = (), False
        case _:
            return "it compares numbers that are written in it, so it never changes"
    if is_truth and not wants_truth:
        return "a comparison is no number; compare numbers, and join comparisons with and, or, not"
    if wants_truth and not is_truth:
        return "a comparison is needed, such as p99_ms > 800, not a number alone"
    return next(
        (w for one, wants in inner if (w := _wrong_kind(expression, one, wants_truth=wants))), ""
    )


def _fault(library: ModuleType, error: Exception) -> str:
    if isinstance(error, library.RuleSyntaxError):
        at = getattr(error, "token", None)
        return f'it cannot be read from "{at.value}" on' if at else "it ends too early"
    if "zero" in str(error):
        return "it divides by zero"
    return "numbers are compared with numbers, and comparisons joined with and, or, not"


def _context(library: ModuleType) -> Any:
    kinds = dict.fromkeys(METRICS, library.DataType.FLOAT)
    stable = library.DataType.OBJECT(STABLE, attributes=kinds, accessor=dict.__getitem__)
    resolver = library.type_resolver_from_dict(kinds | {STABLE: stable})
    return library.Context(type_resolver=resolver)


def _library() -> ModuleType:
    # It builds its grammar when it is imported, half a second: only files with expressions wait.
    return import_module("rule_engine")
