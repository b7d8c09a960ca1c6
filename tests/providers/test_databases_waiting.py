"""Does anybody wait long for a migration, and is it stopped before it costs more than allowed?"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from itertools import count

import psycopg
import pytest

from fairlead.errors import Refused, Temporary
from fairlead.providers.databases import watchdog
from providers.migrations_stand import ask, fingerprint, migrate
from providers.postgres_stand import a_postgres, database

BEFORE = {
    "1_items.sql": "create table items (id int, name text); create table other (id int);"
    "insert into items values (1); insert into other values (1)"
}
ALTER = BEFORE | {"2_b.sql": "alter table items add note text"}
SLOW = BEFORE | {"2_b.sql": "alter table items add note text; select pg_sleep(30)"}
INDEX = BEFORE | {"2_i.sql": "create index concurrently items_id on items (id)"}
_numbers = count(1)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with a_postgres() as url:
        yield url


@pytest.fixture
def url(server: str) -> str:
    shop = database(server, f"shop_{next(_numbers)}")
    migrate(shop, BEFORE)
    return shop


@contextmanager
def meanwhile(*works: Callable[[], object]) -> Iterator[None]:
    """Do works in threads of their own; they have ended when the block has."""
    threads = [threading.Thread(target=work) for work in works]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        for thread in threads:
            thread.join()


def once(url: str, question: str, then: Callable[[], object]) -> Callable[[], None]:
    """Return what does something as soon as the answer to a question is yes."""

    def work() -> None:
        end = time.monotonic() + 20
        while ask(url, question) != [(True,)]:
            assert time.monotonic() < end, question
            time.sleep(0.01)
        then()

    return work


def after(seconds: float, then: Callable[[], object]) -> Callable[[], None]:
    def work() -> None:
        time.sleep(seconds)
        then()

    return work


def ours(state: str) -> str:
    return (
        "SELECT count(*) > 0 FROM pg_stat_activity WHERE datname = current_database() "
        f"AND application_name = 'fairlead db migrate' AND {state}"
    )


SLEEPS = ours("wait_event = 'PgSleep'")
WAITS = ours("wait_event_type = 'Lock'")
# CREATE INDEX CONCURRENTLY waits for whole transactions.
BUILDS = ours("query ILIKE 'create index%' AND wait_event_type = 'Lock'")


def test_short_transactions_that_never_let_us_in_are_waited_for_a_little(url: str) -> None:
    ended = threading.Event()

    def works() -> None:
        with psycopg.connect(url) as connection:
            while not ended.is_set():
                connection.execute("SELECT FROM items")
                time.sleep(0.02)
                connection.commit()

    with meanwhile(*[works] * 6):
        time.sleep(0.2)
        outcome, _ = migrate(url, ALTER)
        ended.set()
    assert outcome.applied == ("2_b.sql",)
    cost = outcome.costs["2_b.sql"]
    assert cost.lock_tries >= 6  # five without waiting, then one that waits
    assert cost.blocked_client_s < 2
    assert cost.seconds < 5


def test_nobody_waits_while_a_long_reader_is_in_front(url: str) -> None:
    with psycopg.connect(url) as reader:
        reader.execute("SELECT FROM items")
        time.sleep(0.3)
        with meanwhile(after(1.0, reader.commit)):
            outcome, _ = migrate(url, ALTER)
    cost = outcome.costs["2_b.sql"]
    assert outcome.applied == ("2_b.sql",)
    assert (cost.blocked_client_s, cost.worst_wait_ms) == (0, 0)
    assert cost.lock_tries > 10


def test_one_table_is_not_held_while_another_is_waited_for(url: str) -> None:
    took: list[float] = []
    ended = threading.Event()

    def works() -> None:
        with psycopg.connect(url, autocommit=True) as connection:
            while not ended.is_set():
                began = time.monotonic()
                connection.execute("SELECT FROM items")
                took.append(time.monotonic() - began)

    two = BEFORE | {"2_b.sql": "alter table items add a int; alter table other add b int"}
    with psycopg.connect(url) as reader:
        reader.execute("SELECT FROM other")
        with meanwhile(works, after(1.5, reader.commit)):
            outcome, _ = migrate(url, two)
            ended.set()
    assert outcome.applied == ("2_b.sql",)
    assert outcome.costs["2_b.sql"].lock_tries > 5
    assert len(took) > 100
    assert max(took) < 0.5


def test_who_keeps_others_waiting_beyond_the_budget_is_stopped_itself(url: str) -> None:
    answers: list[object] = []
    with psycopg.connect(url) as first:
        first.execute("UPDATE other SET id = 2")

        def waits_for_us() -> None:
            answers.append(first.execute("SELECT FROM items").rowcount)
            first.commit()

        # And somebody who waits for the one who waits for us.
        behind = once(url, SLEEPS, lambda: answers.append(ask(url, "UPDATE other SET id = 3")))
        began = time.monotonic()
        with meanwhile(once(url, SLEEPS, waits_for_us), behind):
            outcome, _ = migrate(url, SLOW, budget_s=1.0)
    assert time.monotonic() - began < 10
    assert answers == [1, []]
    cost = outcome.costs["2_b.sql"]
    assert 0.8 < cost.blocked_client_s < 1.5
    assert 300 < cost.worst_wait_ms < 1200
    assert outcome.failed.startswith("2_b.sql: others waited ")
    assert "1 s are allowed (1 try in " in outcome.failed
    assert "its own locks kept them waiting; nothing of this file was applied" in outcome.failed
    assert "allow more with --budget" in outcome.failed
    assert ask(url, "SELECT applied, blocked_client_s, worst_wait_ms, lock_tries, seconds "
               "FROM supabase_migrations.fairlead_costs WHERE version = '2'") == [
        (False, cost.blocked_client_s, cost.worst_wait_ms, 1, cost.seconds)
    ]  # fmt: skip


def test_a_role_that_may_not_look_at_others_counts_them_all_the_same(url: str) -> None:
    ask(url, "DROP ROLE IF EXISTS keeper")
    ask(url, "CREATE ROLE keeper LOGIN")
    ask(url, f"GRANT ALL ON DATABASE {psycopg.conninfo.conninfo_to_dict(url)['dbname']} TO keeper")
    for what in ("SCHEMA public", "SCHEMA supabase_migrations"):
        ask(url, f"GRANT ALL ON {what} TO keeper")
    ask(url, "GRANT ALL ON ALL TABLES IN SCHEMA supabase_migrations TO keeper")
    ask(url, "ALTER TABLE items OWNER TO keeper")
    theirs = url.replace("//postgres", "//keeper", 1)
    with meanwhile(once(url, SLEEPS, lambda: ask(url, "SELECT FROM items"))):
        outcome, _ = migrate(theirs, SLOW, budget_s=0.5)
    assert "0.5 s are allowed" in outcome.failed
    assert 0.3 < outcome.costs["2_b.sql"].blocked_client_s < 1.0
    ask(url, "DROP OWNED BY keeper")


def test_a_wait_that_a_file_makes_longer_is_cut_short_and_tried_again(url: str) -> None:
    long = "do $$ begin set local lock_timeout = '30s'; alter table items add note text; end $$"
    with psycopg.connect(url) as reader:
        reader.execute("SELECT FROM items")
        with meanwhile(once(url, WAITS, after(1.0, reader.commit))):
            outcome, told = migrate(url, BEFORE | {"2_b.sql": long})
    assert outcome.applied == ("2_b.sql",)
    assert any("tries again: it waited 0." in sentence for sentence in told)


def test_the_end_names_who_held_the_lock_and_not_what_it_said(url: str) -> None:
    with psycopg.connect(url, application_name="report") as reader:
        reader.execute("SELECT 's3cret' FROM items")
        outcome, _ = migrate(url, ALTER, retry_for_s=0.5)
        pid = reader.info.backend_pid
    assert f"backend {pid} (report of postgres, its transaction open since 20" in outcome.failed
    assert "held the lock; nothing of this file was applied: end that session" in outcome.failed
    assert "s3cret" not in outcome.failed
    assert outcome.costs["2_b.sql"].lock_tries > 1


def test_a_cancel_of_somebody_else_is_an_end_and_no_reason_to_try_again(url: str) -> None:
    cancel = (
        f"SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE {SLEEPS.split(' WHERE ')[1]}"
    )
    with meanwhile(once(url, SLEEPS, lambda: ask(url, cancel))):
        outcome, _ = migrate(url, SLOW)
    assert outcome.failed.startswith("2_b.sql: canceling statement due to user request; nothing")


def test_without_a_watchdog_nothing_is_begun(server: str) -> None:
    ask(server, "DROP ROLE IF EXISTS lonely")
    ask(server, "CREATE ROLE lonely LOGIN CONNECTION LIMIT 1")
    shop = database(server, f"shop_{next(_numbers)}")
    ask(shop, "GRANT ALL ON SCHEMA public TO lonely")
    with pytest.raises(Refused) as refused:
        migrate(shop.replace("//postgres", "//lonely", 1), BEFORE)
    assert str(refused.value).startswith("nothing was applied, for nobody would see who waits")
    assert 'too many connections for role "lonely"' in str(refused.value)
    assert ask(shop, "SELECT to_regclass('items'), to_regnamespace('supabase_migrations')") == [
        (None, None)
    ]


def no_watchdog(url: str) -> None:
    ask(
        url, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE "
        f"datname = current_database() AND application_name = '{watchdog.APPLICATION}'"
    )  # fmt: skip


def test_a_watchdog_that_is_lost_ends_the_migration(url: str) -> None:
    with meanwhile(once(url, SLEEPS, lambda: no_watchdog(url))):
        outcome, _ = migrate(url, SLOW)
    assert outcome.failed.startswith(
        "2_b.sql: nobody sees any longer who waits, for the watchdog's"
    )
    assert outcome.costs["2_b.sql"].seconds < 10
    assert fingerprint(url)["columns"][0:2] == [
        ("items", "id", "integer", False), ("items", "name", "text", False)
    ]  # fmt: skip


def test_a_lost_watchdog_that_can_cancel_nothing_cuts_our_own_connection(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cannot(*_: object, **__: object) -> None:
        raise psycopg.OperationalError("no cancel")

    monkeypatch.setattr(psycopg.Connection, "cancel_safe", cannot)
    with (
        meanwhile(once(url, SLEEPS, lambda: no_watchdog(url))),
        pytest.raises(Temporary, match="does not answer"),
    ):
        migrate(url, SLOW)
    assert ask(url, "SELECT count(*) FROM supabase_migrations.schema_migrations") == [(1,)]


def quiet_change(url: str) -> Callable[[], None]:
    """Return what disturbs no reader or writer, and waits for an index that is being built."""

    def lock() -> None:
        with psycopg.connect(url) as connection, suppress(psycopg.errors.LockNotAvailable):
            # After a second it would be a deadlock: the index waits for older transactions, too.
            connection.execute("SET lock_timeout = '600ms'")
            connection.execute("LOCK TABLE items IN SHARE UPDATE EXCLUSIVE MODE")

    return once(url, BUILDS, lock)


def test_what_others_wait_for_an_index_that_is_built_is_counted(url: str) -> None:
    with ExitStack() as stack:
        writer = stack.enter_context(psycopg.connect(url))
        writer.execute("INSERT INTO items VALUES (2)")
        quiet = quiet_change(url)
        stack.enter_context(meanwhile(quiet, once(url, BUILDS, after(1, writer.commit))))
        outcome, _ = migrate(url, INDEX)
    assert outcome.applied == ("2_i.sql",)
    assert 0.3 < outcome.costs["2_i.sql"].blocked_client_s < 5
    assert fingerprint(url)["indexes"][0][1]


def test_an_index_that_costs_too_much_is_stopped_and_the_next_run_builds_it_anew(url: str) -> None:
    with psycopg.connect(url) as writer:
        writer.execute("INSERT INTO items VALUES (2)")
        began = time.monotonic()
        with meanwhile(quiet_change(url)):
            outcome, told = migrate(url, INDEX, budget_s=0.4)
        assert time.monotonic() - began < 10
    assert "0.4 s are allowed" in outcome.failed
    assert "the invalid index cannot be dropped now: the next run drops it" in told
    assert not fingerprint(url)["indexes"][0][1]
    assert migrate(url, INDEX)[0].applied == ("2_i.sql",)
    assert fingerprint(url)["indexes"][0][1]
