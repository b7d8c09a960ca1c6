"""What does the report tell, and what never?"""

import json
from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from fairlead.privacy.declaration import Declaration
from fairlead.privacy.failing import Beside
from fairlead.privacy.inventory import Column, Inventory, Policy, Verb
from fairlead.privacy.logged import LogSeen, look
from fairlead.privacy.page import markdown
from fairlead.privacy.report import Deployment, nothing_seen, report
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
    assert (
        "| public.agents.email | to reach them: contract (Art. 6(1)(b)) | 90 days, then removed by "
        "the "
        "SQL function public.forget, run by the trigger each\\_day | exported by the SQL function "
        "public.export\\_one; erased by the SQL function public.erase\\_one | public roles within "
        "row level security (own rows) |"
    ) in markdown(data)


def test_a_report_without_findings_of_an_unknown_database_is_no_pass() -> None:
    assert told(inventory(), declaring())["verdict"] == "unknown"
    failed = told(inventory(table(Column("email", "text")), gaps=("x",)), declaring())
    assert failed["verdict"] == "failed"
    assert "## What is not known\n\n* x" in markdown(failed)


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


def test_what_is_not_there_is_told_beside_what_is_declared() -> None:
    column = Column("email", "text")
    gone = told(inventory(table(column), functions=frozenset(), schedules=()), declaring(entry()))
    page = markdown(gone)
    assert "by the SQL function public.forget, **which nothing runs** |" in page
    assert page.count("**which is not there**") == 2


def test_of_a_database_that_is_gone_the_declared_is_told_and_nothing_is_accused() -> None:
    nothing = Inventory("a database", (), gaps=("it does not answer",), is_read=False)
    beside = Beside(logs=(look("f/score", ["from ana@example.org"]),))
    assert told(nothing, declaring(entry()))["verdict"] == "unknown"
    data = told(nothing, declaring(entry()), beside)
    assert [one["rule"] for one in data["failures"]] == ["logged"]
    assert data["unknown"] == ["it does not answer"]
    page = markdown(data)
    assert "**not known whether it runs** |" in page
    assert page.count("**not known whether it is there**") == 2
    assert "which nothing runs" not in page


def test_a_failure_that_is_left_out_is_told_and_does_not_count() -> None:
    found, declared = inventory(table(Column("email", "text"))), declaring()
    judged = judge(found, declared, Beside())
    of = Deployment("staging", "abc", "it", ((judged.failures[0], "known (ana, until 2027)"),))
    data = report(found, declared, Beside(), judged, of)
    assert data["verdict"] == "passed"
    assert "Left out: known (ana, until 2027)" in markdown(data)
    assert "What is wrong\n" not in markdown(data)
    expired = replace(of, left_out=(), expired=("it expired",))
    assert "* it expired" in markdown(report(found, declared, Beside(), judged, expired))


def test_a_deployment_that_nobody_looked_at_is_unknown() -> None:
    data = nothing_seen(Deployment("development", "abc"), "it has no database")
    assert (data["verdict"], data["sentence"]) == ("unknown", "unknown: it has no database")
    assert markdown(data).startswith("# Personal data in development\n\n**Unknown**: ")


def test_columns_that_are_held_alike_share_a_row_and_every_log_says_how_much_was_read() -> None:
    columns = [Column(name, "text") for name in ("email", "iban", "phone")]
    entries = (entry("public.agents.*"), entry("public.agents.phone", retention="1y"))
    logs = (
        look("f/score", ["from ana@example.org"], 3 * 2**20),
        replace(look("f/score", ["to ana@example.org"]), other_release="abc"),
        LogSeen("f/rank", 0, unknown="it cannot be read"),
    )
    page = markdown(told(inventory(table(*columns)), declaring(*entries), Beside(logs=logs)))
    assert "| public.agents.email, public.agents.iban | to reach them" in page
    assert "| 1 year, then removed" in page
    assert "| the newest 1 lines; 3.0 MB before them were not read | **1 × an e-mail" in page
    assert "| f/score of release abc, which runs beside it and does not count | all 1" in page
    assert "| f/rank | **not known**: it cannot be read | **not known** |" in page
    assert "## Notes" not in page
