"""Is an expression over metrics answered as it is written, and everything else refused?"""

import operator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairlead.analysis.expression import NAMES, Expression, Truth, asked
from fairlead.analysis.expression_text import LONGEST, Unsound, parsed
from fairlead.analysis.outcome import pointless

law = settings(deadline=None, max_examples=100)
TAIL = "p99_ms > 800 or error_rate > 2 * stable.error_rate + 0.01"
SIGNS = {">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le}
counts = st.integers(0, 10**6)


def sound(text: str) -> Expression:
    found = parsed(text)
    assert isinstance(found, Expression), found
    return found


def answer(text: str, **values: float) -> bool | None:
    return asked(sound(text), {n.replace("__", "."): v for n, v in values.items()}).value


def test_it_tells_which_metrics_it_reads_and_whether_it_compares() -> None:
    assert sound(TAIL).names == ("p99_ms", "error_rate", "stable.error_rate")
    assert sound(TAIL).compares
    assert not sound("p99_ms > 800").compares


@pytest.mark.parametrize("name", NAMES)
def test_every_metric_can_be_compared(name: str) -> None:
    assert sound(f"{name} > 0.5").names == (name,)


@law
@given(counts, counts, st.sampled_from([*SIGNS]))
def test_a_comparison_is_that_of_the_numbers(errors: int, limit: int, sign: str) -> None:
    found = answer(f"errors {sign} {limit}", errors=float(errors))
    assert found == SIGNS[sign](errors, limit)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("errors + 2 * requests > 21", False),
        ("(errors + 2) * requests > 21", True),
        ("errors - requests < 0", True),
        ("-errors < -requests + 10", True),
        ("errors / requests == 0.1", True),
        ("not errors > 1 and requests == 10", True),
        ("not (errors > 1 or requests == 10)", False),
    ],
)
def test_arithmetic_binds_as_everywhere(text: str, expected: bool) -> None:
    assert answer(text, errors=1.0, requests=10.0) is expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"p99_ms": 900.0}, True),
        ({"error_rate": 0.5, "stable__error_rate": 0.1}, True),
        ({"p99_ms": 100.0}, None),
        ({"p99_ms": 100.0, "error_rate": 0.5}, None),
        ({"p99_ms": 100.0, "error_rate": 0.5, "stable__error_rate": 0.4}, False),
        ({}, None),
    ],
)
def test_what_has_no_value_makes_only_what_depends_on_it_unknown(
    values: dict[str, float], expected: bool | None
) -> None:
    assert answer(TAIL, **values) is expected


def test_an_unknown_answer_says_which_values_are_missing() -> None:
    assert asked(sound(TAIL), {"p99_ms": 1.0, "error_rate": 0.0}) == Truth(
        None, "stable.error_rate has no value", ("stable.error_rate",)
    )


@pytest.mark.parametrize(
    "text",
    ["errors / requests > 0.1", "requests / requests > 0.1", "errors > 1 / (requests * errors)"],
)
def test_a_division_by_zero_is_unknown(text: str) -> None:
    truth = asked(sound(text), {"errors": 5.0, "requests": 0.0})
    assert truth.value is None
    assert truth.because == "it divides by zero or its numbers are out of range"


@pytest.mark.parametrize("value", [float("nan"), 1e308, float("inf")])
def test_numbers_out_of_range_make_no_accident(value: float) -> None:
    squares = "*".join(["errors"] * 30)
    assert answer(f"{squares} > 1", errors=value) in (None, True)


metric = st.sampled_from(["p99_ms", "error_rate", "stable.error_rate"])


@law
@given(st.dictionaries(metric, st.floats(0, 1)), metric, st.floats(0, 1))
def test_knowing_more_never_turns_an_answer_round(
    known: dict[str, float], name: str, value: float
) -> None:
    text = "p99_ms > 0.5 and not error_rate > 0.3 or error_rate > 2 * stable.error_rate"
    before = asked(sound(text), known).value
    after = asked(sound(text), {name: value} | known).value
    assert before is None or before == after


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("p99 > 1", "p99"),
        ("stable > 1", "stable"),
        ("stable.p99 > 1", "stable.p99"),
        ("errors > inf", "inf"),
        ("errors > 1 or true", "true"),
        ("__import__ > 1", "__import__"),
    ],
)
def test_an_unknown_name_is_refused(text: str, name: str) -> None:
    found = parsed(text)
    assert isinstance(found, Unsound)
    assert found.name == name


