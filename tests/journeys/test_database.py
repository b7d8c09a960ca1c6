"""What does a release do to the database of its app, on the real parts, through the real server?"""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import psycopg
import pytest

from fairlead import places
from fairlead.errors import NotFound
from journeys.configurations import at_once
from journeys.stand import Stand, until
from providers.postgres_stand import a_postgres, database

POSTGRES = {"database": {"kind": "postgres", "path": "supabase/migrations"}}
SECRET = "shop-live"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with a_postgres() as url:
        yield url


def with_database(app: str, ports: list[int], **policy: Any) -> dict[str, Any]:
    told = at_once(app, ports, database={"secret": SECRET}, **policy)
    return told | {"components": told["components"] | POSTGRES}


def columns(url: str) -> list[str]:
    with psycopg.connect(url) as connection:
        rows = connection.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass('items') "
            "AND attnum > 0 AND NOT attisdropped ORDER BY attnum"
        )
        return [row[0] for row in rows]


def ended(stand: Stand, run: dict[str, Any]) -> tuple[str, str]:
    return run["status"], run["because"]


def test_a_release_takes_its_database_along_and_what_it_takes_away_goes_last(
    stand: Stand, server: str
) -> None:
    url = database(server, "shop")
    places.secrets(stand.settings).put(SECRET, url)
    app = stand.app("with-database", with_database, rollback_window="1s")
    app.write("supabase/migrations/20260101000000_items.sql", "create table items (id int, a int);")
    app.commit("first")
    assert ended(stand, stand.ship(app))[0] == "succeeded"
    assert columns(url) == ["id", "a"]

    app.write("supabase/migrations/20260102000000_b.sql", "alter table items add column b int;")
    app.write("supabase/migrations/20260103000000_a.sql", "alter table items drop column a;")
    second = app.commit("second")
    run = stand.ship(app)
    assert ended(stand, run)[0] == "succeeded"
    told = [e for e in stand.ana.journal(run["id"]) if e["kind"] == "gate.passed"]
    assert "20260103000000_a.sql contracts and waits" in told[0]["because"]
    assert told[0]["data"]["report"]["backup"]

    # The release before runs until its window closes; then nobody needs the old shape.
    until(lambda: columns(url) == ["id", "b"], "the contracting migration", 90)
    assert (app.ask().release, app.ask().text) == (second, "second")


def test_a_migration_that_fails_leaves_users_on_the_release_before(
    stand: Stand, server: str
) -> None:
    url = database(server, "failing")
    places.secrets(stand.settings).put(SECRET, url)
    app = stand.app("failing-database", with_database)
    app.write("supabase/migrations/20260101000000_items.sql", "create table items (id int);")
    good = app.commit("good")
    assert ended(stand, stand.ship(app))[0] == "succeeded"

    app.write("supabase/migrations/20260102000000_bad.sql", "alter table nowhere add b int;")
    app.commit("bad")
    status, because = ended(stand, stand.ship(app))
    assert status == "failed"
    assert 'relation "nowhere" does not exist' in because
    assert (app.ask().release, app.ask().text) == (good, "good")
    assert columns(url) == ["id"]


def test_without_its_secret_a_release_does_not_begin(stand: Stand) -> None:
    with suppress(NotFound):
        places.secrets(stand.settings).remove(SECRET)
    app = stand.app("without-secret", with_database)
    app.write("supabase/migrations/20260101000000_items.sql", "create table items (id int);")
    app.commit("first")
    status, because = ended(stand, stand.ship(app))
    assert (status, because) == (
        "failed",
        "the secret shop-live is not here: `fairlead secret put shop-live`",
    )
