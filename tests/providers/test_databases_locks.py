"""Are the locks that are taken up front those that PostgreSQL takes for the statement itself?"""

from collections.abc import Iterator

import psycopg
import pytest

from fairlead.migrations.change import Change, classify
from fairlead.migrations.lock_mode import LockMode, strongest
from fairlead.migrations.statement import split
from fairlead.providers.databases.failure import NotNow
from fairlead.providers.databases.session import Session, session
from fairlead.providers.databases.table_locks import TableLocks
from providers.postgres_stand import a_postgres, database

SCHEMA = """
CREATE TABLE a (id int PRIMARY KEY, b_id int);
CREATE TABLE b (id int PRIMARY KEY);
CREATE TABLE "Orders" (id int); CREATE TABLE "a.b" (id int);
CREATE SCHEMA app; CREATE TABLE app.items (id int); CREATE INDEX items_id ON app.items (id);
CREATE TABLE child (id int, a_id int CONSTRAINT child_a REFERENCES a);
CREATE TABLE parts (id int, at int) PARTITION BY LIST (at);
CREATE TABLE part_1 PARTITION OF parts FOR VALUES IN (1);
CREATE TABLE part_2 PARTITION OF parts FOR VALUES IN (2);
CREATE INDEX parts_id ON parts (id);
CREATE TABLE lone (id int, at int);
CREATE TABLE base (id int); CREATE TABLE heir (more int) INHERITS (base);
CREATE VIEW seen AS SELECT id FROM a;
CREATE MATERIALIZED VIEW kept AS SELECT id FROM a;
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER t BEFORE INSERT ON b FOR EACH ROW EXECUTE FUNCTION f();
"""
# What readers and writers take disturbs nobody.
QUIET = {LockMode.ACCESS_SHARE, LockMode.ROW_SHARE, LockMode.ROW_EXCLUSIVE}
HELD = """
SELECT relation::bigint AS oid, mode FROM pg_locks WHERE pid = pg_backend_pid() AND granted
"""
TABLES = """
SELECT oid::bigint AS oid, relname AS name FROM pg_class
WHERE relkind IN ('r', 'p') AND relnamespace IN ('public'::regnamespace, 'app'::regnamespace)
"""


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with a_postgres() as server:
        shop = database(server, "shop")
        with psycopg.connect(shop, autocommit=True) as connection:
            connection.execute(SCHEMA)
        yield shop


@pytest.fixture
def ours(url: str) -> Iterator[Session]:
    with session(url, "fairlead db migrate") as connection:
        yield connection


def changes(sql: str) -> list[Change]:
    return [classify(statement) for statement in split(sql)]


def tables(connection: Session) -> dict[int, str]:
    return {row["oid"]: row["name"] for row in connection.execute(TABLES).fetchall()}


def held(connection: Session, names: dict[int, str]) -> dict[str, LockMode]:
    """Return the strongest mode that is held of each table, without the quiet ones."""
    modes = {mode.in_pg_locks: mode for mode in LockMode}
    found: dict[str, list[LockMode]] = {}
    for row in connection.execute(HELD).fetchall():
        if row["oid"] in names and modes[row["mode"]] not in QUIET:
            found.setdefault(names[row["oid"]], []).append(modes[row["mode"]])
    return {name: strongest(each) for name, each in found.items()}


def up_front_and_really(ours: Session, sql: str) -> tuple[dict[str, LockMode], dict[str, LockMode]]:
    names = tables(ours)
    found: list[dict[str, LockMode]] = []
    for really in (False, True):
        with ours.transaction(force_rollback=True):
            if really:
                ours.execute(sql.encode())
            else:
                TableLocks(ours).take(changes(sql), wait=False)
            found.append(held(ours, names))
    return found[0], found[1]


