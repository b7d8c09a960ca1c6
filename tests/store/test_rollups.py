"""Does a window tell every request once, however much of it is rolled up?"""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from fairlead.analysis import sketch
from fairlead.analysis.rollup import Part, kept_from
from fairlead.store import rolling, rollups
from fairlead.store.database import Tx

NOW = datetime(2026, 11, 23, 3, 10, 30, tzinfo=UTC)
PLACE = ("agentic", "live")


def part(began: datetime, requests: int = 10, release: str = "a" * 12, grain: int = 1) -> Part:
    times = sketch.of_times([20.0] * requests)
    return Part(release, "api", "ingest", grain, began, 1.0, requests, 1, requests * 20.0, times)


def told(tx: Tx, since: datetime, until: datetime) -> int:
    return sum(p.requests for p in rollups.within(tx, PLACE, (since, until), "ingest"))


def settle(tx: Tx, now: datetime) -> None:
    while rolling.roll(tx, now):
        pass


def test_a_part_is_kept_as_it_was(tx: Tx) -> None:
    one = part(NOW - timedelta(seconds=9))
    rollups.add(tx, [(PLACE, one), (("other", "live"), one)])
    assert rollups.within(tx, PLACE, (NOW - timedelta(minutes=1), NOW), "ingest") == [one]
    assert rollups.newest(tx, PLACE, "ingest") == one.began
    assert rollups.newest(tx, ("agentic", "elsewhere"), "ingest") is None


def test_the_newest_is_told_of_also_when_its_second_is_not_kept_any_more(tx: Tx) -> None:
    began = NOW - timedelta(days=1, seconds=20)
    rollups.add(tx, [(PLACE, part(began))])
    settle(tx, NOW)
    assert rollups.newest(tx, PLACE, "ingest") == began
    rolling.forget(tx, NOW)
    assert rollups.newest(tx, PLACE, "ingest") == began.replace(second=59)


@pytest.mark.parametrize("rounds", range(3))
def test_windows_tell_every_request_once_before_and_after_rolling(tx: Tx, rounds: int) -> None:
    chance = random.Random(rounds)
    every: dict[datetime, int] = {}
    for turn in range(3):
        whole = [NOW.replace(microsecond=0) - timedelta(seconds=chance.randrange(400_000))
                 for _ in range(150)]  # fmt: skip
        rollups.add(tx, [(PLACE, part(began, 1 + turn)) for began in whole])
        for began in whole:
            every[began] = every.get(began, 0) + 1 + turn
        settle(tx, NOW - timedelta(days=2 - turn))
        for _ in range(20):
            until = NOW - timedelta(seconds=chance.randrange(300_000))
            since = until - timedelta(seconds=chance.choice([1, 59, 3_600, 90_000, 250_000]))
            first, end = since.replace(microsecond=0), until.replace(microsecond=0)
            wanted = sum(n for began, n in every.items() if first <= began < end)
            assert told(tx, since, until) == wanted


def test_what_arrives_late_is_told_and_rolled_up_too(tx: Tx) -> None:
    began = NOW.replace(hour=1, minute=7, second=0, microsecond=0)
    rollups.add(tx, [(PLACE, part(began))])
    settle(tx, NOW)
    rollups.add(tx, [(PLACE, part(began + timedelta(seconds=1)))])
    hour = (began.replace(minute=0), began.replace(minute=0) + timedelta(hours=1))
    assert told(tx, *hour) == 20
    settle(tx, NOW)
    assert told(tx, *hour) == 20
    assert {p.grain for p in rollups.within(tx, PLACE, hour, "ingest")} == {3600}


def test_a_month_is_told_by_few_rows(tx: Tx) -> None:
    hours = [NOW.replace(minute=0, second=0) - timedelta(hours=n) for n in range(1, 720)]
    rollups.add(tx, [(PLACE, part(began, 5, grain=3600)) for began in hours])
    settle(tx, NOW)
    found = rollups.within(tx, PLACE, (kept_from(NOW - timedelta(days=30), NOW), NOW), "ingest")
    assert sum(p.requests for p in found) >= 5 * 700
    assert len(found) < 60


