"""Which differences count, which backups may go, and what would be lost?"""

from collections.abc import Sequence as Many
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairlead.errors import Refused
from fairlead.migrations import role
from fairlead.migrations.backup import (
    CONTENTS,
    DUMP,
    FORMAT,
    ROLES,
    SCHEMA,
    KeptFile,
    Manifest,
    Proof,
    read,
    read_contents,
    write,
    write_contents,
)
from fairlead.migrations.contents import (
    Contents,
    LargeObjects,
    Position,
    Sequence,
    Table,
    differences,
)
from fairlead.migrations.loss import Loss, losses, total
from fairlead.migrations.retention import Retention, superfluous
from fairlead.migrations.schema import difference
from fairlead.migrations.schema import read as read_schema
from fairlead.migrations.statement import split

NOW = datetime(2026, 11, 23, tzinfo=UTC)
FILE = KeptFile(1, "0" * 64)
BARE = Manifest(
    format=FORMAT,
    name="shop-20261123t000000z-000000",
    taken_at=NOW,
    seconds=1.5,
    database="shop on db",
    server=18,
    fairlead="0.1.0",
    encrypted=False,
    tables=1,
    rows=2,
    fingerprint="f" * 64,
    files={DUMP: FILE, ROLES: FILE, SCHEMA: FILE, CONTENTS: FILE},
)


def at(number: int, given_out: bool = True) -> Position:
    return Position(number, given_out)


STILL = Sequence(at(5), at(5))
FULL = Contents(
    tables={"public.items": Table(2, "1:2", 7)},
    sequences={"public.ids": STILL},
    large_objects=LargeObjects(1, 10, "3:4"),
    views={"public.totals": True},
    extensions={"plpgsql": "1.0"},
)


def proven(manifest: Manifest) -> Manifest:
    proof = Proof(NOW, "a scratch server", "1 table", "0.1.0", manifest.digest)
    return replace(manifest, proof=proof)


def test_a_manifest_and_contents_come_back_from_their_files() -> None:
    assert read(write(proven(BARE)), BARE.name) == proven(BARE)
    assert read_contents(write_contents(FULL)) == FULL


def test_a_proof_is_of_what_the_manifest_said_then() -> None:
    assert not BARE.is_proven
    assert proven(BARE).is_proven
    assert not replace(proven(BARE), rows=3).is_proven
    assert not replace(proven(BARE), files=BARE.files | {DUMP: KeptFile(2, "1" * 64)}).is_proven


@pytest.mark.parametrize(
    "text", [b"", b"[]", b'{"format": 1}', write(replace(BARE, format=2)), b"\xff"]
)
def test_a_manifest_of_others_is_refused(text: bytes) -> None:
    with pytest.raises(Refused, match="manifest of backup"):
        read(text, BARE.name)


def test_what_is_the_same_differs_in_nothing() -> None:
    assert differences(FULL, FULL) == ()


@pytest.mark.parametrize(
    ("found", "sentence"),
    [
        (replace(FULL, tables={}), "table public.items did not come back"),
        (
            replace(FULL, tables={**FULL.tables, "public.new": Table(0, "0:0")}),
            "table public.new came back, and was not there",
        ),
        (
            replace(FULL, tables={"public.items": Table(1, "1:2")}),
            "table public.items: 2 rows were kept, 1 came back",
        ),
        (
            replace(FULL, tables={"public.items": Table(2, "1:3")}),
            "table public.items: all of 2 rows came back, but not with the same values",
        ),
        (
            replace(FULL, tables={"public.items": Table(None, "", why="it is torn")}),
            "table public.items: its rows could not be counted once it was back: it is torn",
        ),
        (
            replace(FULL, sequences={"public.ids": Sequence(at(6), at(6))}),
            "sequence public.ids: stood at 5 to 5, and is at 6",
        ),
        (
            replace(FULL, sequences={"public.ids": Sequence(at(5, False), at(5, False))}),
            "sequence public.ids: stood at 5 to 5, and is at 5",
        ),
        (
            replace(FULL, large_objects=LargeObjects(0, 0, "0:0")),
            "1 large object were kept, 0 came back",
        ),
        (
            replace(FULL, large_objects=LargeObjects(1, 10, "3:5")),
            "all of 1 large object came back, but not with the same bytes",
        ),
        (
            replace(FULL, large_objects=LargeObjects(None, why="no right")),
            "the large objects could not be read: no right",
        ),
        (
            replace(FULL, views={"public.totals": False}),
            "materialized view public.totals: was filled, and is empty",
        ),
        (replace(FULL, extensions={}), "the extension plpgsql did not come back"),
        (
            replace(FULL, encoding="LATIN1"),
            "the encoding was UTF8 and is LATIN1: texts cannot be compared",
        ),
    ],
)
def test_every_difference_is_one_sentence(found: Contents, sentence: str) -> None:
    assert differences(FULL, found) == (sentence,)


