"""Is what a run of tests came to taken from its JUnit XML, and unknown where that is in doubt?"""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairlead.gates import tests_run
from fairlead.gates.junit import read

REPORTS = Path(__file__).parent / "reports"
law = settings(deadline=None, max_examples=60)


def report(name: str) -> tests_run.Tests:
    return read([(REPORTS / f"{name}.xml").read_bytes()])


def suite(*cases: str, **attributes: int) -> bytes:
    told = " ".join(f'{name}="{value}"' for name, value in attributes.items())
    return f"<testsuites><testsuite {told}>{''.join(cases)}</testsuite></testsuites>".encode()


def case(name: str, inside: str = "", more: str = "") -> str:
    return f'<testcase classname="c" name="{name}" {more}>{inside}</testcase>'


BAD = "<failure message='no'/>"


@pytest.mark.parametrize(
    ("dialect", "counts"),
    [
        ("pytest", (8, 3, 3, 2)),
        ("deno", (5, 3, 0, 2)),
        ("node", (7, 2, 0, 1)),
        ("surefire", (4, 1, 1, 1)),
        ("jest", (2, 1, 0, 1)),
    ],
)
def test_every_dialect_is_counted(dialect: str, counts: tuple[int, int, int, int]) -> None:
    told = report(dialect)
    assert not told.unknown
    assert (told.ran, told.failed, told.errors, told.skipped) == counts
    assert not told.passed
    assert len(told.failures) == told.failed + told.errors


@pytest.mark.parametrize(
    ("dialect", "name", "sentence"),
    [
        ("pytest", "test_a › test_bad", "AssertionError: tw#x1B[31mo"),
        ("deno", "./a_test.ts › steps > two", "Uncaught Error: no"),
        ("node", "test › two", "no"),
        ("surefire", "org.example.CartTest › sums", "expected: <2> but was: <3>"),
        ("surefire", "org.example.CartTest › ships", "java.lang.NullPointerException"),
        (
            "jest",
            "cart sums › cart sums",
            "Error: expect(received).toBe(expected) // Object.is equality",
        ),
    ],
)
def test_a_failure_has_its_name_and_its_first_line(dialect: str, name: str, sentence: str) -> None:
    assert tests_run.Failure(name, sentence) in report(dialect).failures


def test_the_slowest_five_are_told_from_the_slowest_on() -> None:
    assert report("surefire").slowest[0] == tests_run.Slow("org.example.CartTest › adds", 1200.25)
    every = [case(str(i), more=f'time="{i}.5"') for i in range(9)]
    odd = [case(time, more=f'time="{time}"') for time in ("nan", "inf", "-3", "", "long")]
    told = read([suite(*every, *odd)])
    assert [one.seconds for one in told.slowest] == [8.5, 7.5, 6.5, 5.5, 4.5]
    assert told.ran == 14


def test_documents_of_one_run_are_added_up() -> None:
    told = read([suite(case("a")), suite(case("b", BAD)), suite(case("c", "<skipped/>"))])
    assert (told.ran, told.failed, told.skipped, told.unknown) == (2, 1, 1, "")


def test_suites_in_suites_are_counted_once() -> None:
    inner = f'<testsuite tests="1" failures="1">{case("b", BAD)}</testsuite>'
    told = read([suite(case("a"), inner, tests=2, failures=1)])
    assert (told.ran, told.failed) == (2, 1)


def test_a_run_in_which_every_test_passed_is_a_pass() -> None:
    told = read([suite(case("a"), case("b"), tests=2)])
    assert told.passed
    assert told.passed_names == {"c › a", "c › b"}