def test_rows_are_let_go_when_they_are_rolled_up_and_old(tx: Tx) -> None:
    old, new = NOW - timedelta(hours=3), NOW - timedelta(seconds=20)
    rollups.add(tx, [(PLACE, part(old)), (PLACE, part(new))])
    assert rolling.forget(tx, NOW) == 0
    settle(tx, NOW)
    assert rolling.forget(tx, NOW) == 1
    window = (kept_from(NOW - timedelta(hours=4), NOW), NOW)
    assert told(tx, *window) == 20
    assert window[0].second == 0


def test_windows_begin_where_their_rows_are_still_kept() -> None:
    def begins(age: timedelta) -> str:
        return (kept_from(NOW - age, NOW)).strftime("%d %H:%M:%S")

    assert begins(timedelta(minutes=5)) == "23 03:05:30"
    assert begins(timedelta(hours=3, seconds=7)) == "23 00:10:00"
    assert begins(timedelta(days=8)) == "15 03:00:00"
    assert begins(timedelta(days=500)) == "11 00:00:00"


def test_many_rows_of_one_second_become_one_that_tells_the_same(tx: Tx) -> None:
    second = (NOW - timedelta(seconds=10)).replace(microsecond=0)
    others = [part(second, release="b" * 12), part(second + timedelta(seconds=1))]
    rollups.add(tx, [(PLACE, part(second)) for _ in range(30)])
    rollups.add(tx, [*((PLACE, other) for other in others), (("other", "live"), part(second))])
    rollups.add(tx, [(PLACE, part(NOW - timedelta(seconds=1))) for _ in range(2)])
    assert rolling.gather(tx, NOW, 1) == 30
    assert rolling.gather(tx, NOW, 1) == 0
    found = rollups.within(tx, PLACE, (NOW - timedelta(minutes=1), NOW), "ingest")
    assert sorted(p.requests for p in found) == [10, 10, 10, 10, 300]
    [busy] = [p for p in found if p.requests == 300]
    assert (busy.errors, busy.total_ms, busy.seen_s) == (30, 6000.0, 1.0)
    assert busy.sketch == sketch.of_times([20.0] * 300)


def test_what_comes_late_again_and_again_leaves_one_row_a_span(tx: Tx) -> None:
    began = NOW.replace(hour=1, minute=7, second=0, microsecond=0)
    for _ in range(5):
        rollups.add(tx, [(PLACE, part(began))])
        settle(tx, NOW)
    hour = (began.replace(minute=0), began.replace(minute=0) + timedelta(hours=1))
    assert len(rollups.within(tx, PLACE, hour, "ingest")) == 5
    assert rolling.gather(tx, NOW, 3600) == 5
    [one] = rollups.within(tx, PLACE, hour, "ingest")
    assert (one.grain, one.requests) == (3600, 50)


def test_a_backlog_is_read_a_part_at_a_time(tx: Tx, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rolling, "MOST_ROWS", 4)
    second = NOW - timedelta(seconds=10)
    rollups.add(tx, [(PLACE, part(second)) for _ in range(9)])
    sizes = [rolling.gather(tx, NOW, 1) for _ in range(4)]
    assert sizes == [4, 4, 3, 0]
    assert told(tx, NOW - timedelta(minutes=1), NOW) == 90


def test_what_was_told_in_all_is_the_same_however_it_is_rolled_up(tx: Tx) -> None:
    chance = random.Random(6)
    many = [replace(part(NOW - timedelta(seconds=chance.randrange(20, 9_000)), 3),
                    total_ms=chance.random() * 1e5) for _ in range(300)]  # fmt: skip
    rollups.add(tx, [(PLACE, one) for one in many])
    wanted = [("a" * 12, "api")]
    before = rollups.totals(tx, PLACE, "ingest", wanted)
    rolling.gather(tx, NOW, 1)
    assert rollups.totals(tx, PLACE, "ingest", wanted) == before
    settle(tx, NOW)
    assert rollups.totals(tx, PLACE, "ingest", wanted) == before
    assert before[0].total_ms == pytest.approx(sum(p.total_ms for p in many))
