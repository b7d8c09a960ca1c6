"""What a rehearsal predicts: intervals that hold what was measured, and a gate that guesses not."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairlead.migrations.rehearsal.blocking import Blocks, blocks
from fairlead.migrations.rehearsal.contents import lost
from fairlead.migrations.rehearsal.observed import Lock, Observed, Rate, Scan, Traffic, rate
from fairlead.migrations.rehearsal.prediction import Interval, blocked, time_at_target, waited
from fairlead.migrations.rehearsal.rehearsal import Kills, Rehearsal
from fairlead.migrations.rehearsal.verdict import Judged, judge

SECONDS = st.floats(0.0001, 1000)
RATES = st.floats(0, 100_000)
CLIENTS = st.integers(1, 500)
BUSY = Traffic(16, 100, {"orders": Rate(500, 100, 520, 110)})
QUIET = Traffic(16, 100, {"orders": Rate(0, 0, 1, 1)})


def locking(seconds: float, mode: str = "AccessExclusiveLock", number: int = 1) -> Observed:
    lock = Lock("orders", "orders", mode, seconds)
    return Observed("1_a.sql", number, number, "alter table orders", True, seconds, (lock,))


def rehearsal(*statements: Observed, traffic: Traffic = BUSY) -> Rehearsal:
    return Rehearsal("shop", 18, 18, 1000, traffic, statements=statements)


@given(SECONDS)
def test_what_was_measured_lies_in_the_interval(seconds: float) -> None:
    for one in (locking(seconds), replace(locking(seconds), written=("orders",))):
        predicted = time_at_target(one, {})
        assert predicted.low <= seconds <= predicted.high
    assert predicted.high == pytest.approx(3 * seconds)


@given(SECONDS, st.floats(1, 1000), st.floats(1, 1000))
def test_a_larger_table_never_takes_less(seconds: float, one: float, other: float) -> None:
    few, many = sorted([one, other])
    scan = replace(locking(seconds), scanned=(Scan("orders", 10),))
    smaller, larger = (time_at_target(scan, {"orders": factor}) for factor in (few, many))
    assert smaller.low <= larger.low
    assert smaller.high <= larger.high


def test_what_a_foreign_key_reads_grows_with_both_tables() -> None:
    scans = (Scan("customers", 10), Scan("orders", 1000, by_key=True))
    delete = replace(locking(1.005), scanned=scans, written=("customers",))
    predicted = time_at_target(delete, {"customers": 3.0, "orders": 10.0})
    assert predicted.high == pytest.approx(3 * 30.005)


def test_what_reads_no_rows_does_not_grow_with_the_table() -> None:
    assert time_at_target(locking(1.0), {"orders": 100.0}) == Interval(0.5, 2.0)


@given(SECONDS, SECONDS, RATES, RATES, CLIENTS)
def test_longer_and_busier_is_never_less_waiting(
    one: float, other: float, rate_one: float, rate_other: float, clients: int
) -> None:
    short, long = sorted([one, other])
    few, many = sorted([rate_one, rate_other])
    assert waited(short, few, clients) <= waited(long, few, clients) * (1 + 1e-9)
    assert waited(short, few, clients) <= waited(short, many, clients) * (1 + 1e-9)
    assert waited(short, many, clients) <= clients * short * (1 + 1e-9)


def test_everybody_waits_when_nobody_knows_how_many_come() -> None:
    assert waited(2.0, float("inf"), 10) == 20
    lock = Interval(0.5, 2.0)
    assert blocked(lock, lock, BUSY, None) == Interval(0.0, 200.0)


def test_one_query_each_second_waits_half_the_lock() -> None:
    assert waited(1.0, 1.0, 16) == 0.5
    # After 16 s all 16 wait.
    assert waited(26.0, 1.0, 16) == 16 * 16 / 2 + 16 * 10


@given(SECONDS, RATES, RATES, CLIENTS)
def test_the_low_end_is_never_above_the_high_one(
    seconds: float, reads: float, writes: float, clients: int
) -> None:
    seen = rate((int(reads), int(writes)), 3.0)
    lock = Interval(seconds / 2, seconds * 2)
    told = blocked(lock, lock, Traffic(clients, clients + 10), seen)
    assert 0 <= told.low <= told.high


def test_none_seen_is_not_none() -> None:
    assert rate((0, 0), 3.0).most_reads == 1.0
    assert rate((100, 0), 10.0).reads == 10.0


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("AccessShareLock", Blocks.NOBODY),
        ("RowExclusiveLock", Blocks.NOBODY),
        ("ShareUpdateExclusiveLock", Blocks.NOBODY),
        ("ShareLock", Blocks.WRITES),
        ("ExclusiveLock", Blocks.WRITES),
        ("AccessExclusiveLock", Blocks.EVERYTHING),
        ("ALockOfTheFuture", Blocks.EVERYTHING),
    ],
)
def test_who_waits_for_a_mode(mode: str, expected: Blocks) -> None:
    assert blocks(mode) is expected


def test_a_lock_lasts_until_its_transaction_ends() -> None:
    first = replace(locking(0.1), locks=())
    (held,) = rehearsal(first, locking(1.0, number=2), locking(2.0, number=3)).locks
    assert (held.where, held.seconds) == ("1_a.sql:2", Interval(1.5, 6.0))


def test_each_step_of_a_file_that_is_no_transaction_locks_for_itself() -> None:
    steps = [replace(locking(1.0, number=n), in_transaction=False) for n in (1, 2)]
    assert [held.where for held in rehearsal(*steps).locks] == ["1_a.sql:1", "1_a.sql:2"]


def test_the_budget_decides() -> None:
    assert judge(rehearsal(locking(0.01))).judged is Judged.WITHIN
    over = judge(rehearsal(locking(2.0)))
    assert over.judged is Judged.OVER
    assert "1_a.sql:1 locks orders against reads and writes for 1.0 to 4.0 s" in over.because
    assert judge(rehearsal(locking(2.0)), budget=1000).judged is Judged.WITHIN
    assert judge(rehearsal(locking(2.0), traffic=QUIET), budget=30).judged is Judged.WITHIN


@given(SECONDS, st.floats(0, 1000))
def test_within_is_only_said_when_the_high_end_is(seconds: float, budget: float) -> None:
    verdict = judge(rehearsal(locking(seconds)), budget)
    assert (verdict.judged is Judged.WITHIN) == (verdict.blocked_client_s.high <= budget)


def test_a_lock_against_writes_lets_readers_pass() -> None:
    every, writers = (
        judge(rehearsal(locking(1.0, mode))).blocked_client_s
        for mode in ("AccessExclusiveLock", "ShareLock")
    )
    assert writers.low < every.low
    weak = judge(rehearsal(locking(99.0, "ShareUpdateExclusiveLock")))
    assert weak.blocked_client_s == Interval()


def test_what_is_not_known_is_never_within() -> None:
    fine = rehearsal(locking(0.01))
    unknown = replace(fine, traffic=Traffic(5, 100, {}, "track_counts is off"))
    assert judge(unknown).judged is Judged.WITHIN  # all 100 for 20 ms are 2 client-seconds
    told = judge(replace(unknown, statements=(locking(1.0),)))
    assert told.judged is Judged.UNKNOWN
    assert "track_counts is off" in told.because
    gap = judge(replace(fine, gaps=("the extension postgis is missing",)))
    assert gap.judged is Judged.UNKNOWN
    assert "postgis" in gap.because
    assert judge(replace(fine, gaps=("x",), failed="y")).judged is Judged.UNKNOWN


def test_what_fails_or_ends_wrong_is_failed() -> None:
    fine = rehearsal(locking(0.01))
    assert judge(replace(fine, failed="1_a.sql:1: no")).because == "1_a.sql:1: no"
    killed = judge(replace(fine, kills=Kills(3, ("+CREATE INDEX a",))))
    assert killed.judged is Judged.FAILED
    assert "+CREATE INDEX a" in killed.because


def test_nothing_pending_is_within() -> None:
    assert judge(rehearsal()).because == "nothing is pending"


def test_rows_columns_values_and_tables_that_vanish_are_counted() -> None:
    before = {("a", ""): 3, ("a", "x"): 2, ("a", "y"): 3, ("b", ""): 1, ("b", "z"): 1}
    assert lost(before, before) == ()
    after = {("a", ""): 3, ("a", "y"): 1}
    assert lost(before, after) == (
        "the column a.x with 2 values",
        "2 values of a.y",
        "the table b with 1 row",
    )
    assert lost({("a", ""): 5, ("a", "x"): 5}, {("a", ""): 2, ("a", "x"): 2}) == ("3 rows of a",)
