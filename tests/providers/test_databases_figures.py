"""What does a live database tell of its use, in time, without waiting and without its secrets?"""

import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from fairlead.analysis import database_use as use
from fairlead.analysis.database_use import Part, Unseen
from fairlead.errors import NotFound, Refused, Temporary
from fairlead.providers.databases import figures, figures_queries
from fairlead.providers.databases.figures import DatabaseFigures
from fairlead.providers.secrets.files import SecretFiles
from providers.migrations_stand import a_database, a_server, ask
from providers.preflight_stand import waiting

DEBIAN = Path("/usr/lib/postgresql/15/bin")


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with a_server() as url:
        ask(url, "CREATE ROLE ana LOGIN")
        yield url


@pytest.fixture
def database(server: str) -> str:
    return a_database(server)


@pytest.fixture
def secrets(tmp_path: Path) -> SecretFiles:
    return SecretFiles(tmp_path / "secrets")


def look(secrets: SecretFiles, url: str, *parts: Part) -> list[Any]:
    """Look at a database, in time."""
    secrets.put("shop", url)
    began = time.monotonic()
    seen = DatabaseFigures(secrets).look("shop", parts)
    assert time.monotonic() - began < 5
    assert [*seen] == [*parts]
    return [*seen.values()]


def test_sessions_are_counted_by_what_they_do(secrets: SecretFiles, database: str) -> None:
    with psycopg.connect(database) as idle, psycopg.connect(database, autocommit=True):
        idle.execute("SELECT 1")
        (seen,) = look(secrets, database, Part.CONNECTIONS)
    assert isinstance(seen, use.Connections)
    assert (seen.used, seen.here, seen.hidden, seen.database_most) == (2, 2, 0, None)
    assert seen.states == {"idle": 1, "idle in transaction": 1}
    assert seen.most > seen.reserved >= 3
    assert seen.longest_transaction_s is not None
    assert seen.longest_idle_in_transaction_s is not None
    assert 0 < seen.longest_idle_in_transaction_s <= seen.longest_transaction_s < 60


def test_tables_are_told_with_their_partitions_and_the_largest_first(
    secrets: SecretFiles, database: str
) -> None:
    ask(
        database,
        "CREATE TABLE \"Orders\" AS SELECT i, repeat('x', 100) FROM generate_series(1, 20000) i; "
        "CREATE TABLE small (a int); "
        "CREATE TABLE p (a int) PARTITION BY LIST (a); "
        "CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1); "
        "CREATE TABLE p2 PARTITION OF p FOR VALUES IN (2); "
        "INSERT INTO p SELECT 1 + i % 2 FROM generate_series(1, 5000) i; ANALYZE",
    )
    (seen,) = look(secrets, database, Part.SIZES)
    assert [table.table for table in seen.tables] == ['public."Orders"', "public.p", "public.small"]
    assert [table.rows for table in seen.tables] == [20000, 5000, 0]
    sizes = [table.bytes for table in seen.tables]
    of_p = ask(database, "SELECT pg_total_relation_size('p1') + pg_total_relation_size('p2')")
    assert (sizes[1], all(table.exact for table in seen.tables)) == (of_p[0][0], True)
    assert seen.total > sum(sizes)


def test_a_locked_table_is_estimated_and_nobody_waits(secrets: SecretFiles, database: str) -> None:
    ask(database, "CREATE TABLE t AS SELECT generate_series(1, 20000); CREATE TABLE u (a int)")
    ask(database, "VACUUM ANALYZE t")
    with psycopg.connect(database) as holder:
        holder.execute("LOCK TABLE t IN ACCESS EXCLUSIVE MODE")
        sizes, indexes, bloat = look(secrets, database, Part.SIZES, Part.INDEXES, Part.BLOAT)
    assert [(one.table, one.exact) for one in sizes.tables] == [
        ("public.t", False),
        ("public.u", True),
    ]
    assert sizes.tables[0].bytes > 500_000
    assert isinstance(indexes, use.Indexes)
    assert isinstance(bloat, use.Bloats)