@pytest.mark.parametrize(
    "sql",
    [
        "alter table a add c int",
        'alter table "Orders" add c int',
        'alter table public."a.b" add c int',
        "alter table app.items set (fillfactor = 50)",
        "alter table a add constraint k foreign key (b_id) references b",
        "alter table a add constraint k foreign key (b_id) references b not valid",
        "alter table a add c int references b",
        "alter table child validate constraint child_a",
        "alter table child drop constraint child_a",
        "alter table a alter b_id set statistics 10",
        "alter table a alter b_id set not null",
        "alter table a alter b_id type bigint",
        "alter table b disable trigger t",
        "alter table a enable row level security",
        "alter table parts add c int",
        "alter table part_1 add check (id > 0)",
        "alter table base add c int",
        "alter table only base alter id set default 1",
        "alter table parts attach partition lone for values in (3)",
        "alter table parts detach partition part_1",
        "alter table a rename to c",
        "alter table a rename b_id to c",
        "alter table a set schema app",
        "create index i on a (b_id)",
        "create index i on parts (at)",
        "create index i on only parts (at)",
        "drop index app.items_id",
        "drop index parts_id",
        "create trigger u before insert on a for each row execute function f()",
        "drop trigger t on b",
        "create policy p on a using (true)",
        "create rule r as on insert to b do nothing",
        "create table c (a_id int references a, b_id int references b)",
        "create table c partition of parts for values in (3)",
        "create table c () inherits (base)",
        "drop table child",
        "drop table a cascade",
        "drop table part_1",
        "truncate child",
        "truncate parts",
        "drop table if exists nowhere",
        "alter table if exists nowhere add c int",
    ],
)
def test_up_front_just_those_locks_are_taken_that_the_statement_takes(
    ours: Session, sql: str
) -> None:
    up_front, really = up_front_and_really(ours, sql)
    assert up_front == really


def test_views_and_what_cannot_be_locked_are_left_to_the_statement(ours: Session) -> None:
    for sql in ("drop view seen", "alter table seen rename to gone", "drop materialized view kept",
                "create index i on kept (id)"):  # fmt: skip
        assert up_front_and_really(ours, sql)[0] == {}


def test_a_name_means_what_the_search_path_makes_of_it(ours: Session) -> None:
    alter, names = changes("alter table items add c int"), tables(ours)
    with ours.transaction(force_rollback=True):
        TableLocks(ours).take(alter, wait=False)
        assert held(ours, names) == {}
        ours.execute("SET LOCAL search_path = app")
        TableLocks(ours).take(alter, wait=False)
        assert held(ours, names) == {"items": LockMode.ACCESS_EXCLUSIVE}


def test_a_table_that_we_may_not_lock_is_left_to_the_statement(ours: Session) -> None:
    names = tables(ours)
    ours.execute("CREATE ROLE guest")
    with ours.transaction(force_rollback=True):
        ours.execute("SET LOCAL ROLE guest")
        TableLocks(ours).take(changes("alter table a add c int"), wait=False)
        ours.execute("RESET ROLE")
        assert held(ours, names) == {}


@pytest.mark.parametrize("wait", [False, True])
def test_all_locks_or_none(ours: Session, url: str, wait: bool) -> None:
    both = changes("alter table b add c int; alter table a add c int")
    names = tables(ours)
    with psycopg.connect(url, application_name="report") as reader:
        reader.execute("SELECT FROM b")
        pid = reader.info.backend_pid
        with ours.transaction(force_rollback=True):
            ours.execute("SET LOCAL lock_timeout = '20ms'")
            locks = TableLocks(ours)
            with pytest.raises(NotNow) as why:
                locks.take(both, wait=wait)
            assert held(ours, names) == {}
            assert ours.info.transaction_status == psycopg.pq.TransactionStatus.INTRANS
        holder = locks.holder()
    assert str(why.value) == (
        "canceling statement due to lock timeout" if wait
        else 'could not obtain lock on relation "public.b"'
    )  # fmt: skip
    assert holder is not None
    assert holder.sentence.startswith(f"backend {pid} (report of postgres, its")
    assert (holder.open_s or 0) > 0


def test_a_reader_of_a_partition_is_found_and_who_does_not_conflict_is_not(
    ours: Session, url: str
) -> None:
    with psycopg.connect(url) as reader:
        reader.execute("SELECT FROM part_1")
        locks = TableLocks(ours)
        with ours.transaction(force_rollback=True), pytest.raises(NotNow):
            locks.take(changes("alter table parts add c int"), wait=False)
        holder = locks.holder()
        assert holder is not None
        assert holder.pid == reader.info.backend_pid
        with ours.transaction(force_rollback=True):
            locks.take(changes("create index i on parts (at)"), wait=False)
        assert locks.holder() is None


def test_a_prepared_transaction_is_told(ours: Session, url: str) -> None:
    with psycopg.connect(url, autocommit=True) as other:
        other.execute("BEGIN; INSERT INTO b VALUES (1); PREPARE TRANSACTION 'left'")
        try:
            locks = TableLocks(ours)
            with ours.transaction(force_rollback=True), pytest.raises(NotNow):
                locks.take(changes("alter table b add c int"), wait=False)
            holder = locks.holder()
            assert holder is not None
            assert holder.sentence.startswith("a prepared transaction held the lock")
            assert holder.open_s == float("inf")
        finally:
            other.execute("ROLLBACK PREPARED 'left'")
