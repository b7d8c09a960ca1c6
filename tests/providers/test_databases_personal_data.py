"""What does a real PostgreSQL tell of its personal data, without its values and without waiting?"""

import re
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from fairlead.errors import Refused, Temporary
from fairlead.privacy.failing import Beside
from fairlead.privacy.inventory import Holding, Inventory, Table, Verb, suspicions
from fairlead.privacy.kind import Kind
from fairlead.privacy.place import Place
from fairlead.privacy.reading import read as declared
from fairlead.privacy.rules import judge
from fairlead.providers.databases.personal_data import inventory
from fairlead.release.spec.document import document
from providers.migrations_stand import a_database, a_server, ask

SAMPLE = Path(__file__).parents[2] / "examples" / "agentic"
JOBS = (
    "CREATE SCHEMA cron; CREATE TABLE cron.job (jobid bigint, schedule text, command text, "
    "database text, username text, active boolean, jobname text);"
)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with a_server() as url:
        for role in ("anon NOLOGIN", "authenticated NOLOGIN", "ana LOGIN"):
            ask(url, f"CREATE ROLE {role}")
        yield url


@pytest.fixture
def database(server: str) -> str:
    return a_database(server)


def found(url: str, name: str) -> Table:
    (one,) = [table for table in inventory(url).tables if table.name == name]
    return one


def kinds(url: str, table: str) -> dict[str, set[Kind]]:
    held = found(url, table)
    return {column.name: {one.kind for one in suspicions(held, column)} for column in held.columns}


def test_values_show_their_shape_and_are_not_kept(database: str) -> None:
    ask(
        database,
        "CREATE TABLE t (id int, a text, b text, c date, d inet, e text[], j jsonb, k json); "
        "INSERT INTO t SELECT i, 'zoe' || i || '@secret.example', '+49 30 ' || 1234567 + i, "
        "date '1970-01-01' + i, '81.2.69.142', ARRAY['x@secret.example'], "
        """jsonb_build_object('homePhone', i, 'x', jsonb_build_object('Vorname', 'secret')), """
        """'{"note": "y@secret.example"}' FROM generate_series(1, 500) i""",
    )
    assert kinds(database, "t") == {
        "id": set(),
        "a": {Kind.EMAIL},
        "b": {Kind.PHONE},
        "c": {Kind.BIRTH},
        "d": {Kind.IP},
        "e": {Kind.EMAIL},
        "j": {Kind.PHONE, Kind.NAME},
        "k": {Kind.EMAIL},
    }
    assert "secret" not in repr(inventory(database))
    assert {column.sample.looked for column in found(database, "t").columns if column.sample} == {
        200
    }


def test_a_large_table_is_looked_at_in_parts(database: str) -> None:
    ask(
        database,
        "CREATE TABLE t (a text); INSERT INTO t SELECT repeat('x', 500) || ' a@b.org' "
        "FROM generate_series(1, 20000)",
    )
    ask(database, "VACUUM ANALYZE t")
    assert int(ask(database, "SELECT relpages FROM pg_class WHERE relname = 't'")[0][0]) > 200
    assert kinds(database, "t") == {"a": {Kind.EMAIL}}
    # Now every page that could be drawn is likely to be empty.
    ask(database, "DELETE FROM t")
    assert inventory(database).gaps == ()


def test_hostile_names_are_names(database: str) -> None:
    ask(
        database,
        'CREATE SCHEMA "a.b"; CREATE TABLE "a.b"."Or""ders\n\x1b[2J" ("E-Mail; DROP" text, '
        '"it\'s %s {}" text); INSERT INTO "a.b"."Or""ders\n\x1b[2J" VALUES (\'x\', \'a@b.org\')',
    )
    (table,) = inventory(database).tables
    assert table.place("E-Mail; DROP") == Place("a.b", 'Or"ders\n\x1b[2J', "E-Mail; DROP")
    assert kinds(database, table.name) == {
        "E-Mail; DROP": {Kind.EMAIL},
        "it's %s {}": {Kind.EMAIL},
    }


