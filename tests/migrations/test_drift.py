"""What should be there and what not, by the ledger, and is nothing claimed that nobody can know?"""

from itertools import count

import pytest

from fairlead.migrations.file import read_all
from fairlead.migrations.finding import Finding, Severity
from fairlead.migrations.ledger import Applied, Ledger, Step
from fairlead.migrations.preflight import judge
from fairlead.migrations.preflight.expected import Expected, expected
from fairlead.migrations.preflight.looked import Check, Gap, Held, Looked
from migrations.a_database import a_look, a_server


def a_ledger(*files: str) -> Ledger:
    numbers = count(1)
    rows = [Applied(str(next(numbers)), "f", (sql,)) for sql in files]
    return Ledger({row.version: row for row in rows})


def there(*files: str) -> list[str]:
    return sorted(str(one.name) for one in expected(a_ledger(*files)).there)


def gone(*files: str) -> list[str]:
    return sorted(str(one.name) for one in expected(a_ledger(*files)).gone)


ORDERS = "create table orders (id int primary key, note text, check (id > 0))"
INDEX = "create index by_note on orders (note)"


def test_tables_columns_and_indexes_are_expected_with_the_file_that_made_them() -> None:
    wanted = expected(a_ledger(ORDERS, f"{INDEX}; alter table orders add owner text"))
    assert {str(one.name): file for one, file in wanted.there.items()} == {
        "orders": "1_f.sql",
        "orders.id": "1_f.sql",
        "orders.note": "1_f.sql",
        "by_note": "2_f.sql",
        "orders.owner": "2_f.sql",
    }


def test_quoted_names_and_schemas_stay_as_they_are() -> None:
    sql = 'create table "Orders" ("a.b" int, "C" int); create table app."a.b" (x int)'
    assert there(sql) == ['"Orders"', '"Orders"."C"', '"Orders"."a.b"', 'app."a.b"', 'app."a.b".x']


@pytest.mark.parametrize(
    ("later", "left"),
    [
        ("drop table orders", []),
        ("drop table if exists public.orders cascade", []),
        ("alter table orders drop note", ["orders", "orders.id"]),
        ("alter table orders drop column if exists id", ["by_note", "orders", "orders.note"]),
        ("alter table orders drop id cascade", ["orders"]),
        ("drop index by_note", ["orders", "orders.id", "orders.note"]),
        ("drop index concurrently app.by_note", ["orders", "orders.id", "orders.note"]),
        ("alter table orders rename to bills", ["bills"]),
        ("alter table orders rename note to text", ["orders", "orders.id", "orders.text"]),
        ("alter index by_note rename to other", ["orders", "orders.id", "orders.note"]),
        ("alter table by_note rename to other", ["orders", "orders.id", "orders.note"]),
        ("alter table orders set schema app", []),
        ("alter table orders add unique using index by_note",
         ["orders", "orders.id", "orders.note"]),
        ("set search_path = app; drop table orders", []),
        ("do $$ begin drop table \"orders\"; end $$", []),
        ("do $$ begin perform 1; execute 'drop table ' || 'ord' || 'ers'; end $$", []),
        ("do 'begin drop table something cascade; end'", []),
        ("select drop_them('orders')", []),
        ("drop schema app cascade", []),
        ("drop function f() cascade", []),
        ("drop owned by ana", []),
        ("alter schema public rename to old", []),
        ("create function f() returns int as $$ drop table orders $$ language sql; select f()", []),
        ("create function f() returns void language sql begin atomic select 1 from orders; end;"
         "insert into log select f()", []),
        ("rollback", []),
        ('drop table U&"orde\\0072s"', []),
    ],
)  # fmt: skip
def test_later_statements_are_followed_or_what_they_touch_is_expected_no_more(
    later: str, left: list[str]
) -> None:
    assert there(ORDERS, INDEX, later) == left


@pytest.mark.parametrize(
    "later",
    [
        "drop function f()", "insert into orders values (1)", "comment on table orders is 'x'",
        "create policy p on orders", "alter table orders enable row level security",
        "alter table orders add constraint c check (id > 1) not valid", "grant all on orders to a",
        "do $$ begin create type kind as enum ('a'); end $$", "select setval('items_seq', 9)",
        "create view v as select * from orders", "drop view v cascade", "drop table items cascade",
        "create function f() returns int as $$ execute 'drop table orders' $$ language plpgsql",
    ],
)  # fmt: skip
def test_what_changes_nothing_is_no_reason_to_forget(later: str) -> None:
    assert there(ORDERS, INDEX, later) == there(ORDERS, INDEX)


