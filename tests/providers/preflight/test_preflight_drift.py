"""Is drift between ledger and catalog found on a real PostgreSQL, and never where there is none?"""

import random

import psycopg
import pytest

from fairlead.migrations.file import read_all
from fairlead.migrations.finding import Severity
from fairlead.migrations.preflight import judge
from fairlead.migrations.preflight.looked import Check
from fairlead.providers.databases.address import read
from fairlead.providers.databases.migrations import PostgresMigrations, Terms
from fairlead.providers.databases.preflight import look
from providers.preflight_stand import findings, run

FILES = {
    "20260101000000_first.sql": (
        'create schema app; create table "Orders" ("a.b" int, note text);'
        'create table app."a.b" (x int primary key);'
        "create table days (day date) partition by range (day);"
        "create table days_26 partition of days for values from ('2026-01-01') to ('2027-01-01');"
        "create table old (id int); create index by_day on days (day);"
        'create index by_note on "Orders" (note)'
    ),
    "20260102000000_second.sql": (
        'drop table old; alter table "Orders" rename note to text; create table if not exists '
        "days (other int); do $$ begin create table unseen (id int); end $$"
    ),
}


def migrate(url: str, files: dict[str, str]) -> None:
    terms = Terms(contract=True)
    known = read_all({name: sql.encode() for name, sql in files.items()})
    assert PostgresMigrations(url).migrate(known, terms, lambda _: None).failed == ""


def drift(url: str) -> dict[str, str]:
    return {one.place: one.sentence for one in findings(url, Check.DRIFT)}


def test_what_the_files_made_is_no_drift_whatever_else_there_is(url: str) -> None:
    assert drift(url) == {}
    migrate(url, FILES)
    run(url, "create table of_somebody_else (id int)")
    assert drift(url) == {}


@pytest.mark.parametrize(
    ("by_hand", "places"),
    [
        ('drop table "Orders"', {'"Orders"'}),
        ('alter table "Orders" drop "a.b"', {'"Orders"."a.b"'}),
        ('alter table "Orders" rename text to note', {'"Orders".text', '"Orders".note'}),
        ('alter table app."a.b" set schema public', {'app."a.b"'}),
        ("drop index by_day", {"by_day"}),
        ("drop table days", {"days", "days_26", "by_day"}),
        ("create table old (id int)", {"old"}),
        ("create table app.old (id int)", set()),
        ("alter table days detach partition days_26", set()),
    ],
)
def test_what_was_done_by_hand_is_found_with_the_file_it_differs_from(
    url: str, by_hand: str, places: set[str]
) -> None:
    migrate(url, FILES)
    run(url, by_hand)
    found = drift(url)
    assert found.keys() == places
    for sentence in found.values():
        assert "20260101000000_first.sql" in sentence or "20260102000000_second.sql" in sentence


def test_a_locked_table_is_looked_up_without_waiting(url: str) -> None:
    migrate(url, FILES)
    with psycopg.connect(url) as holder:
        holder.execute('LOCK TABLE "Orders", days')
        assert drift(url) == {}


def test_a_ledger_that_may_not_be_read_is_unknown(url: str) -> None:
    migrate(url, FILES)
    run(url, "drop role if exists nobody_much", "create role nobody_much login")
    name = "nobody_much@"
    (one,) = findings(url.replace("postgres@", name, 1), Check.DRIFT)
    assert one.severity is Severity.UNKNOWN
    assert "permission denied" in one.sentence


def test_files_that_the_folder_lacks_are_told(url: str) -> None:
    migrate(url, FILES)
    name = "20260102000000_second.sql"
    only = read_all({name: FILES[name].encode()})
    found = judge.findings(look(read(url), (), only))
    (one,) = [each for each in found if each.check is Check.DRIFT]
    assert one.place == "20260101000000_first.sql"