def test_grants_on_table_column_and_schema_are_seen(database: str) -> None:
    ask(
        database,
        "CREATE TABLE t (a text, b text); GRANT SELECT (a) ON t TO anon; "
        "GRANT UPDATE, DELETE ON t TO authenticated; GRANT SELECT ON t TO PUBLIC; "
        "CREATE SCHEMA s; CREATE TABLE s.u (a text); GRANT SELECT ON s.u TO anon; "
        "CREATE TABLE w (a text, b text); GRANT SELECT (a) ON w TO anon",
    )
    a, b = found(database, "t").columns
    assert (
        a.granted
        == b.granted
        == {
            ("anon", Verb.READ),
            ("authenticated", Verb.READ),
            ("public", Verb.READ),
            ("authenticated", Verb.CHANGE),
            ("authenticated", Verb.DELETE),
        }
    )
    assert found(database, "u").columns[0].granted == set()
    assert [column.granted for column in found(database, "w").columns] == [
        {("anon", Verb.READ)},
        set(),
    ]


def test_row_level_security_and_its_policies_are_seen(database: str) -> None:
    ask(
        database,
        "CREATE TABLE t (a text); ALTER TABLE t ENABLE ROW LEVEL SECURITY; "
        "CREATE POLICY everybody ON t FOR SELECT USING (true); "
        "CREATE POLICY mine ON t AS RESTRICTIVE FOR ALL TO authenticated USING (a = current_user); "
        "CREATE POLICY new ON t FOR INSERT TO anon WITH CHECK (true); "
        "CREATE TABLE owned (a text); ALTER TABLE owned ENABLE ROW LEVEL SECURITY; "
        "ALTER TABLE owned OWNER TO anon; "
        "CREATE TABLE forced (a text); ALTER TABLE forced OWNER TO anon; "
        "ALTER TABLE forced ENABLE ROW LEVEL SECURITY; ALTER TABLE forced FORCE ROW LEVEL SECURITY",
    )
    table = found(database, "t")
    everybody, mine, new = table.policies
    assert table.rls
    assert everybody.is_open
    assert everybody.roles == {"anon", "authenticated", "public"}
    assert not mine.permissive
    assert mine.roles == {"authenticated"}
    assert mine.verbs == {*Verb}
    assert new.verbs == set()
    assert found(database, "owned").exempt == {"anon"}
    assert found(database, "forced").exempt == set()


def test_views_partitions_and_extensions_are_told_apart(database: str) -> None:
    ask(
        database,
        "CREATE TABLE t (email text, at date) PARTITION BY RANGE (at); "
        "CREATE TABLE t1 PARTITION OF t FOR VALUES FROM ('2026-01-01') TO ('2027-01-01'); "
        "CREATE VIEW v AS SELECT email AS x FROM t; CREATE MATERIALIZED VIEW m AS SELECT * FROM v; "
        "CREATE MATERIALIZED VIEW unfilled AS SELECT * FROM v WITH NO DATA; "
        "CREATE VIEW careful WITH (security_invoker) AS SELECT 1 AS one",
    )
    assert found(database, "t1").root == ("public", "t")
    assert found(database, "v").reads == {Place("public", "t", "email")}
    assert found(database, "m").holding is Holding.MATERIALISED
    assert found(database, "careful").as_caller
    assert not found(database, "v").as_caller
    assert inventory(database).gaps == ()


def test_a_locked_table_is_unknown_and_nobody_waits(database: str) -> None:
    ask(database, "CREATE TABLE t (email text); CREATE TABLE u (a text)")
    with psycopg.connect(database) as holder:
        holder.execute("LOCK TABLE t IN ACCESS EXCLUSIVE MODE")
        began = time.monotonic()
        read = inventory(database)
        assert time.monotonic() - began < 5
    assert read.gaps == (
        "the values of public.t could not be looked at: somebody holds a lock on it; look again "
        "once that has ended",
    )
    (email,) = next(table for table in read.tables if table.name == "t").columns
    assert (email.name, email.sample) == ("email", None)


def test_a_slow_table_is_let_go_soon_and_is_unknown(database: str) -> None:
    ask(
        database,
        "CREATE TABLE t (email jsonb); INSERT INTO t SELECT v FROM (SELECT jsonb_agg(i) AS v "
        "FROM generate_series(1, 300000) i) w, generate_series(1, 40)",
    )
    began = time.monotonic()
    read = inventory(database)
    assert time.monotonic() - began < 5
    assert read.gaps == (
        "the values of public.t could not be looked at: it took longer than 100 ms; look again "
        "when less is going on",
    )


