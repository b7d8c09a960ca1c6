"""Is how often errors happened told right, also of those whose single events are not kept?"""

import random
from datetime import timedelta

import pytest

from fairlead.store import old_errors
from fairlead.store.database import Tx, many
from functions.stand import Functions
from functions.test_error_tracking import events, listed, track


def forget(functions: Functions, days: float = 0.0) -> list[int]:
    """Let go until nothing is left to be let go of; return how many each time."""
    counts: list[int] = []
    while not counts or counts[-1]:
        with functions.loop.house.database.begin() as tx:
            now = functions.loop.clock.now + timedelta(days=days)
            counts.append(old_errors.forget(tx, now))
    return counts


def counted(functions: Functions, window: str, release: str = "") -> int:
    asked = {"time_window": window, "release": release}
    return int(functions.call("error-tracking", "get_error_rate", **asked)["error_count"])


def rows(tx: Tx, table: str) -> int:
    return int(many(tx, f"SELECT count(*) AS n FROM {table}")[0]["n"])


def test_old_events_are_let_go_and_their_faults_are_still_told(functions: Functions) -> None:
    track(functions)
    assert forget(functions, days=31) == [1, 0]
    assert [error["events"] for error in listed(functions)] == [1]
    assert forget(functions, days=181) == [1, 0]
    assert listed(functions) == []
    with functions.loop.house.database.begin() as tx:
        assert rows(tx, "error_releases") == rows(tx, "error_minutes") == 0


def test_of_a_fault_that_happens_all_the_time_the_newest_are_kept_and_all_are_counted(
    functions: Functions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(old_errors, "MOST_EVENTS", 5)
    monkeypatch.setattr(old_errors, "MOST_AT_ONCE", 8)
    track(functions, "another one")
    for _ in range(20):
        track(functions)
        functions.loop.clock.pass_by(1)
    assert forget(functions) == [0]
    functions.loop.clock.pass_by(300)
    for number in range(4):
        track(functions, "it broke", release=f"later-{number % 2}")
    functions.loop.clock.pass_by(301)
    assert forget(functions) == [8, 7, 0]
    kept = [event for event in events(functions) if event["message"] == "it broke"]
    assert len(kept) == 5 + 4
    assert len({event["at"] for event in kept}) == 6
    assert sorted(error["events"] for error in listed(functions)) == [1, 24]
    assert counted(functions, "1h") == 25
    assert counted(functions, "1h", release="later-1") == 2
    assert counted(functions, "5m") == 0
    assert counted(functions, "6m") == 4


def test_any_window_counts_what_happened_in_it(functions: Functions) -> None:
    chance, now = random.Random(3), functions.loop.clock.now
    ages = [chance.randrange(1, 550) for _ in range(40)]
    functions.loop.clock.pass_by(-550)
    for age in sorted(ages, reverse=True):
        functions.loop.clock.now = now - timedelta(seconds=age)
        track(functions)
    functions.loop.clock.now = now
    for seconds in (1, 59, 60, 61, 180, 300, 549, 600):
        assert counted(functions, f"{seconds}s") == sum(age <= seconds for age in ages)


def test_of_many_faults_those_that_happened_last_are_kept(
    functions: Functions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(old_errors, "MOST_FAULTS", 3)
    for word in ("ant", "bee", "cat", "dog", "eel"):
        track(functions, f"the {word} broke")
        functions.loop.clock.pass_by(1)
    assert forget(functions) == [2, 0]
    assert [error["title"] for error in listed(functions)] == [
        "the eel broke", "the dog broke", "the cat broke",
    ]  # fmt: skip
    assert len(events(functions)) == 3
    assert counted(functions, "5m") == 5


def test_who_lets_go_waits_for_nobody(
    functions: Functions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(old_errors, "MOST_FAULTS", 1)
    for word in ("ant", "bee", "cat"):
        track(functions, f"the {word} broke")
        functions.loop.clock.pass_by(1)
    database = functions.loop.house.database
    with database.begin() as busy, database.begin() as tx:
        busy.execute("SELECT FROM error_groups WHERE title = 'the ant broke' FOR UPDATE")
        tx.execute("SET LOCAL lock_timeout = '2s'")
        assert old_errors.forget(tx, functions.loop.clock.now) == 1
    assert forget(functions) == [1, 0]
    assert [error["title"] for error in listed(functions)] == ["the cat broke"]


def test_releases_with_made_up_names_are_not_all_told_apart(
    functions: Functions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(old_errors, "MOST_RELEASES", 2)
    for number in range(5):
        track(functions, release=f"r{number}")
        functions.loop.clock.pass_by(0.1)
    for _ in range(3):
        track(functions, release="busy")
    assert forget(functions) == [4, 0]
    assert listed(functions)[0]["releases"] == {"busy": 3, "r4": 1}
    functions.loop.clock.pass_by(700)
    assert forget(functions) == [1, 0]
    with functions.loop.house.database.begin() as tx:
        told = many(tx, "SELECT release, events FROM error_minutes ORDER BY events, release")
    assert {row["release"]: row["events"] for row in told} == {"r0": 1, "busy": 3, "": 4}
    assert counted(functions, "1h") == 8
    assert listed(functions)[0]["events"] == 8


def test_many_faults_are_let_go_before_the_database_has_looked_at_what_it_holds(
    functions: Functions,
) -> None:
    live = functions.loop.app.name
    with functions.loop.house.database.begin() as tx:
        tx.execute("SET LOCAL statement_timeout = '20s'")
        tx.execute(
            "INSERT INTO error_events SELECT %s, 'live', gen_random_uuid(), 'f' || i, 'r', 'api', "
            "'error', %s - i * interval '1 ms', 'it broke', '', '{}' "
            "FROM generate_series(1, 30000) i",
            (live, functions.loop.clock.now),
        )
        tx.execute(
            "INSERT INTO error_groups SELECT app, environment, fingerprint, 'api', 'error', 't', "
            "1, at, 'r', at, 'r' FROM error_events"
        )
        while old_errors.forget(tx, functions.loop.clock.now):
            pass
        assert rows(tx, "error_groups") == rows(tx, "error_events") == old_errors.MOST_FAULTS