def test_indexes_nobody_uses_lacks_or_can_use_are_told(secrets: SecretFiles, database: str) -> None:
    ask(
        database,
        "CREATE TABLE c (id int PRIMARY KEY); "
        "CREATE TABLE o (id int PRIMARY KEY, c int CONSTRAINT of_c REFERENCES c, d int, e int "
        "REFERENCES c, UNIQUE (d)); CREATE INDEX o_e ON o (e, d); CREATE INDEX o_d ON o (d); "
        "INSERT INTO c VALUES (1); INSERT INTO o SELECT i, 1, i, 1 FROM "
        "generate_series(1, 12000) i; "
        "CREATE TABLE p (a int, b int) PARTITION BY LIST (a); CREATE INDEX p_b ON p (b); "
        "CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1); ANALYZE",
    )
    ask(database, "SELECT count(*) FROM o WHERE e = 1 AND d < 5")
    with psycopg.connect(database, autocommit=True) as one:
        one.execute("SET enable_indexscan = off; SET enable_bitmapscan = off")
        for _ in range(101):
            one.execute("SELECT count(*) FROM o WHERE c = 2")
    with pytest.raises(psycopg.errors.UniqueViolation):
        ask(database, "CREATE UNIQUE INDEX CONCURRENTLY broken ON o (c)")
    (seen,) = look(secrets, database, Part.INDEXES)
    assert {one.index for one in seen.unused} >= {"public.p_b"}
    assert {one.index for one in seen.unused} & {"public.o_pkey", "public.o_d_key"} == set()
    assert [(one.table, one.rows) for one in seen.read_through] == [("public.o", 12000)]
    assert seen.read_through[0].rows_a_scan > 6000
    assert [(k.constraint, k.columns, k.references) for k in seen.unindexed_keys] == [
        ("of_c", ("c",), "public.c")
    ]
    assert seen.invalid == (use.InvalidIndex("public.broken", building=False),)
    assert not seen.standby
    assert seen.counted_s is not None
    assert seen.counted_s >= 0


def test_room_that_is_wasted_is_estimated_about_right(secrets: SecretFiles, database: str) -> None:
    ask(
        database,
        "CREATE TABLE t (a bigint, b text) WITH (autovacuum_enabled = off); "
        "CREATE TABLE u (a bigint, b text) WITH (autovacuum_enabled = off); "
        "CREATE TABLE raw (a int) WITH (autovacuum_enabled = off); "
        "INSERT INTO t SELECT i, repeat('x', 50) FROM generate_series(1, 40000) i; "
        "INSERT INTO u SELECT * FROM t; INSERT INTO raw SELECT generate_series(1, 9999); "
        "DELETE FROM t WHERE a % 2 = 0",
    )
    ask(database, "VACUUM ANALYZE t")
    ask(database, "VACUUM ANALYZE u")
    (seen,) = look(secrets, database, Part.BLOAT)
    tables = {one.table: one for one in seen.tables}
    t, u, raw = (tables[f"public.{name}"] for name in ("t", "u", "raw"))
    assert t.wasted_bytes == pytest.approx(t.bytes / 2, rel=0.05)
    assert u.wasted_bytes <= u.bytes * 0.05
    assert (raw.wasted_bytes, raw.because.startswith("it was never analyzed")) == (None, True)
    assert (t.live_rows, t.dead_rows, t.vacuumed_at is None) == (20000, 0, False)


def test_who_waits_and_for_whom_is_told(secrets: SecretFiles, database: str) -> None:
    ask(database, "CREATE TABLE t (a int)")
    with psycopg.connect(database, application_name="night job") as holder:
        holder.execute("LOCK TABLE t")
        with waiting(database, "SELECT * FROM t", "ALTER TABLE t ADD b int") as pids:
            (seen,) = look(secrets, database, Part.LOCKS)
        own = holder.info.backend_pid
    assert {one.pid for one in seen.waiting} == set(pids)
    assert {one.table for one in seen.waiting} == {"public.t"}
    assert all(own in one.blocked_by for one in seen.waiting)
    (blocker,) = [one for one in seen.blockers if one.pid == own]
    assert (blocker.application, blocker.state, blocker.blocks) == (
        "night job",
        "idle in transaction",
        2,
    )
    (seen,) = look(secrets, database, Part.LOCKS)
    assert seen == use.LockWaits((), ())


def test_what_a_role_may_not_see_is_told_part_by_part(
    secrets: SecretFiles, server: str, database: str
) -> None:
    ask(database, "CREATE TABLE t AS SELECT generate_series(1, 5000); ANALYZE t")
    with psycopg.connect(database):
        url = database.replace("//postgres@", "//ana@")
        sessions, bloat, queries = look(secrets, url, Part.CONNECTIONS, Part.BLOAT, Part.QUERIES)
    assert (sessions.used, sessions.hidden, sessions.states) == (1, 1, {})
    assert [(one.wasted_bytes, one.because[:24]) for one in bloat.tables] == [
        (None, "it was never analyzed, i")
    ]
    assert isinstance(queries, Unseen)
    assert "CREATE EXTENSION pg_stat_statements" in queries.because


