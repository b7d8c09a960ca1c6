"""What is told of what was seen, and what of it is in the way?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairlead.migrations.finding import Finding, Severity
from fairlead.migrations.preflight import blocking, horizon, judge, room
from fairlead.migrations.preflight.looked import (
    Build,
    Check,
    Gap,
    InvalidIndex,
    Looked,
    Prepared,
    Size,
    Slot,
    Standby,
    XminHolder,
)
from fairlead.migrations.preflight.words import lasting, size, statement
from migrations.a_database import GB, a_look, a_relation, a_server, a_session, a_wait

IDLE = "idle in transaction"


def told(looked: Looked, check: Check) -> list[Severity]:
    return [one.severity for one in judge.findings(looked) if one.check == check]


def test_nothing_seen_is_nothing_found() -> None:
    assert judge.findings(a_look()) == ()


@pytest.mark.parametrize("check", list(Check))
def test_what_could_not_be_looked_at_is_always_told(check: Check) -> None:
    found = judge.findings(a_look(gaps=(Gap(check, "why", "remedy"),)))
    assert [(one.check, one.severity) for one in found] == [(check, Severity.UNKNOWN)]
    assert bool(judge.in_the_way(found)) == (check in judge.NEEDED)


def test_a_chain_has_one_root_and_everybody_behind_it() -> None:
    looked = a_look(
        sessions=tuple(a_session(pid) for pid in (1, 2, 3, 4)),
        waits=(a_wait(4, 3), a_wait(2, 1, waited_s=30.0), a_wait(3, 1, 2)),
    )
    (chain,) = blocking.chains(looked)
    assert chain.root == 1
    assert [wait.pid for wait in chain.waits] == [2, 3, 4]
    assert chain.waited_s == 30
    assert told(looked, Check.BLOCKING) == [Severity.ERROR]


@given(st.lists(st.tuples(st.integers(1, 8), st.sets(st.integers(0, 8))), max_size=8))
def test_nobody_who_waits_is_forgotten(edges: list[tuple[int, set[int]]]) -> None:
    waits = tuple(a_wait(pid, *blockers) for pid, blockers in dict(edges).items())
    sentences = " ".join(one.sentence for one in blocking.findings(a_look(waits=waits)))
    counted = sum(len(chain.waits) for chain in blocking.chains(a_look(waits=waits)))
    assert bool(waits) == bool(sentences)
    assert counted >= len(waits) or "cannot be seen" in sentences


@pytest.mark.parametrize(
    ("held", "wanted", "expected"),
    [
        ("AccessShareLock", "AccessExclusiveLock", True),
        ("AccessShareLock", "ExclusiveLock", False),
        ("RowExclusiveLock", "ShareLock", True),
        ("RowExclusiveLock", "ShareUpdateExclusiveLock", False),
        ("ShareUpdateExclusiveLock", "ShareUpdateExclusiveLock", True),
        ("ShareLock", "ShareLock", False),
        ("SIReadLock", "AccessExclusiveLock", False),
    ],
)
def test_lock_modes_conflict_as_postgres_says(held: str, wanted: str, expected: bool) -> None:
    assert blocking.conflicts(held, wanted) is expected


def test_only_the_prepared_transaction_that_is_waited_for_is_named() -> None:
    prepared = (
        Prepared("mine", "app", "7", 100.0, ((1, "AccessShareLock"),)),
        Prepared("other", "app", "8", 100.0, ((2, "AccessExclusiveLock"), (1, "RowShareLock"))),
    )
    looked = a_look(prepared=prepared, waits=(a_wait(5, 0),))
    assert {chain.root for chain in blocking.chains(looked)} == {"mine", "other"}
    looked = a_look(prepared=prepared, waits=(a_wait(5, 0, relation=2),))
    assert [chain.root for chain in blocking.chains(looked)] == ["other"]
    looked = a_look(prepared=prepared, waits=(a_wait(5, 0, relation=None, xid="7"),))
    assert [chain.root for chain in blocking.chains(looked)] == ["mine"]


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        ({"state": IDLE, "open_s": 6.0, "locked": 1, "relations": (1,)}, [Severity.ERROR]),
        ({"open_s": 6.0, "locked": 1, "relations": (1,)}, [Severity.ERROR]),
        ({"state": IDLE, "open_s": 4.0, "locked": 1, "relations": (1,)}, []),
        ({"state": IDLE, "open_s": 61.0}, [Severity.WARNING]),
        ({"open_s": 59.0}, []),
        ({"open_s": None, "hidden": True, "locked": 1, "relations": (1,)}, [Severity.UNKNOWN]),
        ({"open_s": None, "hidden": True}, [Severity.UNKNOWN]),
        ({"open_s": None, "hidden": True, "has_snapshot": False}, []),
    ],
)
def test_a_transaction_counts_by_what_it_holds_and_how_long(
    seen: dict[str, object], expected: list[Severity]
) -> None:
    assert told(a_look(sessions=(a_session(5, **seen),)), Check.TRANSACTIONS) == expected


def test_a_blocker_is_told_once() -> None:
    holder = a_session(1, state=IDLE, open_s=100.0, locked=1, relations=(1,))
    looked = a_look(sessions=(holder, a_session(2)), waits=(a_wait(2, 1),))
    assert [one.check for one in judge.findings(looked)] == [Check.BLOCKING]


def test_a_prepared_transaction_counts_by_the_relations_to_be_changed() -> None:
    one = Prepared("g", "app", "7", 1.0, ((2, "RowExclusiveLock"),))
    assert told(a_look(prepared=(one,)), Check.PREPARED) == [Severity.ERROR]
    elsewhere = a_look(prepared=(one,), changed=frozenset({1}))
    assert told(elsewhere, Check.PREPARED) == [Severity.NOTE]


@pytest.mark.parametrize(
    ("age", "expected"),
    [
        (200_000_000, [Severity.WARNING]),
        (horizon.FAILSAFE_AGE, [Severity.ERROR]),
        (199_999_999, []),
    ],
)
def test_the_databases_age_counts_against_its_limit(age: int, expected: list[Severity]) -> None:
    looked = a_look(server=a_server(xid_age=age))
    assert told(looked, Check.WRAPAROUND) == expected


def test_a_standby_is_no_place_for_a_migration() -> None:
    found = judge.findings(a_look(server=a_server(standby=True)))
    assert [one.check for one in judge.in_the_way(found)] == [Check.SERVER]


@pytest.mark.parametrize("kind", ["session", "standby", "slot", "prepared"])
def test_whoever_holds_the_oldest_xmin_is_named(kind: str) -> None:
    looked = a_look(xmin=(XminHolder("session", "1", 5), XminHolder(kind, "it's", 2_000_000)))
    (found,) = judge.findings(looked)
    assert found.severity is Severity.WARNING
    assert "2,000,000 transactions old" in found.sentence


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        ({"slots": (Slot("s", True, "reserved", 10),)}, []),
        ({"slots": (Slot("s", True, "extended", 2 * GB),)}, [Severity.WARNING]),
        ({"slots": (Slot("s", False, "reserved", 10),)}, [Severity.NOTE]),
        ({"slots": (Slot("s", False, "lost", None),)}, [Severity.WARNING]),
        ({"standbys": (Standby("r", 2 * GB),)}, [Severity.WARNING]),
        ({"standbys": (Standby("r", 10),)}, []),
        ({"standbys": (Standby("r", None),)}, []),
        (
            {"standbys": (Standby("r", None),), "server": a_server(sees_all=False)},
            [Severity.UNKNOWN],
        ),
    ],
)
def test_replication_counts_by_what_it_keeps(
    seen: dict[str, object], expected: list[Severity]
) -> None:
    assert told(a_look(**seen), Check.REPLICATION) == expected


@pytest.mark.parametrize(
    ("build", "expected"),
    [
        (None, Severity.WARNING),
        (Build(9, 1, 7, "CREATE INDEX CONCURRENTLY"), Severity.ERROR),
        (Build(9, 1, 8, "REINDEX CONCURRENTLY"), Severity.ERROR),
        (Build(9, 1, 8, "CREATE INDEX CONCURRENTLY"), Severity.WARNING),
        (Build(9, None, None, "hidden"), Severity.UNKNOWN),
    ],
)
def test_an_invalid_index_is_debris_or_being_built_or_not_known(
    build: Build | None, expected: Severity
) -> None:
    index = InvalidIndex(7, "public.i", 1, False)
    looked = a_look(indexes=(index,), builds=(build,) if build else ())
    assert told(looked, Check.INDEXES) == [expected]


def test_a_part_that_nobody_can_measure_makes_the_whole_unknown() -> None:
    relations = {1: a_relation(1, "e"), 2: a_relation(2, "e1", 1), 3: a_relation(3, "e2", 1)}
    sizes = {1: Size(0), 2: Size(3 * GB), 3: Size(None, exact=False)}
    looked = a_look(relations=relations, sizes=sizes, free_bytes=GB)
    whole = {one.relation.oid: one.size for one in room.sizes(looked)}
    assert whole[1] == Size(None, exact=False)
    assert room.need(looked, room.sizes(looked)) is None
    assert told(looked, Check.DISK) == [Severity.UNKNOWN]
    estimated = a_look(relations=relations, sizes=sizes | {3: Size(GB, exact=False)})
    assert room.sizes(estimated)[0].size == Size(4 * GB, exact=False)


def test_the_need_counts_no_partition_twice() -> None:
    relations = {1: a_relation(1, "e"), 2: a_relation(2, "e1", 1), 3: a_relation(3, "other")}
    sizes = {1: Size(0), 2: Size(GB), 3: Size(5 * GB)}
    named = a_look(relations=relations, sizes=sizes, changed=frozenset({1, 2}), free_bytes=GB)
    assert room.need(named, room.sizes(named)) == 2 * GB
    assert told(named, Check.DISK) == [Severity.ERROR]
    every = a_look(relations=relations, sizes=sizes, free_bytes=11 * GB)
    assert room.need(every, room.sizes(every)) == 10 * GB
    assert told(every, Check.DISK) == []


def test_the_worst_is_told_first() -> None:
    looked = a_look(
        gaps=(Gap(Check.DISK, "why", "remedy"),),
        slots=(Slot("s", False, "reserved", 1), Slot("t", False, "lost", 1)),
        server=a_server(standby=True),
    )
    assert [one.severity for one in judge.findings(looked)] == [*Severity]


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("ALTER ROLE a PASSWORD 'hush'", "ALTER ROLE a PASSWORD '…'"),
        ("SELECT 'cut off: hush", "SELECT '…'"),
        (r"SELECT E'it\'s hush', x", "SELECT '…', x"),
        ('SELECT $a$hush $$ $a$, "it\'s"', "SELECT '…', \"it's\""),
        ("-- don't\nSELECT 'hush'", "SELECT '…'"),
        ("SELECT /* it's */ 'hush', 4711 FROM t1", "SELECT '…', ? FROM t1"),
        ("SELECT $1", "SELECT $1"),
    ],
)
def test_a_statement_is_shown_without_what_it_may_hide(query: str, shown: str) -> None:
    assert statement(query) == shown


def test_sizes_and_times_are_written_for_people() -> None:
    told_sizes = [size(number) for number in (0, 8192, 871_000_000, 1.2 * GB, 3000 * GB)]
    assert told_sizes == ["0 bytes", "8 kB", "831 MB", "1.2 GB", "2.9 TB"]
    times = [lasting(seconds) for seconds in (0.25, 42, 600, 9000, 400_000)]
    assert times == ["0.2 s", "42 s", "10 min", "2.5 h", "5 days"]


def test_every_finding_says_what_to_do() -> None:
    looked = a_look(
        sessions=(a_session(1, state=IDLE, open_s=90.0),),
        waits=(a_wait(3, 2),),
        gaps=(Gap(Check.DISK, "why", "remedy"),),
        slots=(Slot("s", False, "lost", None),),
    )
    found: tuple[Finding, ...] = judge.findings(looked)
    assert len(found) == 4
    assert all(one.remedy and one.place and one.sentence for one in found)
