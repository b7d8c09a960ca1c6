"""Migrations on a real PostgreSQL: each applied once, nobody waits long, nothing half done."""

import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from fairlead.errors import Refused, Temporary
from fairlead.migrations.file import MigrationFile, read_all
from fairlead.migrations.order import plan
from fairlead.migrations.statement import Statement
from fairlead.migrations.token import tokens
from fairlead.providers.databases.migrations import PostgresMigrations, Terms
from providers.migrations_stand import a_database, a_server, ask, fingerprint, migrate
from providers.postgres_stand import MAJORS

SAMPLE = Path(__file__).parents[2] / "examples" / "agentic" / "supabase" / "migrations"
ITEMS = {"1_items.sql": "create table items (id int, name text);\ninsert into items values (1);"}
INDEX = "create index concurrently items_id on items (id);"


@pytest.fixture(scope="module", params=MAJORS)
def server(request: pytest.FixtureRequest) -> Iterator[str]:
    with a_server(request.param) as url:
        yield url


@pytest.fixture
def url(server: str) -> str:
    return a_database(server)


def pending(url: str, files: dict[str, str]) -> list[str]:
    read = read_all({name: sql.encode() for name, sql in files.items()})
    return [one.file.path for one in plan(read, PostgresMigrations(url).ledger()).pending]


def test_the_sample_apps_migrations_are_applied_once(url: str) -> None:
    files = {path.name: path.read_text() for path in SAMPLE.iterdir()}
    outcome, _ = migrate(url, files)
    assert outcome.applied == tuple(sorted(files))
    assert ask(url, "SELECT count(*) FROM public.trust_events") == [(0,)]
    outcome, told = migrate(url, files)
    assert (outcome.applied, outcome.failed, told) == ((), "", [])


def test_the_ledger_is_the_supabase_clis_own(url: str) -> None:
    migrate(url, {"20260101000000_a_b.sql": "-- why\nselect 1;\nselect 'a%';"})
    columns = ask(
        url,
        "SELECT column_name, data_type, is_nullable FROM information_schema.columns "
        "WHERE table_name = 'schema_migrations' ORDER BY ordinal_position",
    )
    assert columns == [
        ("version", "text", "NO"), ("statements", "ARRAY", "YES"), ("name", "text", "YES")
    ]  # fmt: skip
    assert ask(url, "SELECT * FROM supabase_migrations.schema_migrations") == [
        ("20260101000000", ["-- why\nselect 1", "select 'a%'"], "a_b")
    ]


def test_what_the_supabase_cli_applied_is_not_applied_again(url: str) -> None:
    for statement in (
        "CREATE SCHEMA supabase_migrations",
        "CREATE TABLE supabase_migrations.schema_migrations (version text NOT NULL PRIMARY KEY)",
        "INSERT INTO supabase_migrations.schema_migrations VALUES ('1')",
    ):
        ask(url, statement)
    assert pending(url, ITEMS) == []
    assert migrate(url, ITEMS)[0].applied == ()
    two = ITEMS | {"2_b.sql": "create table b (c int)"}
    assert migrate(url, two)[0].applied == ("2_b.sql",)


def test_asking_changes_nothing(url: str) -> None:
    assert pending(url, ITEMS) == ["1_items.sql"]
    assert ask(url, "SELECT to_regnamespace('supabase_migrations')") == [(None,)]


def test_a_file_that_fails_leaves_nothing_and_those_before_it_stay(url: str) -> None:
    files = ITEMS | {
        "2_b.sql": "create table b (c int);\nselect * from nowhere",
        "3_c.sql": "select",
    }
    outcome, _ = migrate(url, files)
    assert outcome.applied == ("1_items.sql",)
    assert outcome.waiting == ("2_b.sql", "3_c.sql")
    assert outcome.failed == (
        '2_b.sql:2: relation "nowhere" does not exist; nothing of this file was applied'
    )
    assert ask(url, "SELECT to_regclass('b')") == [(None,)]
    assert ask(url, "SELECT version FROM supabase_migrations.fairlead_statements") == [("1",)] * 2


def test_the_same_query_may_be_asked_before_and_after_a_change(url: str) -> None:
    look = "select * from items; table items"
    change = "do $$ begin alter table items add name text; end $$"
    sql = f"create table items (id int); {look}; {change}; {look};"
    index = f"{look}; vacuum items; {INDEX} alter table items add note text; {look}"
    assert migrate(url, {"1_items.sql": sql, "2_i.sql": index})[0].failed == ""


