"""How is a column named?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairlead.privacy.place import Pattern, Place, column, function, pattern

NAMES = st.text(st.characters(exclude_characters="\x00", codec="utf-8"), min_size=1, max_size=20)


@given(NAMES, NAMES, NAMES)
def test_what_is_written_is_read_as_the_same_column(schema: str, table: str, name: str) -> None:
    place = Place(schema, table, name)
    assert pattern(str(place)) == Pattern(schema, table, name)
    assert pattern(str(place)).covers(place)


def test_stars_stand_for_every_column_and_table() -> None:
    place = Place("public", "Orders", "a.b")
    assert pattern('public."Orders".*').covers(place)
    assert pattern("public.*.*").covers(place)
    assert not pattern("public.orders.*").covers(place)
    assert str(pattern('PUBLIC."Orders".*')) == 'public."Orders".*'
    assert pattern('a."*"."*"') == Pattern("a", "*", "*")


@pytest.mark.parametrize(
    "written", ["", "a", "a.b", "a.b.c.d", "*.a.b", "a.*.b", "*.*.*", "a.b.", 'a."b.c', "a. b.c"]
)
def test_another_form_is_no_column(written: str) -> None:
    with pytest.raises(ValueError, match=r"schema\.table\.column"):
        pattern(written)


def test_functions_and_columns_of_a_table_are_names_too() -> None:
    assert function("forget") == ("public", "forget")
    assert function('private."Forget It"') == ("private", "Forget It")
    assert column("Email") == "email"
    for wrong in ("a.b.c", "a.*"):
        with pytest.raises(ValueError, match="SQL function"):
            function(wrong)
    with pytest.raises(ValueError, match="same table"):
        column("a.b")
