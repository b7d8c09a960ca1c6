"""Are a file's statements found as PostgreSQL would find them, and is nothing of it lost?"""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairlead.migrations.statement import split
from fairlead.migrations.token import Unreadable, tokens

PIECES = (
    "select 1", "insert into t values ('a;b')", r"select E'a\';b'", r"select 'a\'", "select ''';'",
    "select $$ ; $x$ ; $$", "select $ü$;$$;$ü$", 'select "a;""b"', "/* a /* ; */ ; */ select 2",
    "-- ;'\nselect 3", "select a$b$c, $1", "select E'a'\n '\\';'", "select U&'\\0041;'",
    "create rule r as on insert to t do also (delete from a; delete from b)",
    "create function f() returns int begin atomic select 1; select case when true then 2 end; end",
    "create or replace procedure p() begin atomic begin x; end; select t.end, 1 as case; end",
    "select b'1', x'f', n'ü;'", "do $do$ begin perform 1; end $do$", "select 1 + -- ;\n 2",
    "create table begin_atomic (atomic int, \"case\" int)",
)  # fmt: skip
GAPS = (";", ";\n", " ; -- ; '\n", ";;\n/* ; */;\r\n", "\n;\t")


@given(st.lists(st.tuples(st.sampled_from(PIECES), st.sampled_from(GAPS)), min_size=1))
def test_every_statement_is_found_and_together_they_are_the_file(
    parts: list[tuple[str, str]],
) -> None:
    sql = "".join(piece + gap for piece, gap in parts)
    found = split(sql)
    assert "".join(statement.source for statement in found) == sql
    alone = [split(piece)[0].normal for piece, _ in parts]
    assert [statement.normal for statement in found] == alone
    assert [statement.number for statement in found] == [*range(1, len(parts) + 1)]


ALPHABET = "aE'\"$;-/*\\\n (),.1ü_@xBEGIN"


@given(st.text(st.sampled_from(ALPHABET), max_size=60))
def test_whatever_is_written_it_is_refused_or_kept_whole(sql: str) -> None:
    try:
        read = [*tokens(sql)]
        found = split(sql)
    except Unreadable:
        return
    assert "".join(token.text for token in read) == sql
    assert "".join(statement.source for statement in found) in (sql, "")


@given(st.lists(st.sampled_from(PIECES), min_size=1), st.sampled_from([" ", "\n\n", " /* x */ "]))
def test_spaces_and_comments_change_no_checksum(pieces: list[str], gap: str) -> None:
    plain = split(";".join(pieces))
    spaced = split(";".join(f"{gap}{piece}{gap}" for piece in pieces))
    assert [one.checksum for one in plain] == [one.checksum for one in spaced]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("select 'a'", "select 'A'"),
        ("select 'a  b'", "select 'a b'"),
        ("select $$ -- a\n$$", "select $$ -- b\n$$"),
        ("select a", "select A"),
        ("select 1.0", "select 1 .0"),
        ("select 'a'\n'b'", "select 'a' 'b'"),
    ],
)
def test_what_means_something_else_has_another_checksum(one: str, other: str) -> None:
    assert split(one)[0].checksum != split(other)[0].checksum


def test_a_statement_is_sent_with_its_comments_and_without_its_semicolon() -> None:
    first, second = split("-- why\nselect 1 ; -- after\n\nselect /* in */ 2 -- last\n")
    assert (first.text, first.line) == ("-- why\nselect 1", 2)
    assert (second.text, second.line) == ("-- after\n\nselect /* in */ 2", 4)
    assert second.normal == "select 2"


@pytest.mark.parametrize(
    ("sql", "why", "at"),
    [
        ("select 'a", "a text that begins here never ends", 7),
        ("select E'a\\'", "a text that begins here never ends", 7),
        ("select $x$ a $X$", "close it with $x$", 7),
        ('select "a', "a name that begins here never ends", 7),
        ("select 1 /* /* */", "a comment that begins here never ends", 9),
        ("\\connect other", "a command of psql is no SQL", 0),
        ("copy t from stdin;\n1\tit's\n\\.\n", "COPY with rows", 0),
        ("copy (select 1) to stdout", "COPY with rows", 0),
        ("create function f() begin atomic select 1;", "BEGIN ATOMIC without its END", 26),
    ],
)
def test_what_cannot_be_read_is_refused_at_its_place(sql: str, why: str, at: int) -> None:
    with pytest.raises(Unreadable, match=re.escape(why)) as refused:
        split(sql)
    assert refused.value.at == at


def test_comments_alone_are_no_statement() -> None:
    assert split(" -- nothing\n /* here */ ; ;") == []
