"""Is it known what is pending, what stands in the way, and what may go before the release?"""

from datetime import UTC, datetime

import pytest

from fairlead.migrations.change import Does, Phase, classify
from fairlead.migrations.file import read_all
from fairlead.migrations.ledger import Applied, Ledger, Step
from fairlead.migrations.order import Plan, plan
from fairlead.migrations.relation import Name
from fairlead.migrations.statement import split

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
LIVE = frozenset({Name(("orders",)), Name(("Big",)), Name(("app", "items"))})


def planned(files: dict[str, str], ledger: Ledger | None = None) -> Plan:
    return plan(read_all({n: sql.encode() for n, sql in files.items()}), ledger or Ledger())


def applied(*rows: tuple[str, str, tuple[str, ...] | None]) -> dict[str, Applied]:
    return {version: Applied(version, name, texts) for version, name, texts in rows}


@pytest.mark.parametrize(
    ("sql", "does"),
    [
        ("create table a (b int)", [Does.CREATE]),
        ("alter table only a add b int, add column if not exists c int", [Does.ADD_COLUMN] * 2),
        ("alter table a add constraint c check (b > 0) not valid", [Does.ADD_CONSTRAINT_NOT_VALID]),
        ("alter table a add check (b in (1, 2))", [Does.ADD_CONSTRAINT]),
        ("alter table a validate constraint c", [Does.VALIDATE]),
        ("create unique index if not exists i on a (b)", [Does.INDEX]),
        ("create index concurrently i on a (b)", [Does.INDEX_CONCURRENTLY]),
        ("drop index concurrently if exists i", [Does.DROP_INDEX_CONCURRENTLY]),
        ("drop table a, b cascade", [Does.DROP, Does.DROP]),
        ("alter table a drop column b", [Does.DROP]),
        ("alter table a rename column b to c", [Does.RENAME]),
        ("alter table a alter column b type bigint using b::bigint", [Does.CHANGE_TYPE]),
        ("alter table a alter b set data type bigint", [Does.CHANGE_TYPE]),
        ("alter table a alter b set not null", [Does.SET_NOT_NULL]),
        ("alter table a alter b set default 1", [Does.OTHER]),
        ("alter table a enable row level security", [Does.TAKE_RIGHTS]),
        ("update a set b = 1", [Does.CHANGE_ROWS]),
        ("delete from a", [Does.REMOVE_ROWS]),
        ("set lock_timeout = '2s'", [Does.SETTING]),
        ("comment on table a is 'drop table a'", [Does.COMMENT]),
        ("vacuum a", [Does.VACUUM]),
        ("do $$ begin drop table a; end $$", [Does.OTHER]),
    ],
)
def test_a_statement_is_known_by_what_it_does(sql: str, does: list[Does]) -> None:
    assert [act.does for act in classify(split(sql)[0]).acts] == does


@pytest.mark.parametrize(
    ("sql", "names"),
    [
        ('alter table public."a.b" add c int', ['"a.b"']),
        ("create index i on only App.Items (x)", ["app.items"]),
        ("create table a (b int references c (d))", ["a", "c"]),
        ("update a set b = (select max(x) from y) from c", ["a", "c"]),
        ('drop table "Big", small', ['"Big"', "small"]),
        ("delete from a using b where extract(year from b.d) = 1", ["a", "b"]),
    ],
)
def test_relations_are_named_as_the_server_knows_them(sql: str, names: list[str]) -> None:
    assert [str(name) for name in classify(split(sql)[0]).relations] == names


@pytest.mark.parametrize(
    ("sql", "phase"),
    [
        ("alter table orders add note text", Phase.EXPAND),
        ("alter table orders drop note", Phase.CONTRACT),
        ("alter table public.Orders rename to old", Phase.CONTRACT),
        ('drop table "Big"', Phase.CONTRACT),
        ("drop table new; create table new (a int)", Phase.EXPAND),
        ("drop table orders; create table orders (a int)", Phase.CONTRACT),
        ("create table new (a int); alter table new alter a set not null", Phase.EXPAND),
        ("create table new (a int); alter table new enable row level security", Phase.EXPAND),
        ("alter table app.items enable row level security", Phase.CONTRACT),
        ("drop policy p on orders; create policy p on orders using (true)", Phase.EXPAND),
        ("drop policy p on orders", Phase.CONTRACT),
        ("drop function f(int); create function f(a bigint) returns int return 1", Phase.EXPAND),
        ("drop type t", Phase.CONTRACT),
        ("revoke select on orders from public", Phase.CONTRACT),
        ("create table new (a int); revoke all on new from public", Phase.EXPAND),
        (
            "create function f() returns int return 1; revoke all on function f() from public",
            Phase.EXPAND,
        ),
        ("delete from orders using a where a.b", Phase.CONTRACT),
        ("truncate table a, orders", Phase.CONTRACT),
        ("insert into orders select 1", Phase.EXPAND),
    ],
)
def test_what_a_running_release_may_need_goes_after_it(sql: str, phase: Phase) -> None:
    todo = planned({"1_a.sql": sql}, Ledger(relations=LIVE))
    expected = "put the contracting part" if "create table orders" in sql else ""
    assert todo.pending[0].phase is phase
    assert all(expected and expected in problem for problem in todo.problems)


