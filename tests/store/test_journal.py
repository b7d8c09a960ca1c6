"""Is the record append-only, chained and told once?"""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import psycopg
import pytest

from fairlead.journal.chain import first_break
from fairlead.journal.event import Event
from fairlead.store import journal
from fairlead.store.database import Database

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


def event(effect: str) -> Event:
    return Event(NOW, "ana", "stage.began", "build began", effect, data={"ms": 1.5, "ü": ["é"]})


def test_the_same_effect_is_recorded_once(database: Database) -> None:
    with database.begin() as tx:
        assert journal.append(tx, event("r1/0/began"))
        assert not journal.append(tx, event("r1/0/began"))
        assert len(journal.entries(tx)) == 1


def test_what_is_read_back_still_fits_the_chain(database: Database) -> None:
    with database.begin() as tx:
        for number in range(20):
            journal.append(tx, event(f"r1/{number}"))
    with database.begin() as tx:
        assert first_break(journal.whole_chain(tx)) is None


def test_many_writers_at_once_make_one_unbroken_chain(database: Database) -> None:
    def write(number: int) -> None:
        with database.begin() as tx:
            journal.append(tx, event(f"writer/{number}"))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(80)))
    with database.begin() as tx:
        assert journal.count(tx) == 80
        assert first_break(journal.whole_chain(tx)) is None


@pytest.mark.parametrize("statement", ["UPDATE journal SET because = 'x'", "DELETE FROM journal"])
def test_the_server_may_not_rewrite_the_record(database: Database, statement: str) -> None:
    with database.begin() as tx:
        journal.append(tx, event("r1"))
    with pytest.raises(psycopg.errors.InsufficientPrivilege), database.begin() as tx:
        tx.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE fairlead.journal SET because = 'x'",
        "DELETE FROM fairlead.journal",
        "TRUNCATE fairlead.journal",
    ],
)
def test_even_the_owner_is_refused(database: Database, database_url: str, statement: str) -> None:
    with database.begin() as tx:
        journal.append(tx, event("r1"))
    with (
        psycopg.connect(database_url) as owner,
        pytest.raises(psycopg.errors.RaiseException, match="append-only"),
    ):
        owner.execute(statement)


def test_an_entry_forged_behind_the_triggers_is_found(
    database: Database, database_url: str
) -> None:
    with database.begin() as tx:
        for number in range(3):
            journal.append(tx, event(f"r{number}"))
    with psycopg.connect(database_url) as owner:
        owner.execute("SET session_replication_role = replica")
        owner.execute("UPDATE fairlead.journal SET actor = 'mallory' WHERE seq = 2")
    with database.begin() as tx:
        assert first_break(journal.whole_chain(tx)) == "entry 2 was changed after it was written"


def test_audit_rows_can_be_added_and_read_but_not_changed(database: Database) -> None:
    with database.begin() as tx:
        row = tx.execute(
            "SELECT relrowsecurity FROM pg_class WHERE oid = 'deployment_audit'::regclass"
        ).fetchone()
    assert row == {"relrowsecurity": True}
    with pytest.raises(psycopg.errors.InsufficientPrivilege), database.begin() as tx:
        tx.execute("UPDATE deployment_audit SET deployment_status = 'success'")
