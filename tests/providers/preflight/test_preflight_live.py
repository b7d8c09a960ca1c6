"""A look at a live database: right about what is there, and waiting for nobody."""

import time
from collections.abc import Callable

import psycopg
import pytest

from fairlead.errors import Temporary
from fairlead.migrations.finding import Severity
from fairlead.migrations.preflight import blocking, judge
from fairlead.migrations.preflight.looked import Check
from providers.preflight_stand import Session, findings, looked, run, sizes, until, waiting


def test_the_true_blocker_is_told_with_everybody_behind_it(
    url: str, session: Callable[[], Session]
) -> None:
    run(url, 'CREATE TABLE "Orders" (id int); CREATE TABLE other (id int)')
    holder = session()
    holder.execute('SELECT * FROM "Orders"')
    statements = ('ALTER TABLE "Orders" ADD x int', 'SELECT 1 FROM "Orders"', 'TABLE "Orders"')
    with waiting(url, *statements) as pids:
        time.sleep(blocking.WAIT_THAT_COUNTS_S)
        found = findings(url, Check.BLOCKING)
        elsewhere = findings(url, Check.BLOCKING, "other")
    (one,) = found
    assert one.severity is Severity.ERROR
    assert one.place == 'public."Orders"'
    assert f"pid {holder.info.backend_pid} (role postgres), idle in transaction" in one.sentence
    assert "blocks 3 sessions" in one.sentence
    assert f"behind {pids[0]}" in one.sentence
    assert f"pg_terminate_backend({holder.info.backend_pid})" in one.remedy
    assert [each.severity for each in elsewhere] == [Severity.WARNING]


def test_a_blocker_of_a_row_is_told(url: str, session: Callable[[], Session]) -> None:
    run(url, "CREATE TABLE t (id int); INSERT INTO t VALUES (1)")
    holder = session()
    holder.execute("UPDATE t SET id = 2")
    with waiting(url, "UPDATE t SET id = 3"):
        time.sleep(blocking.WAIT_THAT_COUNTS_S)
        (one,) = findings(url, Check.BLOCKING, "t")
    assert one.severity is Severity.ERROR
    assert f"pid {holder.info.backend_pid} " in one.sentence


def test_a_prepared_transaction_is_told_as_blocker_and_in_itself(url: str) -> None:
    run(url, 'CREATE TABLE "Orders" (id int); CREATE TABLE other (id int)')
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("BEGIN; LOCK TABLE \"Orders\"; PREPARE TRANSACTION 'o''clock'")
        connection.execute("BEGIN; LOCK TABLE other; PREPARE TRANSACTION 'another'")
    try:
        (alone,) = findings(url, Check.PREPARED, '"Orders"')[:1]
        assert alone.severity is Severity.ERROR
        assert alone.place == 'public."Orders"'
        with waiting(url, 'SELECT 1 FROM "Orders"'):
            time.sleep(blocking.WAIT_THAT_COUNTS_S)
            found = looked(url)
        (blocker,) = blocking.findings(found)
        assert "the prepared transaction 'o''clock'" in blocker.sentence
        assert "ROLLBACK PREPARED 'o''clock'" in blocker.remedy
        assert blocker.severity is Severity.ERROR
        assert "another" not in blocker.sentence
    finally:
        run(url, "ROLLBACK PREPARED 'o''clock'", "ROLLBACK PREPARED 'another'")


def test_an_open_transaction_is_seen_with_what_it_holds(
    url: str, session: Callable[[], Session]
) -> None:
    run(url, "CREATE TABLE t (id int PRIMARY KEY); CREATE TABLE other (id int)")
    holder = session()
    holder.execute("SELECT * FROM t")
    (seen,) = looked(url, "t").sessions
    assert (seen.pid, seen.state) == (holder.info.backend_pid, "idle in transaction")
    assert seen.locked == 1
    assert seen.open_s is not None
    assert 0 < seen.open_s < 5
    (seen,) = looked(url, "other").sessions
    assert seen.locked == 0


def test_the_oldest_xmin_has_its_holder(url: str, session: Callable[[], Session]) -> None:
    run(url, "CREATE TABLE t (id int)")
    holder = session()
    holder.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; SELECT 1")
    run(url, *["INSERT INTO t VALUES (1)"] * 5)
    (one,) = findings(url, Check.XMIN)
    assert f"held by the session with pid {holder.info.backend_pid}" in one.sentence


