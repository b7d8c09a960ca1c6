"""Is what the record gives back what was put in, to the last digit of the chain?"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fairlead.journal.chain import first_break
from fairlead.journal.event import Event
from fairlead.store import journal
from fairlead.store.database import Tx

NOW = datetime(2026, 11, 23, 3, 0, 0, 123456, tzinfo=UTC)
EVENT = Event(NOW, "ana", "run.began", "it began", "r1/run", "agentic", "r1", "live", "0a1b", {})

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats()
    | st.text(st.characters(), max_size=8)
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=6,
)


@settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(values, st.text(st.characters(), max_size=8))
def test_whatever_was_told_the_chain_still_fits(tx: Tx, value: Any, text: str) -> None:
    with tx.transaction(force_rollback=True):
        event = replace(EVENT, data={"told": value, text: text}, because=text, actor=text)
        assert journal.append(tx, event)
        (entry,) = journal.entries(tx)
        assert entry.event == journal.readable(event)
        assert first_break([entry]) is None


@pytest.mark.parametrize("number", [1e16, 1e22, -0.0, 1e-7, 0.1 + 0.2, 5e-324, 1.5e300, 2**70])
def test_a_number_is_kept_with_its_value(tx: Tx, number: float) -> None:
    journal.append(tx, replace(EVENT, data={"ms": number}))
    assert float(journal.entries(tx)[0].event.data["ms"]) == float(number)
    assert first_break(journal.whole_chain(tx)) is None


def test_a_moment_told_in_another_zone_is_the_same_moment(tx: Tx) -> None:
    there = NOW.astimezone(timezone(timedelta(hours=-7)))
    journal.append(tx, replace(EVENT, at=there))
    assert journal.entries(tx)[0].event.at == NOW
    assert first_break(journal.whole_chain(tx)) is None


def test_bytes_that_cannot_be_kept_are_kept_readable(tx: Tx) -> None:
    journal.append(tx, replace(EVENT, because="it said \x00", data={"tail": "\udcff", "n": [0]}))
    event = journal.entries(tx)[0].event
    assert (event.because, event.data) == ("it said �", {"tail": "�", "n": [0]})


def keep(tx: Tx, count: int) -> None:
    for number in range(count):
        where = "live" if number % 2 else "test"
        event = replace(EVENT, effect=f"e{number}", run=f"r{number % 2}", environment=where)
        journal.append(tx, event)


def test_entries_are_told_in_order_after_a_number_and_of_one_run(tx: Tx) -> None:
    keep(tx, 6)
    assert [e.seq for e in journal.entries(tx)] == [1, 2, 3, 4, 5, 6]
    assert [e.seq for e in journal.entries(tx, after=4)] == [5, 6]
    assert [e.seq for e in journal.entries(tx, run="r1")] == [2, 4, 6]
    assert [e.seq for e in journal.entries(tx, after=2, run="r1", limit=1)] == [4]


def test_the_newest_entries_come_first_of_one_place_when_it_is_named(tx: Tx) -> None:
    keep(tx, 6)
    assert [e.seq for e in journal.newest(tx, "", "", 2)] == [6, 5]
    assert [e.seq for e in journal.newest(tx, "agentic", "test", 9)] == [5, 3, 1]
    assert journal.newest(tx, "other", "", 9) == []


def test_a_transaction_that_is_undone_leaves_no_gap_in_the_chain(tx: Tx) -> None:
    keep(tx, 2)
    with tx.transaction(force_rollback=True):
        journal.append(tx, replace(EVENT, effect="undone"))
    journal.append(tx, replace(EVENT, effect="kept"))
    assert [e.seq for e in journal.whole_chain(tx)] == [1, 2, 3]
    assert first_break(journal.whole_chain(tx)) is None


def test_a_chain_longer_than_a_page_is_walked_to_its_end(tx: Tx) -> None:
    tx.execute(
        "INSERT INTO journal SELECT n, now(), '', '', '', n, '', '', '', '', '{}', '', '' "
        "FROM generate_series(1, 2001) n"
    )
    assert [e.seq for e in journal.whole_chain(tx)] == [*range(1, 2002)]
    assert journal.count(tx) == 2001