def test_only_what_is_sure_is_expected_of_if_not_exists_and_if_exists() -> None:
    assert there("create table if not exists orders (id int)") == ["orders"]
    assert there(ORDERS, "create table if not exists orders (other int)") == there(ORDERS)
    assert there("alter table if exists orders add a int") == []
    assert there("alter table orders add column if not exists a int") == ["orders.a"]
    assert there("create index if not exists i on orders (id)") == ["i"]
    assert there("create index on orders (id)") == []


def test_columns_of_other_makings_are_not_guessed() -> None:
    assert there("create table a as select 1 as x") == ["a"]
    assert there("create table a (like b, x int)") == ["a", "a.x"]
    assert there("create table a partition of b for values in (1)") == ["a"]
    assert there("create table a (x numeric(3, 2), y int default f(1, 2))") == ["a", "a.x", "a.y"]


def test_partitions_and_heirs_go_with_their_table_and_foreign_keys_do_not() -> None:
    parent = "create table p (id int, day date) partition by range (day)"
    part = "create table p1 partition of p for values from ('2026-01-01') to ('2027-01-01')"
    below = "create table p2 (x int) inherits (p1); create index i on p2 (x)"
    other = "create table o (owner int references p)"
    assert there(parent, part, below, other, "drop table p") == ["o", "o.owner"]
    attached = "create table p3 (id int, day date); alter table p attach partition p3 default"
    assert there(parent, attached, "drop table p") == []
    assert there(parent, attached, "alter table p drop id") == ["p", "p.day"]


def test_what_is_temporary_is_never_expected() -> None:
    assert there("create temp table t (id int); create index i on t (id)") == []
    assert there("select 1 as a into temp t; create index i on t (a); alter table t add b int") == [
    ]  # fmt: skip
    assert gone("create temp table t (id int); drop table t") == []
    assert there("create temp table t (id int); alter table t rename to u; create index i on u (id)"
    ) == []  # fmt: skip
    assert there("create temp table t (id int)", "create table o (x t); alter table o add y t") == [
        "o"
    ]


def test_indexes_on_views_go_with_what_the_views_are_made_of() -> None:
    view = "create materialized view v as select * from orders; create index i on v (id)"
    assert "i" in there(ORDERS, view)
    assert "i" not in there(ORDERS, view, "drop materialized view v")
    assert "i" not in there(ORDERS, view, "drop table orders cascade")


def test_what_was_dropped_or_renamed_should_be_gone() -> None:
    assert gone("drop table orders, app.items") == ["app.items", "orders"]
    assert gone(ORDERS, "alter table orders drop note") == ["orders.note"]
    assert gone(ORDERS, "alter table orders rename to bills") == ["orders"]
    assert gone(ORDERS, "alter table orders rename note to text") == ["orders.note"]
    assert gone(ORDERS, INDEX, "drop index by_note") == ["by_note"]
    assert gone("drop index by_note") == []


@pytest.mark.parametrize(
    "later",
    [
        ORDERS, "create table bills as select 1; alter table bills rename to orders",
        "select 1 into orders", "do $$ begin create table orders (id int); end $$",
        "create view orders as select 1", "do $$ begin execute 'create ' || x; end $$",
    ],
)  # fmt: skip
def test_what_may_have_been_made_again_is_not_expected_to_be_gone(later: str) -> None:
    assert "orders" not in gone("drop table orders", later)


def test_without_a_sure_search_path_only_full_names_are_expected_to_be_gone() -> None:
    for said in ("set search_path = app", "select set_config('search_path', '', false)",
                 "alter role ana set search_path = app"):  # fmt: skip
        assert gone(f"{said}; drop table orders, app.items") == ["app.items"]
    assert gone("alter function f() set search_path = ''; drop table orders") == ["orders"]


def test_of_an_unfinished_file_nothing_is_known() -> None:
    from datetime import UTC, datetime

    when = datetime(2026, 1, 1, tzinfo=UTC)
    ledger = a_ledger(ORDERS)
    begun = Ledger(ledger.applied, {"20260101000000": (Step("20260101000000", 1, "", when, None),)})
    file = read_all({"20260101000000_a.sql": b"alter table orders drop note; drop table items"})
    assert expected(begun) == Expected(unknown=("20260101000000.sql",))
    assert expected(begun, file).there == {}
    unrelated = read_all({"20260101000000_a.sql": b"drop table items"})
    assert expected(begun, unrelated).there == expected(ledger).there


def test_where_the_ledger_kept_no_texts_the_files_tell() -> None:
    row = Applied("20260101000000", "a", None)
    file = read_all({"20260101000000_a.sql": b"create table t (id int)"})
    assert [*expected(Ledger({row.version: row}), file).there.values()] == [file[0].path] * 2
    assert expected(Ledger({row.version: row})) == Expected(unknown=(file[0].path,))
    after = Ledger({**a_ledger(ORDERS).applied, row.version: row})
    assert expected(after).there == {}