def test_constraints_are_told_apart(url: str) -> None:
    run(
        url,
        'CREATE TABLE "Orders" (id int PRIMARY KEY, n int, m int)',
        "CREATE TABLE items (o int, p int)",
        'ALTER TABLE items ADD CONSTRAINT "To" FOREIGN KEY (o) REFERENCES "Orders" NOT VALID',
        'ALTER TABLE "Orders" ADD CONSTRAINT c CHECK (n > 0) NOT VALID',
        'ALTER TABLE "Orders" ADD CONSTRAINT fine CHECK (n > 0)',
        "CREATE DOMAIN d AS int; ALTER DOMAIN d ADD CONSTRAINT dc CHECK (VALUE > 0) NOT VALID",
    )
    found = {one.sentence.split(" is ")[0]: one for one in findings(url, Check.CONSTRAINTS)}
    assert {name: one.severity for name, one in found.items()} == {
        'FOREIGN KEY "To"': Severity.WARNING,
        "CHECK c": Severity.WARNING,
        "CHECK dc": Severity.WARNING,
    }
    for one in found.values():
        run(url, one.remedy.split(";")[0])
    assert findings(url, Check.CONSTRAINTS) == []


def test_constraints_that_only_postgresql_18_has_are_told_apart(url: str) -> None:
    run(url, 'CREATE TABLE "Orders" (id int PRIMARY KEY, n int, m int)')
    newer = (
        'ALTER TABLE "Orders" ADD CONSTRAINT nn NOT NULL m NOT VALID',
        'ALTER TABLE "Orders" ADD CONSTRAINT ne CHECK (n > 0) NOT ENFORCED',
    )
    if looked(url).server.version < 180000:
        for statement in newer:
            with pytest.raises(psycopg.errors.SyntaxError):
                run(url, statement)
        return
    run(url, *newer)
    found = {one.sentence.split(" is ")[0]: one for one in findings(url, Check.CONSTRAINTS)}
    assert {name: one.severity for name, one in found.items()} == {
        "NOT NULL nn": Severity.WARNING,
        "CHECK ne": Severity.NOTE,
    }
    assert "NOT ENFORCED" in found["CHECK ne"].sentence
    run(url, found["NOT NULL nn"].remedy.split(";")[0])
    assert [one.severity for one in findings(url, Check.CONSTRAINTS)] == [Severity.NOTE]


def test_an_invalid_index_is_told_from_one_being_built(
    url: str, session: Callable[[], Session]
) -> None:
    run(url, 'CREATE TABLE "T" (id int); INSERT INTO "T" VALUES (1), (1)')
    with pytest.raises(psycopg.errors.UniqueViolation):
        run(url, 'CREATE UNIQUE INDEX CONCURRENTLY "Debris" ON "T" (id)')
    (debris,) = findings(url, Check.INDEXES)
    assert debris.severity is Severity.WARNING
    assert 'DROP INDEX CONCURRENTLY public."Debris"' in debris.remedy
    run(url, 'DROP INDEX "Debris"', "CREATE TABLE other (id int)")
    session().execute('INSERT INTO "T" VALUES (2)')
    with waiting(url, 'CREATE INDEX CONCURRENTLY slow ON "T" (id)') as pids:
        (built,) = findings(url, Check.INDEXES)
        (elsewhere,) = findings(url, Check.INDEXES, "other")
    assert built.severity is Severity.ERROR
    assert f"being built now by pid {pids[0]}" in built.sentence
    assert elsewhere.severity is Severity.NOTE


def test_a_slot_that_nobody_uses_is_told_with_what_it_keeps(url: str) -> None:
    run(url, "SELECT pg_create_physical_replication_slot('left_behind', true)")
    try:
        (one,) = findings(url, Check.REPLICATION)
        assert one.place == "slot left_behind"
        assert "not in use and keeps" in one.sentence
        assert "pg_drop_replication_slot('left_behind')" in one.remedy
    finally:
        run(url, "SELECT pg_drop_replication_slot('left_behind')")


