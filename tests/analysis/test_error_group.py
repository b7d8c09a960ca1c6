"""Are errors the same fault whatever values they carry, and others when they happen elsewhere?"""

import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairlead.analysis import error_group, stack
from fairlead.analysis.error_group import Reported, fingerprint, title, understood

PYTHON = """Traceback (most recent call last):
  File "/srv/{digest}/shop/web.py", line {line}, in handle
    return route(request)
           ^^^^^
  File "/srv/{digest}/shop/orders.py", line {line}, in {function}
    charge(order)
shop.Refused: order {order} was refused"""
DENO = """TypeError: order {order} has no price
    at {function} (file:///srv/{digest}/orders.ts:{line}:17)
    at async handle (file:///srv/{digest}/index.ts:{line}:5)"""
JAVA = """java.lang.IllegalStateException: order {order}
\tat org.shop.Orders.{function}(Orders.java:{line})
\tat org.shop.Web.handle(Web.java:{line})"""
FIREFOX = """{function}@https://shop.example.org/main.{digest}.js?v={line}:{line}:17
handle@https://shop.example.org/main.{digest}.js:{line}:1"""
FORMS = pytest.mark.parametrize("form", [PYTHON, DENO, JAVA, FIREFOX])


def told(form: str, line: int = 7, order: int = 1, function: str = "pay", digest: str = "") -> str:
    built = digest or "3f1c9a5b"
    written = form.format(line=line, order=order, function=function, digest=built)
    return fingerprint(understood(Reported("it broke", written)))


@FORMS
def test_one_place_is_one_fault_in_every_build_and_on_every_line(form: str) -> None:
    assert told(form) == told(form, line=99, order=7, digest="77aa0011bb")
    assert told(form) != told(form, function="refund")


@pytest.mark.parametrize(
    ("form", "kind"),
    [(PYTHON, "shop.Refused"), (DENO, "TypeError"), (JAVA, "java.lang.IllegalStateException")],
)
def test_the_type_is_read_where_each_language_tells_it(form: str, kind: str) -> None:
    written = form.format(line=1, order=2, function="f", digest="ab12cd34")
    found, frames = stack.read(written)
    assert (found, len(frames)) == (kind, 2)
    assert frames[0].function.rpartition(".")[2] == "f"
    assert fingerprint(understood(Reported("x", written))) != fingerprint(
        understood(Reported("x", written.replace(kind, "OtherError")))
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("order 17 took 3.5 s", "order 4711 took 0.01 s"),
        ("user 'ana' is unknown", "user 'bob smith' is unknown"),
        ('no "tea" left', 'no "green coffee" left'),
        (
            "row 0b1ac1d2-98f2-4a4c-8d41-0242ac130003 is gone",
            "row 9f8ac1d2-98f2-4a4c-8d41-0242ac13ffff is gone",
        ),
        ("at 0x7f3a9c in commit 0a1b2c3d4e5f", "at 0x1 in commit 99ffee11aabb"),
        ("10.0.0.1:5432 refused", "192.168.17.4:80 refused"),
        ("fe80::1 refused", "2001:db8::ff00:42 refused"),
        ("mail to ana@example.org failed", "mail to bob.b@mail.example.com failed"),
        ("GET https://a.example/x?id=1 failed", "GET https://b.example/y failed"),
    ],
)
def test_without_a_stack_what_is_said_counts_and_not_its_values(one: str, other: str) -> None:
    assert fingerprint(Reported(one)) == fingerprint(Reported(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("order was refused", "order was lost"),
        ("can't pay, won't pay", "can't pay, shan't pay"),
        ("decade", "facade"),
        ("", "x"),
    ],
)
def test_what_says_something_else_is_another_fault(one: str, other: str) -> None:
    assert fingerprint(Reported(one)) != fingerprint(Reported(other))


def test_a_function_without_a_name_is_told_by_its_line() -> None:
    one, other = (
        fingerprint(understood(Reported("x", f"E: x\n    at file:///a.ts:{line}:2")))
        for line in (7, 8)
    )
    assert one != other


def test_causes_and_the_reporters_own_words_count() -> None:
    plain = understood(Reported("x", PYTHON.format(line=1, order=1, function="f", digest="a1")))
    caused = replace(plain, causes=("KeyError",))
    own = replace(plain, own=("payment",))
    both = replace(plain, own=("{{ default }}", "payment"))
    default = replace(plain, own=("{{default}}",))
    assert len({fingerprint(one) for one in (plain, caused, own, both)}) == 4
    assert fingerprint(default) == fingerprint(plain)
    assert fingerprint(own) == fingerprint(Reported("something else", own=("payment",)))


def test_a_title_names_the_type_once_and_has_an_end() -> None:
    assert title(understood(Reported("no price", DENO))) == "TypeError: no price"
    assert title(understood(Reported("TypeError: no price", DENO))) == "TypeError: no price"
    assert title(Reported("\n  first \nsecond")) == "first"
    assert title(Reported("", kind="KeyError")) == "KeyError"
    assert title(Reported(" ")) == "an error without a message"
    assert len(title(Reported("m" * 10_000))) == error_group.LONGEST_TITLE


def test_severities_of_others_are_ours() -> None:
    known = {"fatal": "critical", "WARN": "warning", "high": "error", "log": "info"}
    assert {name: error_group.severity(name) for name in known} == known
    assert {error_group.severity(name) for name in error_group.SEVERITIES} == set(
        error_group.SEVERITIES
    )
    assert error_group.severity("loud") is None


@pytest.mark.parametrize(
    ("name", "release"),
    [
        ("0a1b2c3d4e5f" + "0" * 28, "0a1b2c3d4e5f"),
        ("shop@0a1b2c3d4e5f" + "0" * 28, "0a1b2c3d4e5f"),
        ("0a1b2c3d4e5f", "0a1b2c3d4e5f"),
        ("shop@1.2.3", "shop@1.2.3"),
        ("  ", ""),
    ],
)
def test_a_release_is_called_as_we_call_it(name: str, release: str) -> None:
    assert error_group.release_of(name) == release


@given(st.text(max_size=300), st.text(max_size=300))
def test_anything_has_a_fingerprint_and_a_title(message: str, written: str) -> None:
    found = understood(Reported(message, written))
    assert len(fingerprint(found)) == 16
    assert 0 < len(title(found)) <= error_group.LONGEST_TITLE
    assert fingerprint(found) == fingerprint(understood(Reported(message, written)))


LINES = ["Traceback (most recent call last):", '  File "/srv/x.py", line 3, in pay',
         "    pay(card)", "    ^^^^", "KeyError: 7", "shop.Refused", "", "  a note",
         "at a.b(C.java:3)", "Two\u2028Words: x", 'File "/srv/y.py", line 4']  # fmt: skip


@given(st.lists(st.sampled_from(LINES), max_size=8))
def test_a_stack_that_is_remembered_says_the_same(lines: list[str]) -> None:
    told = "\n".join(lines)
    # Nothing is remembered of a stack whose last line is empty.
    assert stack.read(told) == stack.read(f"{told}\n")


@pytest.mark.parametrize(
    "piece", ["at ", "at (", "a@", 'File "', "'", '"', "0x", "1.", "a:", "f", " ", "\n", "at a.b("]
)
def test_no_text_takes_long(piece: str) -> None:
    whole = piece * (200_000 // len(piece))
    began = time.process_time()
    fingerprint(understood(Reported(whole, whole)))
    assert time.process_time() - began < 1.0
