"""What is a failure of privacy, and what is none?"""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairlead.gates.personal_data import scan
from fairlead.privacy.declaration import Declaration, EdgeAction, Job, NotPersonal, SqlFunction
from fairlead.privacy.failing import Beside, Rule
from fairlead.privacy.inventory import (
    PG_CRON,
    TRIGGER,
    Column,
    Holding,
    Inventory,
    Policy,
    Schedule,
    Verb,
)
from fairlead.privacy.logged import look
from fairlead.privacy.place import Place, pattern
from fairlead.privacy.rules import Judged, judge
from privacy.a_database import READ, declaring, entry, inventory, table

EMAIL = Column("email", "text")
OPEN = Column("email", "text", granted=frozenset({READ}))
NOTHING = Beside()
DECLARED = declaring(entry())
FORGETS = SqlFunction("public", "forget")


def rules(
    found: Inventory, declared: Declaration = DECLARED, beside: Beside = NOTHING
) -> list[Rule]:
    return [one.rule for one in judge(found, declared, beside).failures]


def policy(using: str | None, **more: bool) -> Policy:
    return Policy(
        "p", frozenset({Verb.READ}), more.get("permissive", True), frozenset({"anon"}), using
    )


def test_what_is_declared_guarded_and_there_passes() -> None:
    judged = judge(inventory(table(EMAIL)), DECLARED, NOTHING)
    assert judged == Judged((), (), ())
    assert judged.passed
    assert scan(judged).is_clean


def test_personal_data_undeclared_fails_with_its_reason() -> None:
    (found,) = judge(inventory(table(EMAIL)), declaring(), NOTHING).failures
    assert found.rule is Rule.UNDECLARED
    assert found.sentence == (
        "public.agents.email looks like personal data (an e-mail address: its name says email), "
        "and privacy.yaml does not tell of it"
    )
    (told,) = scan(Judged((found,), (), ())).findings
    assert (told.rule, told.subject, told.severity.level) == ("undeclared", found.place, "error")


def test_what_is_told_not_to_be_personal_is_believed() -> None:
    declared = declaring(not_personal=("public.agents.*",))
    assert rules(inventory(table(OPEN, rls=False)), declared) == []


@pytest.mark.parametrize(
    ("policies", "is_open"),
    [
        ((), False),
        ((policy("true"),), True),
        ((policy("(1 = 1)"),), True),
        ((policy(None),), False),
        ((policy("(email = me())"),), False),
        ((policy("true"), policy("(email = me())", permissive=False)), False),
        ((policy("true"), policy("true", permissive=False)), True),
    ],
)
def test_a_policy_guards_unless_it_is_plainly_true(
    policies: tuple[Policy, ...], is_open: bool
) -> None:
    found = rules(inventory(table(OPEN, policies=policies)))
    assert found == ([Rule.REACHABLE] if is_open else [])


def test_without_row_level_security_a_grant_is_enough() -> None:
    assert rules(inventory(table(OPEN, rls=False))) == [Rule.REACHABLE]
    assert rules(inventory(table(EMAIL, rls=False))) == []
    exempt = table(OPEN, exempt=frozenset({"anon"}))
    assert rules(inventory(exempt)) == [Rule.REACHABLE]


def test_a_policy_for_another_role_or_verb_opens_nothing() -> None:
    change = Column("email", "text", granted=frozenset({("authenticated", Verb.CHANGE)}))
    assert rules(inventory(table(change, policies=(policy("true"),)))) == []


def test_a_partition_is_declared_with_its_table_and_guarded_by_itself() -> None:
    root = table(EMAIL, holding=Holding.PARTITIONED)
    part = table(OPEN, name="agents_1", root=("public", "agents"), rls=False)
    (found,) = judge(inventory(root, part), DECLARED, NOTHING).failures
    assert (found.rule, found.place) == (Rule.REACHABLE, "public.agents_1.email")


def test_a_view_of_personal_data_is_no_way_around() -> None:
    at = frozenset({Place("public", "agents", "email")})
    view = table(replace(OPEN, name="x"), name="v", holding=Holding.VIEW, rls=False, reads=at)
    over = replace(view, name="w", reads=frozenset({Place("public", "v", "x")}))
    guarded = table(EMAIL)
    found = judge(inventory(guarded, over, view), DECLARED, NOTHING).failures
    assert [one.place for one in found] == ["public.v", "public.w"]
    assert rules(inventory(guarded, replace(view, as_caller=True))) == []
    assert rules(inventory(guarded, replace(view, reads=frozenset()))) == []
    kept = replace(view, holding=Holding.MATERIALISED)
    assert rules(inventory(guarded, kept)) == [Rule.REACHABLE]
    allowed = declaring(entry(), not_personal=("public.v.*",))
    assert rules(inventory(guarded, view), allowed) == []


