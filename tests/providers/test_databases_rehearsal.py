"""A rehearsal on real servers: what it sees, that the target is only read, and what it proves."""

import threading
from collections.abc import Iterator
from urllib.parse import urlsplit

import psycopg
import pytest

from fairlead.errors import Refused, Temporary
from fairlead.migrations.file import read_all
from fairlead.migrations.rehearsal.blocking import Blocks
from fairlead.migrations.rehearsal.observed import Observed
from fairlead.migrations.rehearsal.rehearsal import Rehearsal
from fairlead.migrations.rehearsal.verdict import Judged, judge
from fairlead.providers.databases.rehearsal import sampling
from fairlead.providers.databases.rehearsal.copying import Sizes
from fairlead.providers.databases.rehearsal.courtesy import courteous
from fairlead.providers.databases.rehearsing import rehearse
from fairlead.providers.databases.schemas import schema
from providers.migrations_stand import a_database, a_server, ask, migrate
from room import ROOM

TABLES = (
    "CREATE TABLE customers (id int PRIMARY KEY, name text)",
    "INSERT INTO customers SELECT g, 'n' || g FROM generate_series(1, 1000) g",
    "CREATE TABLE orders (id serial PRIMARY KEY, total int, customer int REFERENCES customers)",
    "INSERT INTO orders (total, customer) SELECT g, 1 + g % 900 FROM generate_series(1, 20000) g",
)
APPLIED = {"1_start.sql": "create table started (id int);"}


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with a_server() as url:
        yield url


@pytest.fixture
def url(server: str) -> str:
    made = a_database(server)
    for statement in TABLES:
        ask(made, statement)
    migrate(made, APPLIED)
    return made


def rehearsed(url: str, files: dict[str, str], sizes: Sizes | None = None) -> Rehearsal:
    read = read_all({name: sql.encode() for name, sql in (APPLIED | files).items()})
    return rehearse(url, read, ROOM, lambda _: None, sizes or Sizes())


def seen(result: Rehearsal) -> dict[str, Observed]:
    return {one.where: one for one in result.statements}


def test_it_sees_locks_rewrites_scans_and_what_is_left_invalid(url: str) -> None:
    before = schema(url)
    result = rehearsed(
        url,
        {
            "2_a.sql": "alter table orders add column note text;\n"
            "alter table orders add constraint positive check (total > 0) not valid;\n"
            "create index on customers (name);",
            "3_b.sql": "alter table orders alter column total type bigint;",
        },
    )
    assert (result.failed, result.gaps) == ("", ())
    one = seen(result)
    add, index, change = one["2_a.sql:1"], one["2_a.sql:3"], one["3_b.sql:1"]
    # A transaction takes all its locks before it begins.
    assert {(lock.table, lock.blocks) for lock in add.locks} == {
        ("customers", Blocks.WRITES), ("orders", Blocks.EVERYTHING)
    }  # fmt: skip
    assert (add.rewritten, add.scanned) == ((), ())
    assert one["2_a.sql:2"].invalid == ("orders.positive",)
    # Its own lock, and those that its transaction holds already.
    assert {(lock.table, lock.blocks) for lock in index.locks} >= {
        ("customers", Blocks.WRITES), ("orders", Blocks.EVERYTHING)
    }  # fmt: skip
    assert [(scan.table, scan.rows) for scan in index.scanned] == [("customers", 1000)]
    assert change.rewritten[0] == "orders"
    assert schema(url) == before
    assert ask(url, "SELECT count(*) FROM supabase_migrations.schema_migrations") == [(1,)]


def test_what_foreign_keys_scan_is_told(url: str) -> None:
    result = rehearsed(url, {"2_a.sql": "delete from customers where id > 950;"})
    (one,) = result.statements
    # Fifty rows, and for each of them every order is looked at: the key has no index.
    assert [(scan.table, scan.rows) for scan in one.cascades] == [("orders", 50 * 20000)]
    assert one.written == ("customers",)


def test_the_end_is_the_one_that_migrating_comes_to(url: str) -> None:
    files = {"2_a.sql": "create table more (id int);", "3_b.sql": "create index on more (id);"}
    result = rehearsed(url, files)
    assert migrate(url, APPLIED | files)[0].failed == ""
    assert result.fingerprint == schema(url).fingerprint
    assert rehearsed(url, files).fingerprint == result.fingerprint
    assert judge(rehearsed(url, files)).because == "nothing is pending"


def test_killed_at_every_step_it_ends_as_without(url: str) -> None:
    result = rehearsed(
        url,
        {
            "2_a.sql": "create index concurrently by_total on orders (total);\n"
            "insert into customers values (5000, 'new');\n"
            "drop index concurrently by_total;\nvacuum orders;"
        },
    )
    # Four statements, before, within and after; a kill within that comes late is one after it.
    assert result.kills.count in (10, 11, 12)
    assert result.kills.wrong == ()
    locks = [lock for lock in seen(result)["2_a.sql:1"].locks if lock.table == "orders"]
    assert {lock.blocks for lock in locks} == {Blocks.NOBODY}
    assert judge(result).judged is Judged.WITHIN