def test_what_could_not_be_counted_then_is_a_difference_even_to_itself() -> None:
    torn = replace(FULL, tables={"public.items": Table(None, "", why="it is torn")})
    assert len(differences(torn, torn)) == 1


@pytest.mark.parametrize("step", [1, -1])
@given(dumped=st.integers(0, 20), more=st.integers(1, 20))
def test_a_sequence_that_went_on_meanwhile_was_somewhere_between(
    step: int, dumped: int, more: int
) -> None:
    went_on = Sequence(at(0, False), at(step * (dumped + more)))
    assert went_on.may_be(at(step * dumped))
    assert not went_on.may_be(at(step * (dumped + more + 1)))
    assert not went_on.may_be(at(-step))


def test_rows_that_would_be_lost_are_told_as_what_is_known() -> None:
    then = replace(
        FULL,
        tables={
            "same": Table(5, "1:1", 5),
            "grown": Table(10, "1:1", 10),
            "reset": Table(10, "1:1", 10),
            "gone": Table(3, "1:1", 3),
            "torn": Table(3, "1:1", 3),
        },
    )
    now = replace(
        FULL,
        tables={
            "same": Table(5, "1:1", 5),
            "grown": Table(12, "2:2", 15),
            "reset": Table(9, "2:2", 0),
            "fresh": Table(4, "2:2", 4),
            "torn": Table(None, "", why="no right"),
        },
    )
    found = losses(then, now)
    assert found == (
        Loss("grown", 2, 12, 5),
        Loss("fresh", 4, 4, 4),
        Loss("reset", 0, 9, None),
        Loss("torn", 0, 1, None),
    )
    assert [one.told for one in found[:3]] == [
        "grown: 2 to 12, about 5",
        "fresh: 4",
        "reset: 0 to 9",
    ]
    assert total(found) == "rows that would be lost: 6 to 26"
    assert (
        total(found[:2]) == "rows that would be lost: 6 to 16, by the server's statistics about 9"
    )
    assert total(losses(then, then)).startswith("no row would be lost")


@given(
    kept=st.sets(st.integers(0, 50)),
    added=st.sets(st.integers(51, 99)),
    deleted=st.sets(st.integers(0, 50)),
    changed=st.sets(st.integers(0, 50)),
)
def test_what_is_really_lost_lies_between_the_two_numbers(
    kept: set[int], added: set[int], deleted: set[int], changed: set[int]
) -> None:
    changed = (changed & kept) - deleted
    there = (kept - deleted) | added
    written = len(kept) + len(added) + len(changed)
    then = replace(FULL, tables={"t": Table(len(kept), str(sorted(kept)), len(kept))})
    marked = str(sorted(there)) + "changed" * bool(changed)
    now = replace(FULL, tables={"t": Table(len(there), marked, written)})
    (loss,) = losses(then, now) or (Loss("t", 0, 0, 0),)
    really = len(added) + len(changed)
    assert loss.at_least <= really <= loss.at_most
    assert loss.about == really


AGES = st.lists(
    st.tuples(st.integers(0, 90), st.booleans(), st.sampled_from(["shop", "stock"])), max_size=25
)


