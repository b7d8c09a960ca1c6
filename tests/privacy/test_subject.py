"""Who is meant, where are they found, and is everybody else left alone?"""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairlead.errors import Refused
from fairlead.privacy.subject import Known, Subject, reader, subject

ANA = [Known("ana", "", "Ana@example.org"), Known("", "Ana Pérez", "ana@example.org")]
BO = [Known("bo", "", "bo@example.org"), Known("", "Bo Li", "bo@example.org")]
NOW = "erased-1"


def without(value: Any, of: Subject) -> Any:
    return reader(of).without(value, NOW)


def test_one_of_their_names_leads_to_all_the_others() -> None:
    by = [("ANA@example.org", ""), ("", "ana"), ("", "Ana Pérez"), ("", "ana pérez")]
    for email, name in by:
        found = subject(email, name, ANA + BO)
        assert found.emails == {"ana@example.org"}
        assert found.accounts == {"ana"}
        assert "Ana Pérez" in found.names
    old = Known("ana", "", "old@example.org")
    assert subject("old@example.org", "", [*ANA, old]).emails == {
        "ana@example.org",
        "old@example.org",
    }


def test_who_is_not_known_is_looked_for_by_what_was_said() -> None:
    found = subject("", "Cleo Ito", ANA)
    assert found.emails | found.accounts == set()
    assert found.names == {"Cleo Ito"}
    with pytest.raises(Refused, match="that one word"):
        subject("", "gate", ANA)
    with pytest.raises(Refused, match="say who is meant"):
        subject("", "", ANA)


def test_a_name_of_two_people_is_no_name_of_one() -> None:
    twin = Known("", "Ana Pérez", "other@example.org")
    with pytest.raises(Refused, match="more than one address"):
        subject("", "Ana Pérez", [*ANA, twin])
    found = subject("ana@example.org", "", [*ANA, twin])
    assert found.names == set()
    assert found.shared == {"Ana Pérez"}
    assert without("Ana Pérez <ana@example.org>", found) == (f"Ana Pérez <{NOW}@erased.invalid>")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("ana stopped it: no", f"{NOW} stopped it: no"),
        ("by ANA PÉREZ <aNa@Example.org>.", f"by {NOW} <{NOW}@erased.invalid>."),
        ("?to=ana%40example.org&x", f"?to={NOW}@erased.invalid&x"),
        ("branch ana/fix, ana-fix, ana_fix", f"branch {NOW}/fix, {NOW}-fix, ana_fix"),
        ("banana, Ana, joana@example.org", "banana, Ana, joana@example.org"),
        ("ana@example.org.uk and ana@example.com", "ana@example.org.uk and ana@example.com"),
        ("", ""),
    ],
)  # fmt: skip
def test_words_are_found_where_they_mean_the_person(text: str, told: str) -> None:
    assert without(text, subject("ana@example.org", "", ANA + BO)) == told


def test_a_name_within_somebody_elses_stands_for_her_only_alone() -> None:
    maria = [Known("ana-maria", "", "ana.maria@example.org")]
    found = subject("ana@example.org", "", ANA + maria)
    assert without("ana-maria and ana, ana.maria@example.org", found) == (
        f"ana-maria and {NOW}, ana.maria@example.org"
    )


def test_objects_are_told_without_them_and_keep_their_keys() -> None:
    found = subject("ana@example.org", "", ANA)
    value = {"ana": ["ana", {"x": "by ana"}, 5, None], "ana@example.org": True}
    assert without(value, found) == {
        "ana": [NOW, {"x": f"by {NOW}"}, 5, None],
        f"{NOW}@erased.invalid": True,
    }
    only = reader(found).without("ana of ana@example.org", NOW, addresses_only=True)
    assert only == f"ana of {NOW}@erased.invalid"


WORDS = st.sampled_from(
    ["ana", "Ana Pérez", "ana@example.org", "ANA@EXAMPLE.ORG", " ", ".", "/", "@", "-", "x", "%40"]
)


@given(st.lists(WORDS, max_size=12).map("".join))
def test_what_was_told_without_them_has_nothing_of_them(text: str) -> None:
    found = subject("ana@example.org", "", ANA + BO)
    once = without(text, found)
    assert without(once, found) == once