def test_retention_counts_when_something_runs_it() -> None:
    def of(*schedules: Schedule, by: SqlFunction | Job = FORGETS) -> list[Rule]:
        declared = declaring(entry(enforced_by=by))
        return rules(inventory(table(EMAIL), schedules=schedules), declared)

    assert of() == [Rule.RETENTION]
    assert of(Schedule(TRIGGER, "t", "unforget()")) == [Rule.RETENTION]
    assert of(Schedule(TRIGGER, "t", "", ("other", "forget"))) == [Rule.RETENTION]
    assert of(Schedule(TRIGGER, "t", "", ("public", "forget"))) == []
    assert of(Schedule(PG_CRON, "j", 'SELECT public."forget" ()')) == []
    assert of(Schedule(PG_CRON, "j", "..."), by=Job("j")) == []
    assert of(Schedule(TRIGGER, "j", "..."), by=Job("j")) == [Rule.RETENTION]
    assert of(Schedule(TRIGGER, "t", "gone()"), by=SqlFunction("public", "gone")) == [
        Rule.RETENTION
    ]


def test_jobs_that_nobody_could_see_are_unknown_and_no_failure() -> None:
    found = inventory(table(EMAIL), schedules=(), jobs_known=False)
    judged = judge(found, DECLARED, NOTHING)
    assert judged.failures == ()
    assert "retention of public.agents.email is not known" in judged.unknown[0]
    assert scan(judged).unknown


def test_a_way_to_export_and_erase_must_exist() -> None:
    declared = declaring(
        entry(export=EdgeAction("gdpr", "export_mine"), erase=SqlFunction("public", "no"))
    )
    found = inventory(table(EMAIL))

    def of(source: str) -> list[Rule]:
        return rules(found, declared, Beside({"gdpr": source}))

    assert of("actions = { export_mine }") == [Rule.ERASURE]
    assert of("// export_mine\n/* export_mine */ not_export_mine") == [Rule.EXPORT, Rule.ERASURE]
    assert rules(found, declared, Beside({})) == [Rule.EXPORT, Rule.ERASURE]
    assert "nobody said where" in judge(found, declared, NOTHING).unknown[0]


def test_a_subject_must_be_a_column_of_the_table() -> None:
    assert rules(inventory(table(EMAIL)), declaring(entry(subject="user_id"))) == [Rule.SUBJECT]


def test_an_entry_for_what_is_gone_is_told_and_fails_nothing() -> None:
    declared = declaring(entry(), entry("public.gone.email"), not_personal=("old.*.*",))
    judged = judge(inventory(table(EMAIL)), declared, NOTHING)
    assert [one.place for one in judged.notes] == ["old.*.*", "public.gone.email"]
    assert judged.passed


def test_a_log_with_personal_data_fails_without_the_value() -> None:
    log = look("slot.log", ["GET /?to=ana@example.org", "to ana@example.org"])
    (found,) = judge(inventory(table(EMAIL)), DECLARED, Beside(logs=(log,))).failures
    assert found.rule is Rule.LOGGED
    assert found.sentence == (
        "the log slot.log holds an e-mail address, 2 times in its last 2 lines, first in line 1 "
        "of them"
    )


def test_what_could_not_be_read_is_never_a_pass() -> None:
    assert not judge(inventory(table(EMAIL), gaps=("locked",)), DECLARED, NOTHING).passed
    assert "no table at all" in judge(inventory(), declaring(), NOTHING).unknown[0]


PATTERNS = st.sampled_from(
    ["public.agents.email", "public.agents.*", "public.*.*", "public.people.*", "a.b.c"]
)
TABLES = st.lists(
    st.builds(
        lambda schema, name, columns: table(
            *(Column(one, "text") for one in sorted(columns)), schema=schema, name=name
        ),
        st.sampled_from(["public", "a"]),
        st.sampled_from(["agents", "people", "b"]),
        st.sets(st.sampled_from(["email", "phone", "c", "id", "vorname"])),
    ),
    max_size=3,
)


@given(TABLES, st.sets(PATTERNS), st.sets(PATTERNS), st.booleans())
def test_declaring_more_never_adds_what_is_undeclared(
    tables: list[object], some: set[str], more: set[str], personal: bool
) -> None:
    def undeclared(patterns: set[str]) -> set[str]:
        entries = tuple(entry(one) for one in sorted(patterns)) if personal else ()
        others = (
            () if personal else tuple(NotPersonal(pattern(one), "") for one in sorted(patterns))
        )
        judged = judge(inventory(*tables), Declaration(entries, others), NOTHING)  # type: ignore[arg-type]
        return {one.place for one in judged.failures if one.rule is Rule.UNDECLARED}

    assert undeclared(some | more) <= undeclared(some)