@given(ages=AGES, newest=st.integers(1, 5), days=st.integers(0, 60))
def test_retention_keeps_the_newest_the_young_and_a_proven_one(
    ages: Many[tuple[int, bool, str]], newest: int, days: int
) -> None:
    backups = []
    for number, (age, is_proven, database) in enumerate(ages):
        one = replace(
            BARE, name=f"{number:03}", database=database, taken_at=NOW - timedelta(days=age)
        )
        backups.append(proven(one) if is_proven else one)

    gone = superfluous(backups, Retention(newest, days), NOW)

    left = [one for one in backups if one not in gone]
    for database in ("shop", "stock"):
        all_of_it = sorted(
            (one for one in backups if one.database == database),
            key=lambda one: (one.taken_at, one.name),
            reverse=True,
        )
        stays = [one for one in left if one.database == database]
        assert all(one in stays for one in all_of_it[:newest])
        had = [one for one in all_of_it if one.is_proven]
        assert not had or had[0] in stays
    assert all(NOW - one.taken_at > timedelta(days=days) for one in gone)
    # Doing it again removes nothing more.
    assert superfluous(left, Retention(newest, days), NOW) == ()


def test_a_line_in_a_function_counts_whatever_it_looks_like() -> None:
    header = "SET row_security = off;\n--\n-- Name: f; Type: FUNCTION\n--\n"
    dump = header + "CREATE FUNCTION f AS $$\n{}\n$$"
    for line in ("SET work_mem = '1MB';", "-- a remark", "\\a"):
        assert read_schema(dump.format(line)) != read_schema(dump.format(""))
    assert read_schema(dump.format("a")).lines[2:] == ("CREATE FUNCTION f AS $$", "a", "$$")


def test_a_schema_comes_back_from_its_text() -> None:
    told = "-- Name: a; Type: TABLE\nCREATE TABLE a (b int);\nCOMMENT ON TABLE a IS 'x\x85y';\n"
    schema = read_schema(told)
    assert len(schema.lines) == len(told.split("\n"))
    assert read_schema(schema.text.decode()) == schema


def test_a_difference_tells_no_password() -> None:
    one, other = (
        read_schema(f"-- Name: b\n    password '{word}',") for word in ("hidden", "it''s")
    )
    assert difference(one, other) == ("-    password '…',", "+    password '…',")


ROLES_SQL = """
CREATE ROLE "Ben, ""the"" 2nd";
ALTER ROLE ana SET app.jwt_secret TO 'hidden';
GRANT team TO ana WITH ADMIN OPTION, INHERIT TRUE GRANTED BY boss;
"""


def test_what_a_role_file_says_is_understood() -> None:
    create, setting, grant = split(ROLES_SQL)
    assert role.plain(role.made(create)) == 'Ben, "the" 2nd'
    assert role.made(grant) == ""
    assert role.told(setting) == "ALTER ROLE ana SET app . jwt_secret"
    assert role.without_grantor(grant) == "GRANT team TO ana WITH ADMIN OPTION, INHERIT TRUE"
    assert role.without_grantor(create) == create.text


@pytest.mark.parametrize(
    ("other", "options", "same"),
    [
        ("GRANT team TO ana WITH ADMIN OPTION, INHERIT TRUE GRANTED BY postgres", True, True),
        ("GRANT team TO ana WITH ADMIN OPTION GRANTED BY postgres", True, False),
        ("GRANT team TO ana WITH ADMIN OPTION GRANTED BY postgres", False, True),
        ("GRANT team TO ana WITH INHERIT TRUE GRANTED BY boss", False, False),
        ("GRANT team TO ben WITH ADMIN OPTION, INHERIT TRUE GRANTED BY boss", False, False),
    ],
)
def test_memberships_are_compared_without_who_granted_them(
    other: str, options: bool, same: bool
) -> None:
    (found,), grant = split(other), split(ROLES_SQL)[2]
    assert (role.meaning(grant, options=options) == role.meaning(found, options=options)) is same