def test_who_may_not_read_everything_does_not_know(server: str, database: str) -> None:
    ask(
        database,
        "CREATE TABLE closed (a text); CREATE TABLE narrow (a text); "
        "GRANT SELECT ON narrow TO ana; "
        "ALTER TABLE narrow ENABLE ROW LEVEL SECURITY; "
        f"{JOBS} GRANT USAGE ON SCHEMA cron TO ana; GRANT SELECT ON cron.job TO ana; "
        "ALTER TABLE cron.job ENABLE ROW LEVEL SECURITY",
    )
    read = inventory(re.sub(r"//[^@]*@", "//ana@", database))
    assert [gap.split(" could")[0] for gap in read.gaps] == [
        "the values of cron.job",
        "the values of public.closed",
        "the values of public.narrow",
    ]
    assert "this role may not read all of it" in read.gaps[0]
    assert not read.jobs_known


def test_jobs_and_triggers_are_schedules(database: str) -> None:
    name = ask(database, "SELECT current_database()")[0][0]
    ask(
        database,
        f"{JOBS} INSERT INTO cron.job VALUES (1, '* * * * *', 'SELECT forget()', '{name}', 'ana', "
        "true, 'each day'), (2, '', '', 'other', '', true, 'elsewhere'), "
        f"(3, '', '', '{name}', '', false, 'stopped'); "
        "CREATE TABLE t (a int); CREATE FUNCTION fires() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN PERFORM forget(); RETURN NULL; END $$; "
        "CREATE TRIGGER x AFTER INSERT ON t EXECUTE FUNCTION fires(); "
        "CREATE TRIGGER off AFTER INSERT ON t EXECUTE FUNCTION fires(); "
        "ALTER TABLE t DISABLE TRIGGER off",
    )
    read = inventory(database)
    assert [(one.by, one.name, one.function) for one in read.schedules] == [
        ("pg_cron job", "each day", None),
        ("trigger", "x", ("public", "fires")),
    ]
    assert ("public", "fires") in read.functions
    assert read.jobs_known


def sampled(server: str) -> tuple[str, Inventory]:
    url = a_database(server)
    for file in sorted((SAMPLE / "supabase" / "migrations").glob("*.sql")):
        ask(url, file.read_text("utf-8"))
    ask(url, "GRANT ALL ON ALL TABLES IN SCHEMA public TO anon, authenticated")
    return url, inventory(url)


def test_the_sample_app_is_held_as_it_declares(server: str) -> None:
    _, read = sampled(server)
    told, faults = declared(document((SAMPLE / "privacy.yaml").read_text("utf-8")).tree)
    assert faults == ()
    assert judge(read, told, Beside({})).passed
    assert len(told.data) == 2


def test_the_sample_app_exports_erases_and_forgets(server: str) -> None:
    url, _ = sampled(server)
    ask(
        url,
        "INSERT INTO agents (id, name, purpose, owner_email, created_at) VALUES "
        "('new', 'N', 'p', 'ana@example.org', now()), "
        "('late', 'L', 'p', 'bo@example.org', now() - interval '364 days'), "
        "('old', 'O', 'p', 'bo@example.org', now() - interval '366 days'); "
        "INSERT INTO trust_events (agent_id, kind, reporter_email, recorded_at) VALUES "
        "('new', 'task_failed', 'bo@example.org', now() - interval '91 days'), "
        "('new', 'task_failed', 'bo@example.org', now()), "
        "('late', 'task_failed', 'ana@example.org', now())",
    )
    assert ask(url, "SELECT id FROM agents ORDER BY 1") == [("late",), ("new",)]
    assert ask(url, "SELECT reporter_email FROM trust_events ORDER BY id") == [
        (None,),
        ("bo@example.org",),
        ("ana@example.org",),
    ]
    ((told,),) = ask(url, "SELECT private.export_person('ana@example.org')")
    assert [one["id"] for one in told["agents"]] == ["new"]
    assert [one["agent_id"] for one in told["reported_events"]] == ["late"]
    ask(url, "SELECT private.erase_person('ana@example.org')")
    assert ask(url, "SELECT id FROM agents") == [("late",)]
    assert ask(url, "SELECT agent_id, reporter_email FROM trust_events") == [("late", None)]
    assert not ask(url, "SELECT has_schema_privilege('anon', 'private', 'USAGE')")[0][0]


def test_an_address_that_is_none_or_silent_is_an_error(server: str) -> None:
    with pytest.raises(Refused, match="no PostgreSQL URL"):
        inventory("mysql://x")
    with pytest.raises(Temporary, match="does not answer"):
        inventory("postgresql://ana:secret@127.0.0.1:1/x?connect_timeout=1")
