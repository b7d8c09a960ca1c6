"""What does privacy.yaml say, and what is refused?"""

from typing import Any

import pytest

from fairlead.privacy.declaration import EdgeAction, Job, LegalBasis, NotPersonal, SqlFunction
from fairlead.privacy.place import Place, pattern
from fairlead.privacy.reading import read
from privacy.a_database import declaring, entry


def tree(**more: Any) -> dict[str, Any]:
    one = {
        "column": "public.agents.email",
        "purpose": "to reach them",
        "legal_basis": "contract",
        "retention": "90d",
        "enforced_by": {"job": "Forget each day"},
        "subject": "email",
        "export": {"function": "gdpr", "action": "export_mine"},
        "erase": {"sql": "private.erase_one"},
    }
    return {"version": 1, "data": [{key: it for key, it in (one | more).items() if it != ""}]}


def faults(told: Any) -> list[tuple[tuple[str | int, ...], str]]:
    return [(fault.path, fault.sentence) for fault in read(told)[1]]


def test_every_key_is_read() -> None:
    told, wrong = read(tree())
    assert wrong == ()
    (one,) = told.data
    assert one.enforced_by == Job("Forget each day")
    assert one.export == EdgeAction("gdpr", "export_mine")
    assert one.erase == SqlFunction("private", "erase_one")
    assert (one.retention, one.legal_basis) == ("90d", LegalBasis.CONTRACT)
    assert [basis.article for basis in LegalBasis][-1] == "Art. 6(1)(f)"


def test_neither_list_is_needed_but_the_version_is() -> None:
    assert faults({"version": 1}) == []
    assert faults({}) == [((), "the key version is missing")]
    for version in (2, "1", True):
        assert faults({"version": version})[0][0] == ("version",)


@pytest.mark.parametrize(
    ("more", "path", "says"),
    [
        ({"purpose": ""}, ("data", 0), "the key purpose is missing"),
        ({"why": "so"}, ("data", 0, "why"), "unknown key"),
        ({"purpose": "  "}, ("data", 0, "purpose"), "text is needed"),
        ({"purpose": 3}, ("data", 0, "purpose"), "text is needed"),
        ({"column": "agents.email"}, ("data", 0, "column"), "schema.table.column"),
        ({"legal_basis": "because"}, ("data", 0, "legal_basis"), "consent, contract"),
        ({"retention": "forever"}, ("data", 0, "retention"), "a duration is needed"),
        ({"retention": "0d"}, ("data", 0, "retention"), "a duration is needed"),
        ({"enforced_by": "me"}, ("data", 0, "enforced_by"), "job: NAME"),
        ({"enforced_by": {"job": "a", "sql": "b"}}, ("data", 0, "enforced_by"), "job: NAME"),
        ({"enforced_by": {"sql": "a.*"}}, ("data", 0, "enforced_by", "sql"), "SQL function"),
        ({"export": {"function": "gdpr"}}, ("data", 0, "export"), "function: and action:"),
        ({"erase": {"function": "a/b", "action": "c"}}, ("data", 0, "erase", "function"), "name"),
        ({"subject": "a.b"}, ("data", 0, "subject"), "same table"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(
    more: dict[str, Any], path: tuple[str | int, ...], says: str
) -> None:
    ((where, sentence),) = faults(tree(**more))
    assert where == path
    assert says in sentence


def test_another_tree_is_refused_and_never_breaks() -> None:
    others: tuple[Any, ...] = (
        None,
        [],
        "x",
        {"version": 1, "data": "x"},
        {"version": 1, "data": [None, 3]},
    )
    for told in others:
        assert faults(told)
    assert faults({"version": 1, "not_personal": [{"column": "a.b.c"}]}) == [
        (("not_personal", 0), "the key reason is missing")
    ]


def test_one_column_is_told_of_once() -> None:
    told = tree() | {"not_personal": [{"column": "public.agents.email", "reason": "a robot's"}]}
    assert faults(told) == [
        (
            ("not_personal", 0, "column"),
            "public.agents.email was told already at data[0]; keep one",
        )
    ]


def test_the_most_precise_word_counts() -> None:
    one = entry("public.agents.email")
    told = declaring(one, not_personal=("public.agents.*", "public.*.*"))
    assert told.of(Place("public", "agents", "email")) == one
    other = told.of(Place("public", "agents", "name"))
    assert isinstance(other, NotPersonal)
    assert other.columns == pattern("public.agents.*")
    assert told.of(Place("auth", "users", "email")) is None
