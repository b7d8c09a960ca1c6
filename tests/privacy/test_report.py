"""What does the report tell, and what never?"""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from fairlead.privacy.declaration import Declaration
from fairlead.privacy.failing import Beside
from fairlead.privacy.inventory import Column, Inventory, Policy, Verb
from fairlead.privacy.logged import look
from fairlead.privacy.page import markdown
from fairlead.privacy.report import report
from fairlead.privacy.rules import judge
from fairlead.privacy.shape import sample
from privacy.a_database import READ, declaring, entry, inventory, table


def told(found: Inventory, declared: Declaration, beside: Beside = Beside()) -> dict[str, Any]:  # noqa: B008
    return report(found, declared, beside, judge(found, declared, beside))


def test_the_report_tells_what_is_held_why_and_who_guards_it() -> None:
    policy = Policy("own rows", frozenset({Verb.READ}), True, frozenset({"anon"}), "(a = b)")
    column = Column("email", "text", "personal: theirs", frozenset({READ}), sample(["a@b.org"]))
    data = told(inventory(table(column, policies=(policy,))), declaring(entry()))
    assert (data["verdict"], data["failures"], data["unknown"]) == ("passed", [], [])
    (one,) = data["personal"]
    assert one["declared"]["legal_basis"] == "contract (Art. 6(1)(b))"
    assert (one["shape"], one["values_looked_at"]) == ({"an e-mail address": 1}, 1)
    assert (one["granted"], one["reachable"]) == (["anon read"], [])
    assert one["policies"][0]["name"] == "own rows"
    row = "| public.agents.email | to reach them | contract (Art. 6(1)(b)) | 90d |"
    assert row in markdown(data)


def test_a_report_without_findings_of_an_unknown_database_is_no_pass() -> None:
    assert told(inventory(), declaring())["verdict"] == "unknown"
    failed = told(inventory(table(Column("email", "text")), gaps=("x",)), declaring())
    assert failed["verdict"] == "failed"
    assert "## Not known\n\n* x" in markdown(failed)


def test_the_order_of_tables_and_columns_changes_nothing() -> None:
    tables = [table(Column("email", "text"), name=name) for name in ("b", "a")]
    one, other = inventory(*tables), inventory(*reversed(tables))
    assert json.dumps(told(one, declaring())) == json.dumps(told(other, declaring()))


def test_names_can_neither_end_a_line_nor_become_markdown() -> None:
    column = Column("e\nmail | <b>\x1b[2J", "text", "personal: x\n# y")
    text = markdown(told(inventory(table(column, name="a.b")), declaring()))
    assert "\x1b" not in text
    assert r'public."a.b"."e mail \| \<b\> \[2J"' in text


@given(st.lists(st.text("0123456789ABCDEFGHIJ", min_size=10, max_size=20), min_size=1))
def test_no_value_of_a_sample_or_log_is_in_the_report(secrets: list[str]) -> None:
    values = [f"{one}@example.org" for one in secrets] + secrets
    columns = (
        Column("email", "text", sample=sample(values)),
        Column(
            "j", "jsonb", sample=sample((json.dumps({one: one}) for one in values), is_json=True)
        ),
    )
    data = told(inventory(table(*columns)), declaring(), Beside(logs=(look("a.log", values),)))
    both = json.dumps(data) + markdown(data)
    assert [one for one in secrets if one in both] == []
