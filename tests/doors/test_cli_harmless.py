"""Can text from outside steer a terminal, or fake a line of ours?"""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairlead.cli.harmless import block, line, subject

HOSTILE = st.text(
    alphabet=st.one_of(st.characters(), st.sampled_from("\x1b\x9b\x9d[]m;0\x07\\\r\n"))
)


def is_harmless(text: str) -> bool:
    return all(unicodedata.category(sign) not in ("Cc", "Cf", "Cs", "Zl", "Zp") for sign in text)


@given(HOSTILE)
def test_no_text_leaves_a_control_or_a_reordering_mark_on_a_line(text: str) -> None:
    assert is_harmless(line(text))


@given(HOSTILE)
def test_a_block_keeps_nothing_but_line_breaks_of_its_controls(text: str) -> None:
    assert is_harmless(block(text).replace("\n", ""))


@given(st.text(st.characters(categories=["L", "N", "P", "S"])))
def test_honest_text_stays_as_it_is(text: str) -> None:
    assert line(text) == text
    assert block(text) == text


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x9b31mred", "red"),
        ("\x1b]0;title\x07text", "text"),
        ("\x1b]8;;http://evil\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1b[2J\x1b[Hgone?", "gone?"),
        ("one\ntwo\r\nthree", "one two  three"),
        ("ok\rFAILED", "ok FAILED"),
        ("a\u202egnp.exe", "agnp.exe"),
        ("z\u200bero", "zero"),
        ("no\xa0break", "no break"),
        ("bell\x07 null\x00 delete\x7f", "bell null delete"),
        ("half\ud800", "half"),
    ],
)
def test_what_steers_a_terminal_is_taken_away(hostile: str, shown: str) -> None:
    assert line(hostile) == shown


def test_an_escape_that_never_ends_hides_nothing_behind_it() -> None:
    assert (
        block("before\x1b]0;rest of the line\nnext line") == "before0;rest of the line\nnext line"
    )


def test_a_carriage_return_does_not_write_over_what_stands_there() -> None:
    assert block("FAILED\rpassed\r\n50%\tdone") == "FAILED\npassed\n50% done"


def test_a_commit_is_named_by_its_first_line() -> None:
    assert subject("\n Fix \x1b[1mit\n\nbody\n") == "Fix it"
    assert subject(" \n") == "(no message)"