def test_a_way_back_is_proven_or_its_difference_told(url: str) -> None:
    result = rehearsed(
        url,
        {
            "2_a.sql": "create table notes as select 1 as id;",
            "2_a.down.sql": "drop table notes;",
            "3_b.sql": "alter table orders add column note text default 'x';",
            "3_b.down.sql": "alter table orders drop column total;",
            "4_c.sql": "create table last (id int);",
            "4_c.down.sql": "drop table first;",
        },
    )
    good, bad, broken = result.ways_back
    assert (good.path, good.proven) == ("2_a.down.sql", True)
    assert good.lost == ("the table notes with 1 row",)
    assert not bad.proven
    assert any(line.strip("- ").startswith("total integer") for line in bad.difference)
    assert "the column orders.total with 20,000 values" in bad.lost
    assert not broken.proven
    assert 'table "first" does not exist' in broken.because


def test_rows_that_a_way_back_does_not_bring_back_are_counted(url: str) -> None:
    result = rehearsed(
        url,
        {"2_a.sql": "delete from orders where id <= 7;", "2_a.down.sql": "select 1;"},
    )
    (way,) = result.ways_back
    assert way.proven
    assert way.lost == ("7 rows of orders, gone since before up",)


def test_what_fails_at_the_copy_is_told_and_the_target_is_untouched(url: str) -> None:
    result = rehearsed(url, {"2_a.sql": "create table orders (id int);"})
    verdict = judge(result)
    assert verdict.judged is Judged.FAILED
    assert '2_a.sql:1: relation "orders" already exists' in verdict.because


def test_a_sample_is_scaled_and_keeps_its_keys_and_numbers(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sampling, "SMALL", 64 * 1024)
    files = {
        "2_a.sql": "insert into orders (total, customer) values (1, 1);\n"
        "alter table orders alter column total type bigint using total;",
    }
    ask(url, "ALTER TABLE customers ADD twice int GENERATED ALWAYS AS (id * 2) STORED")
    result = rehearsed(url, files, Sizes(whole=0, sample=300 * 1024))
    assert (result.failed, result.gaps) == ("", ())
    assert list(result.factors) == ["orders"]
    factor = result.factors["orders"]
    assert 1.5 < factor < 20
    change = seen(result)["2_a.sql:2"]
    rows = {scan.table: scan.rows for scan in change.scanned}["orders"]
    assert 20000 / factor / 2 < rows < 20000 / factor * 2


def test_rows_that_the_sample_lacks_are_unknown_not_a_failure(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(url, "CREATE TABLE parts (id int, orders int)")
    ask(url, "INSERT INTO parts SELECT id, id FROM orders")
    monkeypatch.setattr(sampling, "SMALL", 64 * 1024)
    files = {"2_a.sql": "alter table parts add foreign key (orders) references orders (id);"}
    verdict = judge(rehearsed(url, files, Sizes(whole=0, sample=200 * 1024)))
    assert verdict.judged is Judged.UNKNOWN
    assert "rows that the sample lacks" in verdict.because


def test_who_migrates_may_do_there_what_it_may_here(url: str) -> None:
    name = urlsplit(url).path[1:]
    ask(url, f"CREATE ROLE owner_{name} LOGIN PASSWORD 'hidden'")
    ask(url, f"GRANT pg_read_all_data TO owner_{name}")
    ask(url, f"GRANT ALL ON SCHEMA public TO owner_{name}")
    ask(url, f"GRANT CREATE ON DATABASE {name} TO owner_{name}")
    ask(url, f"ALTER TABLE orders OWNER TO owner_{name}")
    ask(url, f"GRANT ALL ON ALL TABLES IN SCHEMA supabase_migrations TO owner_{name}")
    ask(url, f"GRANT ALL ON SCHEMA supabase_migrations TO owner_{name}")
    as_owner = url.replace("//postgres@", f"//owner_{name}@")
    result = rehearsed(as_owner, {"2_a.sql": "alter table orders add a int;"})
    assert (result.failed, result.gaps) == ("", ())
    failing = rehearsed(as_owner, {"2_a.sql": "alter table customers add a int;"})
    assert "must be owner of table customers" in failing.failed


def test_who_waits_for_the_copying_is_let_by(url: str) -> None:
    with courteous(url) as reading, psycopg.connect(reading) as held:
        held.execute("LOCK TABLE orders IN ACCESS SHARE MODE")
        done = threading.Event()

        def change() -> None:
            ask(url, "ALTER TABLE orders ADD hurried int")
            done.set()

        thread = threading.Thread(target=change)
        thread.start()
        # An idle session has nothing to cancel: it is the query that lets go.
        with pytest.raises(psycopg.errors.QueryCanceled):
            held.execute("SELECT pg_sleep(20)")
        held.rollback()
        thread.join(10)
        assert done.is_set()


def test_a_locked_table_is_not_waited_for(url: str) -> None:
    with psycopg.connect(url) as holder:
        holder.execute("LOCK TABLE orders")
        with pytest.raises(Temporary, match="LOCK TABLE"):
            rehearsed(url, {"2_a.sql": "select 1;"})


def test_what_stands_in_the_way_is_refused_before_anything_is_copied(url: str) -> None:
    with pytest.raises(Refused):
        rehearsed(url, {"0_old.sql": "select 1;"})


def test_what_the_scratch_server_lacks_is_never_a_pass(url: str) -> None:
    # An extension that the scratch server does not have, as the catalog would tell it.
    ask(
        url,
        "INSERT INTO pg_extension SELECT 99999, 'absent', 10, 2200, false, '1', NULL, NULL",
    )
    try:
        result = rehearsed(url, {"2_a.sql": "create table a (id int);"})
    finally:
        ask(url, "DELETE FROM pg_extension WHERE oid = 99999")
    assert any("the extension absent is not on the scratch server" in gap for gap in result.gaps)
    assert judge(result).judged is Judged.UNKNOWN