@pytest.mark.parametrize(
    ("text", "because"),
    [
        ("p99_ms > 800ms", "answer times are in milliseconds: write p99_ms > 800, not 800ms"),
        ("error_rate > 2%", "a share is a number from 0 to 1: write 0.02 for 2%, not 2%"),
        ("errors > 1e9", "a number with plain digits is needed, such as 800 or 0.02, not 1e9"),
        ("errors", "a comparison is needed, such as p99_ms > 800, not a number alone"),
        ("errors and requests > 1", "a comparison is needed, such as"),
        ("not errors", "a comparison is needed, such as"),
        ("errors + (requests > 1) > 3", "a comparison is no number"),
        ("(errors > 1) == (requests > 1)", "a comparison is no number"),
        ("errors > 1 > 0", "a comparison has two sides; join comparisons with and, or, not"),
        ("errors requests > 1", 'it cannot be read from "requests" on'),
        ("errors > 1) or (requests > 1", 'it cannot be read from ")" on'),
        ("(errors > 1", 'it cannot be read from "(" on'),
        ("errors (requests) > 1", "it cannot be read: brackets hold"),
        ("() > errors", "it cannot be read: brackets hold"),
        ("errors > 1 and", "it ends too early"),
        ("", "it ends too early"),
        ("1 < 2", "it compares numbers that are written in it, so it never changes"),
        ("errors > 1 or 1 < 2", "it compares numbers that are written in it"),
        ("errors > 1 / 0", "it divides by zero"),
        ("errors > " + "9" * LONGEST, "309 characters are too many to read; write at most 300"),
    ],
)
def test_what_makes_no_sense_is_refused_with_the_reason(text: str, because: str) -> None:
    found = parsed(text)
    assert isinstance(found, Unsound)
    assert found.because.startswith(because)


@pytest.mark.parametrize(
    "text",
    [
        "errors ** 9 > 1",
        "errors // 2 > 1",
        "errors % 2 > 1",
        "1 << 999999999 > errors",
        "$now",
        '"a" =~ "(a+)+$"',
        "errors[0] > 1",
        "[x for x in [1]]",
        "errors ? 1 : 2",
        "errors.x > 1",
        "$abs(errors) > 1",
        "errors > 1 # no",
        "errors & 1",
        "errors =~ 1",
        "errors\x00 > 1",
    ],
)
def test_the_rest_of_the_language_is_out_of_reach(text: str) -> None:
    assert isinstance(parsed(text), Unsound)


PIECES = [*NAMES[:4], "stable.error_rate", "1", "0.5", "and", "or", "not", "(", ")", "true", "$"]
PIECES += [*"+-*/<>=!.,[]{}'\"#%&|~", " ", "==", "**", "<<", "stable", "é", "\n"]


@law
@given(st.lists(st.sampled_from(PIECES), max_size=25).map(" ".join) | st.text(max_size=60))
def test_any_text_is_an_expression_or_refused(text: str) -> None:
    found = parsed(text)
    if isinstance(found, Unsound):
        assert found.because
        return
    assert isinstance(pointless(found), str)
    full: dict[str, Any] = dict.fromkeys(NAMES, 0.5)
    assert asked(found, full).value in (True, False, None)
    assert asked(found, {}).value is None


@pytest.mark.parametrize(
    ("text", "because"),
    [
        ("error_rate > 5", "one of its comparisons is never true: (0 to 1) > 5"),
        ("errors >= 0", "one of its comparisons is always true: (0 or more) >= 0"),
        ("p99_ms > 800 or error_rate > 1", "one of its comparisons is never true: (0 to 1) > 1"),
        ("p99_ms > 70000", "one of its comparisons is never true: (0 to 65536) > 70000"),
        ("-errors > 1", "one of its comparisons is never true: "),
        ("error_rate * 100 > 200", "one of its comparisons is never true: (0 to 100) > 200"),
        ("0 * errors == 1", "one of its comparisons is never true: 0 == 1"),
        ("errors != -1", "one of its comparisons is always true: (0 or more) != -1"),
    ],
)
def test_a_comparison_that_cannot_change_is_told(text: str, because: str) -> None:
    assert pointless(sound(text)).startswith(because)


@pytest.mark.parametrize(
    "text",
    [
        TAIL,
        "error_rate > 0.99",
        "errors / requests > 0.5",
        "errors - stable.errors > 5",
        "p99_ms > 3 * stable.p99_ms",
        "requests_per_second < 0.5",
        "errors / (requests - 1) > 2",
    ],
)
def test_a_comparison_that_can_change_is_not(text: str) -> None:
    assert pointless(sound(text)) == ""


names, factors = st.sampled_from(["errors", "error_rate", "stable.p99_ms"]), st.integers(0, 3)
sides = st.builds(
    "{} {} {} {} {}".format, factors, st.sampled_from("*+-"), names, st.sampled_from("+-*/"), names
)


@law
@given(sides, st.sampled_from([*SIGNS, "==", "!="]), factors | sides, st.data())
def test_what_is_told_to_be_always_or_never_true_is(
    left: str, sign: str, right: object, data: st.DataObject
) -> None:
    expression = sound(f"{left} {sign} {right}")
    told = pointless(expression)
    most = {"error_rate": 1.0, "stable.error_rate": 1.0}
    drawn = {name: data.draw(st.floats(0, most.get(name, 6e4))) for name in expression.names}
    answered = asked(expression, drawn).value
    if told and answered is not None:
        assert answered == ("is always true" in told)
