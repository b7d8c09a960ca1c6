"""Is it known which tables a statement locks, and how?"""

import pytest

from fairlead.migrations.change import Change, classify
from fairlead.migrations.lock import Lock, Reach, locks, taken_together, waits_alone
from fairlead.migrations.lock_mode import LockMode
from fairlead.migrations.statement import split

AE, SRE = LockMode.ACCESS_EXCLUSIVE, LockMode.SHARE_ROW_EXCLUSIVE
SUE = LockMode.SHARE_UPDATE_EXCLUSIVE
ALONE = Reach.TABLE_ALONE
A, B = ("a",), ("b",)


def changes(sql: str) -> list[Change]:
    return [classify(statement) for statement in split(sql)]


@pytest.mark.parametrize(
    ("sql", "wanted"),
    [
        ("alter table a add c int", [Lock(A, AE)]),
        ('alter table if exists only "Or""ders" drop c', [Lock(('Or"ders',), AE, ALONE)]),
        ('alter table public."a.b" add c int', [Lock(("public", "a.b"), AE)]),
        ("alter table a add constraint k foreign key (c) references b",
         [Lock(A, SRE), Lock(B, SRE)]),
        ("alter table a add c int references s.b (d)", [Lock(A, AE), Lock(("s", "b"), SRE)]),
        ("alter table a add foreign key (c) references b not valid", [Lock(A, SRE), Lock(B, SRE)]),
        ("alter table a validate constraint k", [Lock(A, SUE)]),
        ("alter table a set (fillfactor = 50), alter c set statistics 10", [Lock(A, SUE)]),
        ("alter table a set (fillfactor = 50), alter column c set default (1)", [Lock(A, AE)]),
        ("alter table a disable trigger t", [Lock(A, SRE)]),
        ("alter table a enable row level security", [Lock(A, AE)]),
        (
            "alter table a drop constraint if exists k",
            [Lock(A, AE), Lock(A, AE, Reach.REFERENCED_BY, "k")],
        ),
        (
            "alter table a attach partition b for values in (1)",
            [Lock(A, SUE, ALONE), Lock(B, AE)],
        ),
        ("alter table a detach partition b", [Lock(A, AE, ALONE), Lock(B, AE)]),
        ("alter table all in tablespace x set tablespace y", []),
        ("create unique index i on only a (c)", [Lock(A, LockMode.SHARE, ALONE)]),
        ("create index on a (c)", [Lock(A, LockMode.SHARE)]),
        ("create index concurrently i on a (c)", []),
        ("drop index i, s.j", [
            Lock(("i",), AE, Reach.TABLE_OF_INDEX), Lock(("s", "j"), AE, Reach.TABLE_OF_INDEX)
        ]),
        ("create trigger t after update of c on a execute function f()", [Lock(A, SRE)]),
        ("create or replace rule r as on insert to a do nothing", [Lock(A, AE)]),
        ("create policy p on a using (true)", [Lock(A, AE)]),
        ("drop trigger t on a", [Lock(A, AE)]),
        ("create event trigger t on ddl_command_end execute function f()", []),
        ("create table c (d int references a, e int, foreign key (e) references b (x))",
         [Lock(A, SRE), Lock(B, SRE)]),
        ("create table c partition of a for values in (1)", [Lock(A, AE, ALONE)]),
        ("create table c () inherits (a)", [Lock(A, SUE, ALONE)]),
        ("drop table if exists a, b cascade", [
            Lock(A, AE, Reach.TABLE_AND_RELATED), Lock(B, AE, Reach.TABLE_AND_RELATED)
        ]),
        ("truncate only a, b", [Lock(A, AE), Lock(B, AE)]),
        ("do $$ begin alter table a add c int; end $$", []),
        ("update a set c = 1", []),
        ("alter view a rename to b", []),
        ("vacuum a", []),
    ],
)  # fmt: skip
def test_the_locks_of_a_statement_are_known_by_its_words(sql: str, wanted: list[Lock]) -> None:
    assert list(locks(changes(sql)[0])) == wanted


def test_modes_conflict_as_postgresqls_table_says() -> None:
    pairs = {(one, other) for one in LockMode for other in one.conflicts}
    assert pairs == {(other, one) for one, other in pairs}
    assert len(pairs) == 1 + 2 + 4 + 5 + 5 + 6 + 7 + 8
    assert AE.in_pg_locks == "AccessExclusiveLock"


def test_locks_are_taken_together_up_to_a_setting_or_rows() -> None:
    sql = (
        "set search_path = app; alter table a add c int; create index i on b (c);"
        "update a set c = 1; alter table b add d int; do $$ begin end $$; create table e ()"
    )
    runs = [[change.statement.number for change in run] for run in taken_together(changes(sql))]
    assert runs == [[1], [2, 3, 4], [5, 6], [7]]


def test_who_changes_rows_keeps_nobody_queueing() -> None:
    alone = [
        waits_alone(each) for each in changes("delete from a; truncate a; alter table a add c int")
    ]
    assert alone == [True, False, False]