def test_a_database_that_is_away_or_silent_is_told_in_time_and_without_its_password(
    secrets: SecretFiles,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        for address in (f"127.0.0.1:{port}", "127.0.0.1:1"):
            with pytest.raises(Temporary) as told:
                look(secrets, f"postgresql://ana:s3cr3t@{address}/shop", Part.LOCKS)
            assert "s3cr3t" not in str(told.value)
    with pytest.raises(Refused):
        look(secrets, "mysql://x", Part.LOCKS)
    with pytest.raises(NotFound):
        DatabaseFigures(secrets).look("other", (Part.LOCKS,))


def test_a_server_that_stops_in_the_middle_keeps_nobody(
    secrets: SecretFiles, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(figures, "LIMIT_S", 0.5)
    # A timeout that the server does not keep is what a server that hangs looks like.
    monkeypatch.setattr(figures_queries, "BEGIN", "BEGIN READ ONLY")
    monkeypatch.setattr(figures_queries, "CONNECTIONS", "SELECT pg_sleep(60)")
    secrets.put("shop", database)
    one = DatabaseFigures(secrets)
    began = time.monotonic()
    with pytest.raises(Temporary, match="did not answer within"):
        one.look("shop", (Part.CONNECTIONS,))
    assert time.monotonic() - began < 2
    # The line was cut, so the next one gets its turn.
    seen = one.look("shop", (Part.LOCKS,))[Part.LOCKS]
    assert isinstance(seen, use.LockWaits)


@pytest.fixture(scope="module")
def with_statements() -> Iterator[str]:
    if not (DEBIAN / "postgres").exists():
        pytest.skip(f"{DEBIAN} has no PostgreSQL: the others here lack pg_stat_statements")
    folder = Path(tempfile.mkdtemp(prefix="fl-statements-"))
    shutil.chown(folder, "postgres")
    as_postgres = ["runuser", "-u", "postgres", "--"]
    data, more = str(folder / "data"), f"-k {folder} -c listen_addresses= -c fsync=off "
    settings = f"{more}-c shared_preload_libraries=pg_stat_statements"
    run = [*as_postgres, str(DEBIAN / "initdb"), "-A", "trust", "-U", "postgres", "-D", data]
    subprocess.run(run, check=True, capture_output=True)
    control = [*as_postgres, str(DEBIAN / "pg_ctl"), "-D", data, "-w"]
    begun = [*control, "-o", settings, "-l", str(folder / "log"), "start"]
    subprocess.run(begun, check=True, capture_output=True)
    try:
        yield f"postgresql://postgres@/postgres?host={folder}"
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], check=True, capture_output=True)
        shutil.rmtree(folder)


def test_slow_queries_are_told_without_values_and_without_passwords(
    secrets: SecretFiles, with_statements: str
) -> None:
    url = with_statements
    ask(url, "CREATE SCHEMA x; CREATE EXTENSION pg_stat_statements SCHEMA x; CREATE ROLE bo LOGIN")
    ask(url, "SELECT pg_sleep(0.05), 'a value' /* of ana@example.org */")
    ask(url, "ALTER ROLE bo PASSWORD 's3cr3t'")
    parts = [part for part in Part if part is not Part.QUERIES]
    seen, *others = look(secrets, url, Part.QUERIES, *parts)
    assert not [one for one in others if isinstance(one, Unseen)]
    first = seen.queries[0]
    assert (first.calls, first.rows) == (1, 1)
    assert first.query == "SELECT pg_sleep($1), $2 /* of [hidden] */"
    assert first.mean_ms >= 50
    assert 0 < sum(one.share for one in seen.queries) <= 1
    assert "s3cr3t" not in str(seen)
    assert seen.since is not None
    (hidden,) = look(secrets, url.replace("//postgres@", "//bo@"), Part.QUERIES)
    assert isinstance(hidden, Unseen)
    assert "GRANT pg_monitor" in hidden.because
    ask(url, "GRANT USAGE ON SCHEMA x TO bo")
    (hidden,) = look(secrets, url.replace("//postgres@", "//bo@"), Part.QUERIES)
    assert hidden.hidden >= 3