TABLES, COLUMNS, INDEXES = ("a", "B", "app.c", "p", "v"), ("x", "y", "Z"), ("i", "J")
FORMS = (
    "create table {t} ({c} int, {d} text)", "create table if not exists {t} ({c} int)",
    "create table {t} as select 1 as {c}", "create table {t} (like {u} including all)",
    "create table {t} ({c} int references {u} ({d}), {d} int unique)",
    "create table {t} ({c} int) partition by list ({c})",
    "create table {t} partition of {u} default", "create table {t} () inherits ({u})",
    "create temp table {l} ({c} int)", "create table {t} (q {u})",
    "drop table {t}", "drop table if exists {t}, {u} cascade", "drop table {t} cascade",
    "alter table {t} add {c} int", "alter table {t} add column if not exists {c} int",
    "alter table {t} add {c} {u}", "alter table if exists {t} add {c} int, drop {d}",
    "alter table {t} add {c} int generated always as ({d}::int + 1) stored",
    "alter table {t} drop {c}", "alter table {t} drop column if exists {c} cascade",
    "alter table {t} rename to {l}", "alter table {t} rename {c} to {d}",
    "alter table {t} attach partition {u} default", "alter table {t} detach partition {u}",
    "alter table {t} inherit {u}", "alter table {t} no inherit {u}",
    "alter table {t} set schema app", "alter table {t} set schema public",
    "alter table {t} add constraint k unique using index {i}",
    "alter table {t} add constraint {i} unique ({c})", "alter table {t} drop constraint k cascade",
    "alter table {i} rename to {j}", "alter index {i} rename to {j}",
    "create index {i} on {t} ({c})", "create unique index if not exists {i} on {t} ({c}, {d})",
    "create index on {t} ({c})", "create index {i} on {t} (({c} + 1)) where {d} is not null",
    "drop index {i}", "drop index if exists app.{i} cascade", "drop index {t}_{c}_idx",
    "create view {t} as select * from {u}", "create materialized view {t} as select * from {u}",
    "drop view {t} cascade", "drop materialized view {t}", "select 1 as {c} into {t}",
    "set search_path = app, public", "reset search_path", "drop schema app cascade",
    "create schema if not exists app", "alter schema app rename to old",
    "do $$ begin drop table {t}; end $$", "do $$ begin alter table {t} rename to {l}; end $$",
    "do $$ begin execute 'drop table ' || '{t}' || ' cascade'; end $$",
    "do $$ begin execute format('alter table %s rename to z', '{t}'); end $$",
    "create or replace function f() returns void as $$ drop table if exists {t} $$ language sql",
    "create or replace function f() returns int language plpgsql as "
    "$$ begin alter table {t} drop column {c}; return 1; end $$",
    "drop function f", "select f()", "insert into {t} select f()",
    "do $$ begin perform f(); end $$",
    "create or replace procedure g() language plpgsql as $$ begin perform f(); end $$", "call g()",
    "create type {t} as (x int)", "drop type {t} cascade", "drop owned by current_user",
)  # fmt: skip


def quoted(name: str) -> str:
    return ".".join(f'"{part}"' if part != part.lower() else part for part in name.split("."))


def a_statement(chance: random.Random) -> str:
    t, u = (quoted(chance.choice(TABLES)) for _ in "tu")
    c, d = (quoted(name) for name in chance.sample(COLUMNS, 2))
    i, j = (quoted(name) for name in chance.sample(INDEXES, 2))
    last = quoted(chance.choice(TABLES).rpartition(".")[2])
    return chance.choice(FORMS).format(t=t, u=u, c=c, d=d, i=i, j=j, l=last)


@pytest.mark.parametrize("seed", range(12))
def test_nothing_that_statements_did_is_ever_taken_for_drift(url: str, seed: int) -> None:
    chance = random.Random(seed)
    applied: list[str] = []
    with psycopg.connect(url, autocommit=True) as session:
        session.execute("create schema app; create schema supabase_migrations")
        session.execute(
            "create table supabase_migrations.schema_migrations "
            "(version text primary key, statements text[], name text)"
        )
        for number in range(1000, 1060):
            statement = a_statement(chance)
            try:
                session.execute(statement)
                session.execute(
                    "insert into supabase_migrations.schema_migrations values (%s, %s, 'f')",
                    [str(number), [statement]],
                )
            except psycopg.Error:
                continue
            applied.append(statement)
            if chance.random() < 0.2:
                assert drift(url) == {}, "; ".join(applied)
    assert drift(url) == {}, "; ".join(applied)
    assert applied