@pytest.mark.parametrize("texts", [None, ("create table t (id int)", "select '")])
def test_what_the_ledger_does_not_hold_readably_is_unknown(texts: tuple[str, ...] | None) -> None:
    ledger = Ledger({**a_ledger(ORDERS).applied, "2": Applied("2", "b", texts)})
    (found,) = findings(a_look(expected=expected(ledger), held=()))
    assert (found.severity, found.place) == (Severity.UNKNOWN, "2_b.sql")
    assert "what was applied of 2_b.sql is not known" in found.sentence
    assert "--folder" in found.remedy


@pytest.mark.parametrize(
    "sql",
    ["create index i", "create table", "alter table", "alter table orders rename", "drop table",
     "alter table t rename to", "alter table t rename a", "create index on", "'", "create",
     "alter", "alter table t add", "drop", "alter index", "alter table t rename a to 'b'"],
)  # fmt: skip
def test_what_is_no_sql_is_survived(sql: str) -> None:
    expected(a_ledger(ORDERS, sql, INDEX))


def findings(seen: Looked) -> list[Finding]:
    return [one for one in judge.findings(seen) if one.check is Check.DRIFT]


def compared(ledger: Ledger, *held: Held, path: tuple[str, ...] = ("public",)) -> list[str]:
    seen = a_look(expected=expected(ledger), held=held, server=a_server(search_path=path))
    return [one.place for one in findings(seen)]


TABLE = Held("public", "orders", "r", ("id", "note"))
BY_NOTE = Held("public", "by_note", "i", ())


def test_every_missing_thing_is_named_with_its_file_and_what_to_do() -> None:
    seen = a_look(expected=expected(a_ledger(ORDERS, INDEX)))
    table, index = findings(seen)
    assert (table.place, table.severity) == ("orders", Severity.WARNING)
    assert table.sentence.startswith("the table orders of 1_f.sql is not there, and no later file")
    assert "IF EXISTS" in table.remedy
    assert index.sentence.startswith("the index by_note of 2_f.sql is not there")
    assert judge.in_the_way([table, index]) == ()
    ledger = a_ledger(ORDERS, INDEX)
    assert compared(ledger, TABLE, BY_NOTE) == []
    assert compared(ledger, Held("public", "orders", "r", ("id",)), BY_NOTE) == ["orders.note"]
    assert compared(ledger, TABLE) == ["by_note"]


def test_a_name_without_a_schema_may_be_in_any() -> None:
    ledger = a_ledger(ORDERS)
    assert compared(ledger, Held("app", "orders", "p", ("id", "note"))) == []
    assert compared(a_ledger("create table app.x (id int)"), Held("other", "x", "r", ("id",))) == [
        "app.x"
    ]


def test_a_type_of_that_name_is_enough_for_if_not_exists() -> None:
    ledger = a_ledger("create type orders as (x int)", "create table if not exists orders (y int)")
    assert compared(ledger, Held("public", "orders", "c", ("x",))) == []


def test_what_should_be_gone_is_found_where_the_name_means_it() -> None:
    ledger = a_ledger("drop table orders")
    assert compared(ledger, TABLE) == ["orders"]
    assert compared(ledger) == []
    assert compared(ledger, Held("app", "orders", "r", ())) == []
    assert compared(ledger, TABLE, path=("app", "public")) == []
    assert compared(ledger, Held("public", "orders", "v", ())) == []
    assert compared(a_ledger("alter table orders drop note"), TABLE) == ["orders.note"]


def test_names_are_as_long_as_postgresql_keeps_them() -> None:
    ledger = a_ledger(f"create table {'é' * 40} ({'c' * 70} int)")
    assert expected(ledger).names == ("é" * 31,)
    assert compared(ledger, Held("public", "é" * 31, "r", ("c" * 63,))) == []


def test_files_that_are_gone_are_told_where_a_folder_was_named() -> None:
    ledger = a_ledger("select 1")
    assert expected(ledger).lost == ()
    (one,) = findings(a_look(expected=expected(ledger, ())))
    assert (one.place, "--folder" in one.remedy) == ("1_f.sql", True)


def test_without_a_look_at_the_catalog_nothing_is_missing() -> None:
    gap = Gap(Check.DRIFT, "not allowed", "look as another")
    (one,) = findings(a_look(expected=expected(a_ledger(ORDERS)), gaps=(gap,)))
    assert one.severity is Severity.UNKNOWN