def test_expanding_and_contracting_what_is_there_do_not_go_together() -> None:
    sql = "alter table orders add b int;\nalter table orders drop a"
    (problem,) = planned({"1_a.sql": sql}, Ledger(relations=LIVE)).problems
    assert problem.startswith("1_a.sql: line 1 expands (alter table orders add b int), line 2 ")
    apart = {"1_a.sql": "alter table orders add b int", "2_b.sql": "alter table orders drop a"}
    assert planned(apart, Ledger(relations=LIVE)).problems == ()


def test_only_what_the_ledger_does_not_know_is_pending() -> None:
    files = {"1_a.sql": "select 1;", "2_b.sql": "select 2", "3_c.sql": "select 3"}
    # As the Supabase CLI and `migration repair` keep it.
    rows = applied(("1", "a", ("-- why\nselect  1",)), ("2", "b", None))
    todo = planned(files, Ledger(rows))
    assert [one.file.path for one in todo.pending] == ["3_c.sql"]
    assert todo.problems == ()
    (unknown,) = todo.unknown
    assert unknown.startswith("unknown: the ledger does not hold readably what was applied of 2_b")


def test_a_file_that_takes_back_is_no_migration_that_was_applied() -> None:
    rows = applied(("1", "a.down", ("drop table a",)))
    todo = planned({"1_a.sql": "create table a (id int)"}, Ledger(rows))
    (problem,) = todo.problems
    assert problem.startswith("1_a.down.sql was run as a migration, as `supabase db push` does")
    assert "supabase migration repair --status reverted 1`" in problem
    assert todo.unknown == ()


def test_texts_that_cannot_be_read_are_unknown_and_counted() -> None:
    files = {f"{number}_a.sql": "select 1" for number in range(1, 6)}
    rows = applied(*((str(number), "a", ("select '",)) for number in range(1, 6)))
    todo = planned(files, Ledger(rows))
    assert todo.problems == ()
    assert "of 1_a.sql, 2_a.sql, 3_a.sql and 2 more, so" in todo.unknown[0]


def test_each_quarrel_with_the_ledger_has_its_own_sentence() -> None:
    files = {"1_a.sql": "select 1", "3_c.sql": "select 3"}
    rows = applied(("2", "b", None), ("3", "c", ("select 4",)))
    missing, edited, late = planned(files, Ledger(rows)).problems
    assert missing.startswith("2_b.sql was applied to this database but is not in the folder: ")
    assert edited.startswith("3_c.sql was changed after it was applied to this database: ")
    assert late.startswith("1_a.sql is older than 3, which was applied already: ")


def step(number: int, sql: str, *, ended: bool) -> Step:
    return Step("1", number, split(sql)[0].checksum, NOW, NOW if ended else None)


def test_a_begun_file_may_only_change_where_it_was_not_begun() -> None:
    sql = "select 1; create index concurrently i on orders (a); select 3"
    steps = (step(1, "select 1", ended=True), step(2, "select 2", ended=False))
    (problem,) = planned({"1_a.sql": sql}, Ledger(steps={"1": steps})).problems
    assert problem.startswith("1_a.sql: statement 2 was begun by an interrupted run and is another")
    todo = planned({"1_a.sql": sql}, Ledger(steps={"1": steps[:1]}))
    assert (todo.problems, todo.pending[0].done) == ((), 1)


@pytest.mark.parametrize(
    "sql", ["set local a.b = 1", "set role somebody", "set session authorization somebody"]
)
def test_a_setting_that_would_be_lost_is_refused(sql: str) -> None:
    (problem,) = planned({"1_a.sql": f"{sql}; vacuum orders"}).problems
    assert problem.startswith(
        f"1_a.sql:1: {' '.join(sql.upper().split()[:2])} in a file that goes "
    )
    assert planned({"1_a.sql": sql}).problems == ()


def test_no_password_is_told() -> None:
    statement = split("create role a login password 'secret'")[0]
    assert statement.opening == "create role a login password '********'"
