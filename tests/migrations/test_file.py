"""Is every file that cannot be applied refused in a sentence with its place and remedy?"""

import pytest

from fairlead.errors import Refused
from fairlead.migrations.file import read_all

A = "20260105090000_create_a.sql"


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ({"create_a.sql": b"select 1"}, "create_a.sql: this is no name of a migration: name it"),
        ({A: b""}, f"{A}: it holds no statement: write one, or remove the file"),
        ({A: b"-- soon\n"}, f"{A}: it holds no statement"),
        ({A: b"select 1;\nselect '\xff'"}, f"{A}:2: this is no UTF-8: save the file as UTF-8"),
        ({A: b"\xef\xbb\xbfselect 1"}, f"{A}: it begins with a byte-order mark"),
        ({A: b"select 1;\n\x00"}, f"{A}:2: PostgreSQL reads no zero byte"),
        ({A: b"\nselect 'a"}, f"{A}:2: a text that begins here never ends"),
        ({A: b"copy t from stdin;\n1\n\\.\n"}, f"{A}:1: COPY with rows in the file is psql's"),
        ({A: b"\\i other.sql"}, f"{A}:1: a command of psql is no SQL"),
        ({A: b"begin; select 1"}, f"{A}:1: BEGIN: remove it: Fairlead begins"),
        ({A: b"select 1;\nstart transaction"}, f"{A}:2: START: remove it"),
        ({A: b"savepoint a"}, f"{A}:1: SAVEPOINT: remove it"),
        ({A: b"create database d"}, f"{A}:1: CREATE DATABASE: it changes the server"),
        ({A: b"discard all"}, f"{A}:1: DISCARD ALL: it would let go of the lock"),
        ({A: b"reindex table concurrently t"}, f"{A}:1: REINDEX: it is upkeep"),
        ({A: b"create index concurrently on t (a)"}, f"{A}:1: CREATE INDEX CONCURRENTLY without"),
        ({A: b"set standard_conforming_strings = off"}, f"{A}:1: standard_conforming_strings"),
        ({A: b"select set_config('standard_conforming_strings', 'off', true)"}, f"{A}:1: standard"),
        (
            {A: b"select 1", "20260105090000_create_b.sql": b"select 2"},
            f"20260105090000_create_b.sql: {A} has the same version: give one a new timestamp",
        ),
        (
            {"20260105090000_create_a.down.sql": b"select 1"},
            "20260105090000_create_a.down.sql: there is no migration 20260105090000",
        ),
    ],
)
def test_what_cannot_be_applied_is_refused_with_its_remedy(
    files: dict[str, bytes], sentence: str
) -> None:
    with pytest.raises(Refused) as refused:
        read_all(files)
    assert [problem[: len(sentence)] for problem in refused.value.problems] == [sentence]


def test_every_problem_of_every_file_is_told_at_once() -> None:
    files = {A: b"begin; select 1; commit", "b.sql": b"select 1", "2_c.sql": b""}
    with pytest.raises(Refused) as refused:
        read_all(files)
    assert len(refused.value.problems) == 4


def test_files_come_oldest_first_each_with_the_one_that_takes_it_back() -> None:
    files = {"2_b.sql": b"select 2", "1_a.sql": b"select 1", "1_a.down.sql": b"select 3;\n"}
    first, second = read_all({**files, "README.md": b"\xff"})
    assert (first.version, first.name, first.down) == ("1", "a", "select 3;\n")
    assert (second.version, second.name, second.down) == ("2", "b", None)


def test_a_comment_changes_no_checksum_and_a_letter_does() -> None:
    def checksum(sql: bytes) -> str:
        return read_all({A: sql})[0].checksum

    assert checksum(b"select 1;select 2") == checksum(b"-- why\r\nselect  1 ;\n\nselect 2;\n")
    assert checksum(b"select 1;select 2") != checksum(b"select 1;select 3")
    assert checksum(b"select 1;select 2") != checksum(b"select 1 select 2")


def test_the_usual_head_of_a_dump_is_read() -> None:
    sql = b"SET standard_conforming_strings = on;\nSELECT set_config('search_path', '', false);"
    assert len(read_all({A: sql})[0].statements) == 2