@pytest.mark.parametrize(
    ("documents", "why"),
    [
        ([], "no JUnit XML was written"),
        ([b" " * (32 * 1024 * 1024 + 1)], "larger than 32 MB"),
        ([b""], "no element found"),
        ([suite(case("a"))[:-5]], "unclosed token"),
        ([suite(case("a")), b"<testsuites>"], "JUnit XML 2 of 2 cannot be read"),
        ([b"<html></html>"], "its first element is <html>"),
        ([b'{"tests": 3}'], "not well-formed"),
        ([b'<?xml version="1.0" encoding="nobody"?><testsuites/>'], "unknown encoding"),
        ([b'<?xml version="1.0" encoding="shift_jis"?><testsuites/>'], "multi-byte"),
        ([b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><testsuites/>'], "document type"),
        ([b'<!DOCTYPE x [<!ENTITY a "b">]><testsuites>&a;</testsuites>'], "document type"),
        ([b"<testsuites>&a;</testsuites>"], "undefined entity"),
        ([b"<testsuite>" * 200], "nested deeper"),
        ([suite(*["<a/>"] * 1_000_001)], "more than 1000000 elements"),
        ([suite(*["<testcase/>"] * 200_001)], "more than 200000 tests"),
        ([suite(case("a", case("b")))], "inside another"),
        ([suite(case("a"), tests=2)], "it tells of 2 tests and holds 1"),
        ([suite(case("a"), failures=1)], "it tells of 1 failure and holds none"),
        ([suite(case("a", BAD), failures=1, errors=1)], "it tells of 2 failures and holds 1"),
        ([b'<testsuites tests="many"/>'], "tests is no count: many"),
        ([b'<testsuites tests="-1"/>'], "tests is no count"),
        ([b"<testsuites/>"], "no test ran"),
        ([suite(tests=0)], "no test ran"),
        ([suite(case("a", "<skipped/>"), tests=1)], "no test ran: 1 was skipped"),
        ([suite(case("a", more='status="notrun"'))], "no test ran: 1 was skipped"),
        ([suite(case("a", more='result="suppressed"'))], "no test ran: 1 was skipped"),
    ],
)
def test_what_is_in_doubt_is_unknown(documents: list[bytes], why: str) -> None:
    told = read(documents)
    assert why in told.unknown
    assert not told.passed


@law
@given(
    st.binary(max_size=200) | st.text(alphabet="<testsui/>= \"'&;x", max_size=80).map(str.encode)
)
def test_bytes_of_any_kind_raise_nothing(data: bytes) -> None:
    assert not read([data]).passed


@law
@given(st.sampled_from(["pytest", "deno", "node", "surefire", "jest"]), st.data())
def test_a_document_that_breaks_off_is_unknown(dialect: str, data: st.DataObject) -> None:
    whole = (REPORTS / f"{dialect}.xml").read_bytes().strip()
    assert read([whole[: data.draw(st.integers(0, len(whole) - 1))]]).unknown


def test_a_suite_that_broke_outside_its_tests_is_an_error() -> None:
    told = read([suite(case("a"), '<error message="no database"/>', errors=1)])
    assert (told.ran, told.errors, told.unknown) == (2, 1, "")
    assert told.failures[0].sentence == "no database"


def test_a_test_that_failed_and_broke_afterwards_counts_once() -> None:
    told = read([suite(case("a", f"<skipped/>{BAD}<error message='torn'/>"))])
    assert (told.ran, told.failed, told.errors, told.skipped) == (1, 0, 1, 0)


def test_text_of_tests_is_harmless_and_bounded() -> None:
    said = f"<failure message='&#xA;  &#x9B;31mno&#x202E;&#xA;more'>{'x' * 9000}</failure>"
    (failure,) = read([suite(case("n" * 9000, said))]).failures
    assert failure.sentence == "31mno"
    assert len(failure.name) <= 300
    many = read([suite(*[case(str(i), BAD) for i in range(500)])])
    assert (many.failed, len(many.failures), len(many.failed_names)) == (500, 100, 500)


def test_a_test_that_passed_on_retry_is_flaky() -> None:
    first = read([suite(case("a", BAD), case("b", BAD), case("c"), case("d", BAD))])
    again = read([suite(case("a"), case("b", BAD), case("c"))])
    assert tests_run.flaky(first, again) == ("c › a",)
    assert tests_run.flaky(again, first) == ()


def test_a_name_that_two_tests_share_is_not_flaky_while_one_of_them_fails() -> None:
    first = read([suite(case("a", BAD), case("a"))])
    assert tests_run.flaky(first, first) == ()


def test_a_retry_that_is_unknown_shows_nothing() -> None:
    first = read([suite(case("a", BAD))])
    again = read([suite(case("a")), b"<testsuites>"])
    assert again.unknown
    assert tests_run.flaky(first, again) == ()


def test_a_test_that_its_own_runner_repeated_is_flaky() -> None:
    assert report("surefire").flaky == ("org.example.CartTest › pays",)
