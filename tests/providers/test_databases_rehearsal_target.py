"""What a rehearsal asks the live database: its traffic, and an older version of it."""

import time
from collections.abc import Iterator

import psycopg
import pytest

from fairlead.migrations.file import read_all
from fairlead.migrations.rehearsal.verdict import Judged, judge
from fairlead.providers.databases.rehearsal import traffic
from fairlead.providers.databases.rehearsing import rehearse
from fairlead.providers.databases.scratch import scratch
from providers.migrations_stand import a_database, a_server, ask
from room import ROOM


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with a_server() as url:
        yield url


def test_queries_are_counted_and_those_of_partitions_are_their_parents(server: str) -> None:
    url = a_database(server)
    ask(url, "CREATE TABLE orders (id int) PARTITION BY RANGE (id)")
    ask(url, "CREATE TABLE low PARTITION OF orders FOR VALUES FROM (0) TO (100)")
    ask(url, "CREATE TABLE high PARTITION OF orders FOR VALUES FROM (100) TO (200)")
    first = traffic.count(url)
    for number in (1, 2, 150):
        ask(url, f"INSERT INTO orders VALUES ({number})")
    ask(url, "SELECT count(*) FROM low")
    seen = traffic.traffic(url, first)
    assert {name: (rate.reads > 0, rate.writes > 0) for name, rate in seen.rates.items()} == {
        "orders": (True, True), "low": (True, True), "high": (False, True)
    }  # fmt: skip
    assert seen.rates["orders"].writes == pytest.approx(
        seen.rates["low"].writes + seen.rates["high"].writes
    )
    assert (seen.clients, seen.most_clients) == (0, 100)
    # Nobody stayed connected, so nobody has anything left to tell.
    assert "counted for 0" in seen.because


def test_who_stays_connected_is_waited_for_until_it_has_told_its_numbers(server: str) -> None:
    url = a_database(server)
    ask(url, "CREATE TABLE orders (id int)")
    with psycopg.connect(url, autocommit=True) as busy:
        first = traffic.count(url)
        for number in range(4):
            busy.execute(f"INSERT INTO orders VALUES ({number})")
            time.sleep(0.5)
        seen = traffic.traffic(url, first)
    assert (seen.clients, seen.rates["orders"].writes > 0) == (1, True)
    assert "counted for 3" in seen.because


def test_where_nothing_is_counted_nothing_is_known(server: str) -> None:
    url = a_database(server)
    ask(url, "CREATE TABLE orders (id int)")
    first = traffic.count(url)
    name = url.split("/", maxsplit=4)[3].partition("?")[0]
    ask(url, f"ALTER DATABASE {name} SET track_counts = off")
    seen = traffic.traffic(url, first)
    assert (seen.rates, seen.because) == ({}, "track_counts is off at the target")


def test_a_version_16_is_rehearsed_on_a_version_16() -> None:
    with scratch(ROOM, 16) as older:
        url = older.database("shop")
        ask(url, "CREATE TABLE orders AS SELECT g AS id FROM generate_series(1, 1000) g")
        files = {"1_a.sql": b"create index concurrently by_id on orders (id);"}
        result = rehearse(url, read_all(files), ROOM, lambda _: None)
    assert (result.target_major, result.major) == (16, 16)
    assert (result.failed, result.gaps, result.kills.wrong) == ("", (), ())
    assert judge(result).judged is Judged.WITHIN
