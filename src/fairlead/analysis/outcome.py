"""Can every comparison of an expression be true, and can it be false?

Interval arithmetic: each metric lies between the least and the most it can be.
"""

import ast
from collections.abc import Iterator
from math import inf

from fairlead.analysis.expression import Expression, name_of
from fairlead.analysis.histogram import BOUNDS_MS

Range = tuple[float, float]
_ANY: Range = (-inf, inf)
_SIGNS = {ast.Gt: ">", ast.GtE: ">=", ast.Lt: "<", ast.LtE: "<=", ast.Eq: "==", ast.NotEq: "!="}


def pointless(expression: Expression) -> str:
    """Say which comparison is always or never true, whatever is measured; empty if none is."""
    return next(_pointless(expression.tree), "")


def _pointless(tree: ast.expr) -> Iterator[str]:
    match tree:
        case ast.BoolOp(_, parts):
            for part in parts:
                yield from _pointless(part)
        case ast.UnaryOp(_, inner):
            yield from _pointless(inner)
        case ast.Compare(one, [sign], [other]):
            left, right = _range(one), _range(other)
            outcomes = _outcomes(sign, left, right)
            if len(outcomes) == 1:
                often = "always" if True in outcomes else "never"
                told = f"{_written(left)} {_SIGNS[type(sign)]} {_written(right)}"
                yield f"one of its comparisons is {often} true: {told}"


def _written(found: Range) -> str:
    low, high = found
    if low == high:
        return f"{low:g}"
    return f"({low:g} or more)" if high == inf else f"({low:g} to {high:g})"


def _outcomes(sign: ast.cmpop, left: Range, right: Range) -> set[bool]:
    (a, b), (c, d) = left, right
    match sign:
        case ast.Gt():
            return _both(b > c, a <= d)
        case ast.GtE():
            return _both(b >= c, a < d)
        case ast.Lt():
            return _both(a < d, b >= c)
        case ast.LtE():
            return _both(a <= d, b > c)
    same, other = a <= d and c <= b, not a == b == c == d
    return _both(same, other) if isinstance(sign, ast.Eq) else _both(other, same)


def _both(can_be_true: bool, can_be_false: bool) -> set[bool]:
    return {value for value, can in ((True, can_be_true), (False, can_be_false)) if can}


def _range(tree: ast.expr) -> Range:
    match tree:
        case ast.Constant(int() | float() as written):
            return float(written), float(written)
        case ast.UnaryOp(_, inner):
            low, high = _range(inner)
            return -high, -low
        case ast.BinOp(left, sign, right):
            return _computed(sign, _range(left), _range(right))
    return _metric(name_of(tree).rpartition(".")[2])


def _computed(sign: ast.operator, left: Range, right: Range) -> Range:
    (a, b), (c, d) = left, right
    match sign:
        case ast.Add():
            return a + c, b + d
        case ast.Sub():
            return a - d, b - c
        case ast.Mult():
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
