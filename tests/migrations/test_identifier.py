"""Are names read as SQL reads them?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairlead.errors import NotFound, Refused
from fairlead.migrations.identifier import names
from fairlead.migrations.preflight.looked import Relation
from fairlead.migrations.preflight.naming import named
from migrations.a_database import a_relation

RELATIONS = {
    1: a_relation(1, "orders"),
    2: a_relation(2, "orders", schema="old"),
    3: a_relation(3, "Items"),
    4: a_relation(4, "e", schema="old"),
    5: a_relation(5, "e1", 4, "old"),
    6: a_relation(6, "e1a", 5, "old"),
}


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Orders", (("orders",),)),
        ("ÄRGER", (("Ärger",),)),
        ('"Orders"', (("Orders",),)),
        ('a.b, "a.b"', (("a", "b"), ("a.b",))),
        ('"x.y"."a,b" ,c', (("x.y", "a,b"), ("c",))),
        ('"say ""hi"""', (('say "hi"',),)),
    ],
)
def test_a_name_is_read_as_sql_reads_it(written: str, meant: object) -> None:
    assert names(written) == meant


@pytest.mark.parametrize("written", ["", "a,", ",a", "a b", "a.b.c", '"a', "a..b", '""'])
def test_what_is_no_name_is_refused(written: str) -> None:
    with pytest.raises(Refused):
        names(written)


@given(st.lists(st.lists(st.text(min_size=1), min_size=1, max_size=2), min_size=1))
def test_every_name_comes_back_from_its_quoted_form(wanted: list[list[str]]) -> None:
    written = ",".join(
        ".".join('"' + part.replace('"', '""') + '"' for part in name) for name in wanted
    )
    assert names(written) == tuple(tuple(name) for name in wanted)


def test_the_search_path_decides_and_partitions_come_along() -> None:
    assert named(names("orders"), RELATIONS, ["public"]) == {1}
    assert named(names("orders"), RELATIONS, ["old", "public"]) == {2}
    assert named(names("old.orders"), RELATIONS, ["public"]) == {2}
    assert named(names("e"), RELATIONS, ["public"]) == {4, 5, 6}


def test_a_name_that_means_nothing_or_several_is_refused() -> None:
    with pytest.raises(NotFound, match=r"did you mean public\.Items"):
        named(names("items"), RELATIONS, ["public"])
    with pytest.raises(NotFound, match=r"is no table here$"):
        named(names("nothing"), RELATIONS, ["public"])
    with pytest.raises(Refused, match=r"old\.orders, public\.orders"):
        named(names("orders"), RELATIONS, [])


def test_nothing_is_named_where_there_is_nothing() -> None:
    empty: dict[int, Relation] = {}
    with pytest.raises(NotFound):
        named(names("orders"), empty, ["public"])