def test_what_is_refused_at_the_commit_is_a_failed_file(url: str) -> None:
    sql = (
        "create table a (b int primary key);"
        "create table c (d int references a deferrable initially deferred);"
        "insert into c values (1)"
    )
    outcome, _ = migrate(url, {"1_a.sql": sql})
    assert outcome.failed.startswith("1_a.sql: insert or update on table")
    assert "(1)" not in outcome.failed  # nobody's rows are told
    assert ask(url, "SELECT to_regclass('c')") == [(None,)]


def test_a_contracting_file_waits_until_it_is_asked_for(url: str) -> None:
    files = ITEMS | {"2_b.sql": "alter table items drop name", "3_c.sql": "select 1"}
    assert migrate(url, ITEMS)[0].applied == ("1_items.sql",)
    outcome, _ = migrate(url, files)
    assert (outcome.applied, outcome.waiting) == ((), ("2_b.sql", "3_c.sql"))
    assert migrate(url, files, contract=True)[0].applied == ("2_b.sql", "3_c.sql")


def test_what_stands_in_the_way_is_refused_before_anything_is_done(url: str) -> None:
    migrate(url, ITEMS)
    edited = {"1_items.sql": "create table items (id bigint)", "2_b.sql": "create table b (c int)"}
    with pytest.raises(Refused) as refused:
        migrate(url, edited)
    assert refused.value.problems[0].startswith("1_items.sql was changed after it was applied")
    assert ask(url, "SELECT to_regclass('b')") == [(None,)]


def test_a_lock_is_not_waited_for_long_and_tried_again(url: str) -> None:
    migrate(url, ITEMS)
    reader = psycopg.connect(url)
    reader.execute("SELECT * FROM items")
    ends = threading.Timer(0.6, reader.close)
    ends.start()
    # The file's own lock_timeout does not count.
    sql = "set lock_timeout = '30s'; alter table items add note text"
    outcome, told = migrate(url, ITEMS | {"2_b.sql": sql})
    ends.join()
    assert outcome.applied == ("2_b.sql",)
    assert any("lets others pass and tries again" in sentence for sentence in told)


def test_a_lock_that_is_never_free_ends_in_a_sentence(url: str) -> None:
    migrate(url, ITEMS)
    with psycopg.connect(url) as reader:
        reader.execute("SELECT * FROM items")
        files = ITEMS | {"2_b.sql": "alter table items add note text"}
        outcome, _ = migrate(url, files, retry_for_s=0.5)
    assert 'could not obtain lock on relation "public.items", ' in outcome.failed
    assert "nothing of this file was applied" in outcome.failed


def test_a_second_runner_is_refused_with_who_holds_the_lock(url: str) -> None:
    seen: list[str] = []

    def second(sentence: str) -> None:
        if not seen:
            with pytest.raises(Refused) as refused:
                migrate(url, ITEMS, wait_s=0.3)
            seen.append(str(refused.value))

    read = read_all({name: sql.encode() for name, sql in ITEMS.items()})
    PostgresMigrations(url).migrate(read, Terms(), second)
    assert seen[0].startswith(
        "another runner migrates this database: fairlead db migrate of postgres, backend "
    )


def test_a_second_runner_that_waits_finds_the_work_done(url: str) -> None:
    slow = ITEMS | {"2_slow.sql": "select pg_sleep(0.5)"}
    results = []
    runners = [
        threading.Thread(target=lambda: results.append(migrate(url, slow, wait_s=20.0)[0].applied))
        for _ in range(2)
    ]
    for runner in runners:
        runner.start()
    for runner in runners:
        runner.join()
    assert sorted(results) == [(), ("1_items.sql", "2_slow.sql")]


def test_an_index_is_built_without_a_transaction_and_remembered(url: str) -> None:
    outcome, _ = migrate(url, ITEMS | {"2_i.sql": f"set statement_timeout = '50s'; {INDEX}"})
    assert outcome.applied == ("1_items.sql", "2_i.sql")
    assert fingerprint(url)["indexes"] == [
        ("CREATE INDEX items_id ON public.items USING btree (id)", True)
    ]