def test_autovacuum_against_wraparound_is_told(url: str) -> None:
    # A table may ask for it early; 100,000 transactions are the least, made of subtransactions.
    run(
        url,
        "CREATE TABLE old (id int) WITH (autovacuum_freeze_max_age = 100000, "
        "autovacuum_vacuum_cost_delay = 100, autovacuum_vacuum_cost_limit = 1)",
        "INSERT INTO old SELECT generate_series(1, 200000)",
        "CREATE TABLE other (id int)",
        "CREATE TEMP TABLE spent (id int); DO $$ BEGIN FOR i IN 1..101000 LOOP BEGIN "
        "INSERT INTO spent VALUES (i); EXCEPTION WHEN OTHERS THEN NULL; END; END LOOP; END $$",
    )
    until(
        url,
        "SELECT count(*) > 0 FROM pg_stat_activity WHERE backend_type = 'autovacuum worker' "
        "AND query LIKE '%public.old (to prevent wraparound)'",
    )
    (one,) = findings(url, Check.WRAPAROUND, "old")
    assert (one.severity, one.place) == (Severity.ERROR, "public.old")
    assert [each.severity for each in findings(url, Check.WRAPAROUND, "other")] == [
        Severity.WARNING
    ]
    run(url, "DROP TABLE other")


def test_a_database_full_of_locks_still_answers(url: str, session: Callable[[], Session]) -> None:
    run(url, *[f"CREATE TABLE t{number} (id int PRIMARY KEY)" for number in range(200)])
    run(url, "ANALYZE")
    holder = session()
    for number in range(200):
        holder.execute(f"LOCK TABLE t{number}")
    found = looked(url)
    assert not found.gaps
    assert len(found.sizes) == 200
    assert not any(one.exact for one in found.sizes.values())
    (seen,) = found.sessions
    assert seen.locked == 200


def test_a_locked_catalog_is_an_unknown_and_the_rest_is_told(
    url: str, session: Callable[[], Session]
) -> None:
    run(url, "CREATE TABLE t (id int)")
    session().execute("LOCK TABLE pg_catalog.pg_inherits")
    found = looked(url, "t")
    assert [gap.check for gap in found.gaps] == [Check.RELATIONS]
    assert "lock" in found.gaps[0].why
    assert found.sizes
    assert [one.check for one in judge.in_the_way(judge.findings(found))] == [Check.RELATIONS]


def test_where_nothing_can_be_looked_at_there_is_no_answer(
    url: str, session: Callable[[], Session]
) -> None:
    session().execute("LOCK TABLE pg_catalog.pg_namespace")
    with pytest.raises(Temporary, match="somebody holds a lock on PostgreSQL's own catalog"):
        looked(url)


def test_what_a_role_may_not_see_is_an_unknown_never_silence(
    url: str, session: Callable[[], Session]
) -> None:
    role = "plain"
    run(url, f"CREATE ROLE {role} LOGIN", "CREATE TABLE t (id int)")
    session().execute("LOCK TABLE t")
    found = judge.findings(looked(url.replace("//postgres", f"//{role}", 1), "t"))
    unknown = [one for one in found if one.severity is Severity.UNKNOWN]
    # A vacuum of PostgreSQL's own is hidden from the role as well, and has a finding of its own.
    (held,) = [one for one in unknown if (one.check, one.place) == (Check.TRANSACTIONS, "public.t")]
    (disk,) = [one for one in unknown if one.check is Check.DISK]
    assert f"GRANT pg_read_all_stats TO {role}" in held.remedy
    assert "data_directory" in disk.sentence
    assert held in judge.in_the_way(found)
    assert disk not in judge.in_the_way(found)


def test_a_users_own_functions_do_not_stand_in_for_postgres(url: str) -> None:
    role = "tricked"
    run(
        url,
        "CREATE FUNCTION public.quote_ident(name) RETURNS text LANGUAGE sql AS $$ SELECT 'no' $$",
        "CREATE TABLE t (id int)",
        f"CREATE ROLE {role} LOGIN SUPERUSER",
        f"ALTER ROLE {role} SET search_path = public, pg_catalog",
    )
    found = looked(url.replace("//postgres", f"//{role}", 1), "t")
    assert set(sizes(found)) == {"public.t"}
    run(url, f"DROP ROLE {role}")


def test_a_quiet_database_has_nothing_in_the_way(url: str) -> None:
    run(url, "CREATE TABLE t (id int)")
    found = looked(url)
    assert judge.findings(found) == ()
    assert found.free_bytes is not None
    assert found.free_bytes > 0
