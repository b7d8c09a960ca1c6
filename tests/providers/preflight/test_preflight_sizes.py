"""How large is what is there? Right for every name, and without waiting for a lock."""

from collections.abc import Callable

import psycopg
import pytest
from psycopg.rows import dict_row

from fairlead.errors import NotFound
from fairlead.migrations.finding import Severity
from fairlead.migrations.preflight import judge
from fairlead.migrations.preflight.looked import Check
from fairlead.providers.databases import preflight_queries
from providers.preflight_stand import Session, looked, run, size_of, sizes, waiting


def test_names_are_quoted_and_sized_as_they_are_in_every_schema(url: str) -> None:
    tables = ('public."Orders"', 'public."a.b"', '"x.y"."a,b ""c"""', 'public."select"')
    run(url, 'CREATE SCHEMA "x.y"')
    for table in tables:
        run(
            url,
            f"CREATE TABLE {table} (id int PRIMARY KEY, note text)",
            f"INSERT INTO {table} SELECT i, repeat('x', 3000) FROM generate_series(1, 50) i",
        )
    run(url, 'CREATE MATERIALIZED VIEW "x.y"."V" AS SELECT * FROM "Orders"', "ANALYZE")
    found = sizes(looked(url))
    assert set(found) == {*tables, '"x.y"."V"'}
    for table in found:
        assert found[table].size.bytes == size_of(url, table)
        assert found[table].size.exact


def test_partitions_are_summed_to_their_parents_on_every_level(url: str) -> None:
    run(
        url,
        "CREATE TABLE e (id int, y int) PARTITION BY LIST (y)",
        "CREATE TABLE e1 PARTITION OF e FOR VALUES IN (1) PARTITION BY RANGE (id)",
        "CREATE TABLE e1a PARTITION OF e1 FOR VALUES FROM (0) TO (5000)",
        "CREATE TABLE e2 PARTITION OF e FOR VALUES IN (2)",
        "CREATE INDEX ON e (id)",
        "INSERT INTO e SELECT i % 5000, 1 + i % 2 FROM generate_series(1, 20000) i",
        # Else autovacuum may, between the two looks.
        "VACUUM e",
    )
    found = sizes(looked(url))
    assert found["public.e1"].size.bytes == size_of(url, "e1a")
    assert found["public.e"].size.bytes == size_of(url, "e1a", "e2") > 0
    assert found["public.e1a"].relation.parent == found["public.e1"].relation.oid


def test_the_tables_named_bring_their_partitions(url: str) -> None:
    run(
        url,
        "CREATE TABLE e (y int) PARTITION BY LIST (y)",
        "CREATE TABLE e1 PARTITION OF e FOR VALUES IN (1)",
        'CREATE TABLE other (id int); CREATE TABLE "a.b" (id int)',
    )
    seen = looked(url, 'E, public."a.b"')
    assert {seen.place(oid) for oid in seen.changed or ()} == {
        "public.e",
        "public.e1",
        'public."a.b"',
    }
    with pytest.raises(NotFound, match=r'public\."a\.b"'):
        looked(url, "a.b")


@pytest.mark.parametrize(
    "lock",
    [
        'LOCK TABLE "Orders"',
        'REINDEX INDEX "Orders_pkey"',
        'ALTER TABLE "Orders" ALTER note SET STORAGE MAIN; TRUNCATE "Orders"',
    ],
)
def test_a_table_locked_exclusively_is_estimated_and_not_waited_for(
    url: str, session: Callable[[], Session], lock: str
) -> None:
    run(
        url,
        'CREATE TABLE "Orders" (id int PRIMARY KEY, note text); CREATE TABLE free (id int)',
        "INSERT INTO \"Orders\" SELECT i, repeat('x', 500) FROM generate_series(1, 5000) i",
    )
    run(url, "VACUUM ANALYZE")
    before = size_of(url, '"Orders"')
    session().execute(lock)
    found = sizes(looked(url))
    assert not found['public."Orders"'].size.exact
    assert found['public."Orders"'].size.bytes == pytest.approx(before, rel=0.05, abs=65536)
    assert found["public.free"].size.exact


def test_nobody_is_waited_for_behind_a_lock_that_is_only_asked_for(
    url: str, session: Callable[[], Session]
) -> None:
    run(url, "CREATE TABLE t (id int); INSERT INTO t VALUES (1)")
    session().execute("SELECT * FROM t")
    with waiting(url, "ALTER TABLE t ADD x int"):
        found = looked(url)
    assert sizes(found)["public.t"].size.bytes is None
    unknown = [one for one in judge.findings(found) if one.check == Check.SIZES]
    assert [(one.severity, one.place) for one in unknown] == [(Severity.UNKNOWN, "public.t")]


def test_the_estimates_that_stand_in_are_near_the_sizes_when_analysed(url: str) -> None:
    run(
        url,
        "CREATE TABLE t (id int PRIMARY KEY, note text)",
        "INSERT INTO t SELECT i, repeat('x', 500) FROM generate_series(1, 5000) i",
        "VACUUM ANALYZE t",
        "CREATE TABLE unknown (id int); CREATE TABLE e (y int) PARTITION BY LIST (y)",
    )
    with psycopg.connect(url, row_factory=dict_row) as connection:
        found = connection.execute(preflight_queries.ESTIMATES).fetchall()
    assert sorted(row["exact"] for row in found) == [False, False, True]
    sized = sorted(row["bytes"] or 0 for row in found)
    assert sized[:2] == [0, 0]
    assert sized[2] == pytest.approx(size_of(url, "t"), rel=0.05)
    assert [row["bytes"] for row in found].count(None) == 1