def test_a_unique_index_that_cannot_be_leaves_no_debris(url: str) -> None:
    migrate(url, {"1_items.sql": ITEMS["1_items.sql"] + "insert into items values (1)"})
    files = {"1_items.sql": ITEMS["1_items.sql"] + "insert into items values (1)"}
    unique = {"2_i.sql": "create unique index concurrently items_id on items (id)"}
    outcome, _ = migrate(url, files | unique)
    assert outcome.failed.startswith('2_i.sql:1: could not create unique index "items_id"')
    assert fingerprint(url)["indexes"] == []
    corrected = {"2_i.sql": "create index concurrently items_id on items (id)"}
    assert migrate(url, files | corrected)[0].applied == ("2_i.sql",)


def test_invalid_debris_is_rebuilt_and_never_taken_for_an_index(url: str) -> None:
    migrate(url, ITEMS)
    ask(url, "INSERT INTO items VALUES (1)")
    with pytest.raises(psycopg.errors.UniqueViolation):
        ask(url, "CREATE UNIQUE INDEX CONCURRENTLY items_id ON items (id)")
    sql = "create index concurrently if not exists items_id on items (id)"
    outcome, told = migrate(url, ITEMS | {"2_i.sql": sql})
    assert outcome.applied == ("2_i.sql",)
    assert "drops the invalid index items_id, which an interrupted build has left" in told
    assert fingerprint(url)["indexes"][0][1]


def test_an_index_of_somebody_else_is_not_taken_for_ours(url: str) -> None:
    migrate(url, ITEMS)
    ask(url, "CREATE INDEX items_id ON items (name)")
    outcome, _ = migrate(url, ITEMS | {"2_i.sql": INDEX})
    assert 'relation "items_id" already exists' in outcome.failed
    assert fingerprint(url)["statements"][2:] == []


def test_a_file_that_becomes_another_role_is_remembered_all_the_same(url: str) -> None:
    ask(url, "DROP ROLE IF EXISTS nobody_much")
    sql = "create role nobody_much; set role nobody_much; set search_path = ''"
    assert migrate(url, {"1_a.sql": sql, "2_b.sql": "create table b (c int)"})[0].failed == ""
    assert ask(url, "SELECT relowner::regrole::text FROM pg_class WHERE relname = 'b'") != [
        ("nobody_much",)
    ]


def test_two_statements_taken_for_one_are_refused_by_the_server(url: str) -> None:
    sql = "create table t (a int); select 1"
    merged = Statement(1, 1, sql, tuple(t for t in tokens(sql) if t.means_something), 0)
    file = MigrationFile("1", "a", "1_a.sql", (merged,))
    outcome = PostgresMigrations(url).migrate([file], Terms(), lambda _: None)
    assert "cannot insert multiple commands into a prepared statement" in outcome.failed
    assert ask(url, "SELECT to_regclass('t')") == [(None,)]


def test_an_owner_who_is_no_superuser_can_migrate(url: str) -> None:
    ask(url, "CREATE ROLE owner_of_shop LOGIN")
    ask(
        url,
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I OWNER TO owner_of_shop', "
        "current_database()); END $$",
    )
    theirs = url.replace("//postgres", "//owner_of_shop", 1)
    outcome, _ = migrate(theirs, ITEMS | {"2_i.sql": INDEX})
    assert outcome.applied == ("1_items.sql", "2_i.sql")
    assert pending(theirs, ITEMS) == []


def test_fairleads_own_database_is_not_migrated(url: str) -> None:
    ask(url, "CREATE SCHEMA fairlead")
    ask(url, "CREATE TABLE fairlead.journal (a int)")
    ask(url, "CREATE TABLE fairlead.deployment_audit (a int)")
    with pytest.raises(Refused, match="in which Fairlead keeps its own state"):
        migrate(url, ITEMS)


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://ana:s3cret@127.0.0.1:1/shop",
        "postgresql://ana:s3c%72et@127.0.0.1:1/shop?connect_timeout=2",
        "postgresql://ana:s3cret@pa@nowhere/shop",
        "postgresql://ana:s3cret@127.0.0.1:port/shop",
        "host=127.0.0.1 port=1 password=s3cret",
        "s3cret",
    ],
)
def test_no_error_tells_the_password(address: str) -> None:
    with pytest.raises((Refused, Temporary)) as told:
        PostgresMigrations(address).ledger()
    assert "s3c" not in str(told.value)
