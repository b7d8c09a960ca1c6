"""What does an expression over metrics say: true, false, or not known?

The tree is one of Python's own syntax, which is never run: it is asked node by node.
"""

import ast
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import isfinite

STABLE = "stable"
METRICS = (
    *("requests", "requests_per_second", "errors", "error_rate", "mean_ms"),
    *("p50_ms", "p90_ms", "p95_ms", "p99_ms"),
)
NAMES = (*METRICS, *(f"{STABLE}.{name}" for name in METRICS))
ARITHMETIC: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_COMPARISONS: dict[type[ast.cmpop], Callable[[float, float], bool]] = {
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}


@dataclass(frozen=True, slots=True)
class Expression:
    """An expression that can be asked. `names` are the metrics it reads, `tree` what is asked."""

    text: str
    names: tuple[str, ...]
    tree: ast.expr

    @property
    def compares(self) -> bool:
        """Tell whether it reads a metric of the release before."""
        return any(name.startswith(f"{STABLE}.") for name in self.names)


@dataclass(frozen=True, slots=True)
class Truth:
    """True, false, or None: not known, and why not. `lacks` names the metrics without a value."""

    value: bool | None
    because: str = ""
    lacks: tuple[str, ...] = ()


def asked(expression: Expression, values: Mapping[str, float]) -> Truth:
    """Answer with what is known: a metric without a value makes only what depends on it unknown.

    `true or unknown` is true and `false and unknown` is false (Kleene's three-valued logic).
    """
    return _truth(expression.tree, values)


def names_in(tree: ast.expr) -> tuple[str, ...]:
    """Return the metrics that a part of an expression reads, each once, in their order."""
    if name := name_of(tree):
        return (name,)
    parts = [one for one in ast.iter_child_nodes(tree) if isinstance(one, ast.expr)]
    return tuple(dict.fromkeys(name for part in parts for name in names_in(part)))


def name_of(tree: ast.expr) -> str:
    """Return the metric that a node is; empty for a node that is none."""
    match tree:
        case ast.Name(name):
            return name
        case ast.Attribute(ast.Name(of), name):
            return f"{of}.{name}"
    return ""


def number(tree: ast.expr, values: Mapping[str, float]) -> float:
    """Compute a part of an expression that is a number.

    Errors: `ArithmeticError` for what is not finite, `KeyError` for a metric without a value.
    """
    match tree:
        case ast.Constant(int() | float() as written):
            found = float(written)
        case ast.UnaryOp(_, inner):
            found = -number(inner, values)
        case ast.BinOp(left, sign, right):
            found = ARITHMETIC[type(sign)](number(left, values), number(right, values))
        case _:
            found = values[name_of(tree)]
    if not isfinite(found):
        raise OverflowError
    return found


def _truth(tree: ast.expr, values: Mapping[str, float]) -> Truth:
    match tree:
        case ast.BoolOp(op, parts):
            decides = isinstance(op, ast.Or)
            truths = [_truth(part, values) for part in parts]
            if any(one.value is decides for one in truths):
                return Truth(decides)
            return next((one for one in truths if one.value is None), Truth(not decides))
        case ast.UnaryOp(_, inner):
            truth = _truth(inner, values)
            return truth if truth.value is None else Truth(not truth.value)
        case ast.Compare(left, [sign], [right]):
            return _compared(left, type(sign), right, values)
    raise TypeError(f"neither true nor false: {ast.dump(tree)}")


def _compared(
    left: ast.expr, sign: type[ast.cmpop], right: ast.expr, values: Mapping[str, float]
) -> Truth:
    names = dict.fromkeys((*names_in(left), *names_in(right)))
    if lacks := tuple(name for name in names if name not in values):
        have = "have" if len(lacks) > 1 else "has"
        return Truth(None, f"{' and '.join(lacks)} {have} no value", lacks)
    try:
        return Truth(_COMPARISONS[sign](number(left, values), number(right, values)))
    except ArithmeticError:
        return Truth(None, "it divides by zero or its numbers are out of range")
