"""Can every comparison of an expression be true, and can it be false?

Interval arithmetic: each metric lies between the least and the most it can be.
"""

from collections.abc import Iterator
from math import inf
from typing import Any

from fairlead.analysis.expression import Expression
from fairlead.analysis.histogram import BOUNDS_MS

Range = tuple[float, float]
_ANY: Range = (-inf, inf)


def pointless(expression: Expression) -> str:
    """Say which comparison is always or never true, whatever is measured; empty if none is."""
    return next(_pointless(expression, expression.tree), "")


def _pointless(expression: Expression, tree: Any) -> Iterator[str]:
    ast = expression.library.ast
    match tree:
        case ast.LogicExpression():
            yield from _pointless(expression, tree.left)
            yield from _pointless(expression, tree.right)
        case ast.UnaryExpression():
            yield from _pointless(expression, tree.right)
        case ast.ComparisonExpression():
            left, right = (_range(ast, one) for one in (tree.left, tree.right))
            outcomes = _outcomes(tree.type, left, right)
            if len(outcomes) == 1:
                often = "always" if True in outcomes else "never"
                yield f"one of its comparisons is {often} true: {_told(left, right, tree.type)}"


def _told(left: Range, right: Range, sign: str) -> str:
    words = {"gt": ">", "ge": ">=", "lt": "<", "le": "<=", "eq": "==", "ne": "!="}
    return f"{_written(left)} {words[sign]} {_written(right)}"


def _written(found: Range) -> str:
    low, high = found
    if low == high:
        return f"{low:g}"
    return f"({low:g} or more)" if high == inf else f"({low:g} to {high:g})"


def _outcomes(sign: str, left: Range, right: Range) -> set[bool]:
    (a, b), (c, d) = left, right
    match sign:
        case "gt":
            return _both(b > c, a <= d)
        case "ge":
            return _both(b >= c, a < d)
        case "lt":
            return _both(a < d, b >= c)
        case "le":
            return _both(a <= d, b > c)
    same, other = a <= d and c <= b, not a == b == c == d
    return _both(same, other) if sign == "eq" else _both(other, same)


def _both(can_be_true: bool, can_be_false: bool) -> set[bool]:
    return {value for value, can in ((True, can_be_true), (False, can_be_false)) if can}


def _range(ast: Any, tree: Any) -> Range:
    match tree:
        case ast.FloatExpression():
            return (float(tree.value),) * 2
        case ast.SymbolExpression() | ast.GetAttributeExpression():
            return _metric(tree.name)
        case ast.UnaryExpression():
            low, high = _range(ast, tree.right)
            return -high, -low
    return _computed(tree.type, _range(ast, tree.left), _range(ast, tree.right))


def _computed(sign: str, left: Range, right: Range) -> Range:
    (a, b), (c, d) = left, right
    match sign:
        case "add":
            return a + c, b + d
        case "sub":
            return a - d, b - c
        case "mul":
            every = [_times(x, y) for x in (a, b) for y in (c, d)]
            return min(every), max(every)
    if a >= 0 and c >= 0:
        return (a / d if 0 < d < inf else 0.0), (b / c if c > 0 and b < inf else inf)
    return _ANY


def _times(x: float, y: float) -> float:
    # Infinity times nothing is nothing here: no measured number is infinite.
    return x * y if x and y else 0.0


def _metric(name: str) -> Range:
    if name == "error_rate":
        return 0.0, 1.0
    if name.startswith("p") and name.endswith("_ms"):
        return 0.0, BOUNDS_MS[-1]
    return 0.0, inf
