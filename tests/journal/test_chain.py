"""Does the chain betray every change to what was written?"""

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairlead.journal.chain import GENESIS, digest, first_break
from fairlead.journal.event import Entry, Event

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
EVENT = Event(NOW, "ana", "run.began", "it began", "r1/run", "agentic", "r1", "live", "0a1b", {})
CHANGED: dict[str, Any] = {
    "at": NOW + timedelta(microseconds=1),
    "data": {"ms": 1},
} | dict.fromkeys(
    ["actor", "kind", "because", "effect", "app", "run", "environment", "release"], "other"
)
law = settings(deadline=None, max_examples=60)


def chain(events: list[Event]) -> list[Entry]:
    entries: list[Entry] = []
    for seq, event in enumerate(events, start=1):
        previous = entries[-1].digest if entries else GENESIS
        entries.append(Entry(seq, event, previous, digest(previous, seq, event)))
    return entries


def story(length: int = 5) -> list[Entry]:
    return chain([replace(EVENT, effect=f"r1/{number}") for number in range(length)])


def test_every_field_of_an_event_is_tried_here() -> None:
    assert {f.name for f in fields(Event)} == set(CHANGED)


@pytest.mark.parametrize("field", sorted(CHANGED))
def test_the_digest_covers_every_field(field: str) -> None:
    changed = replace(EVENT, **{field: CHANGED[field]})
    assert digest(GENESIS, 1, changed) != digest(GENESIS, 1, EVENT)


def test_the_digest_covers_the_place_and_all_that_came_before() -> None:
    digests = {digest(GENESIS, 1, EVENT), digest(GENESIS, 2, EVENT), digest("1" * 64, 1, EVENT)}
    assert len(digests) == 3


def test_a_text_moved_from_one_field_to_the_next_is_another_event() -> None:
    moved = replace(EVENT, actor="anarun", kind=".began")
    assert digest(GENESIS, 1, moved) != digest(GENESIS, 1, replace(EVENT, actor="ana"))


def test_the_same_moment_told_in_another_zone_has_the_same_digest() -> None:
    there = replace(EVENT, at=NOW.astimezone(timezone(timedelta(hours=5, minutes=30))))
    assert digest(GENESIS, 1, there) == digest(GENESIS, 1, EVENT)


def test_the_order_in_which_data_was_put_down_does_not_matter() -> None:
    one, other = replace(EVENT, data={"a": 1, "b": 2}), replace(EVENT, data={"b": 2, "a": 1})
    assert digest(GENESIS, 1, one) == digest(GENESIS, 1, other)


def test_an_empty_record_and_an_untouched_one_hold() -> None:
    assert first_break([]) is None
    assert first_break(story()) is None


def test_the_first_entry_follows_genesis_and_nothing_else() -> None:
    forged = Entry(1, EVENT, "1" * 64, digest("1" * 64, 1, EVENT))
    assert first_break([forged]) == "entry 1 does not follow the entry before it"


def test_a_removed_beginning_is_found() -> None:
    assert first_break(story()[1:]) == "entry 1 is missing: the next one found is 2"


@law
@given(st.integers(0, 3))
def test_an_entry_removed_before_the_last_is_found(place: int) -> None:
    entries = story()
    del entries[place]
    found = first_break(entries)
    assert found == f"entry {place + 1} is missing: the next one found is {place + 2}"


@law
@given(st.permutations(story()))
def test_entries_in_another_order_are_found(mixed: list[Entry]) -> None:
    assert (first_break(mixed) is None) == (mixed == story())


@law
@given(st.integers(0, 4), st.sampled_from(sorted(CHANGED)))
def test_any_changed_field_of_any_entry_is_found(place: int, field: str) -> None:
    entries = story()
    event = replace(entries[place].event, **{field: CHANGED[field]})
    entries[place] = replace(entries[place], event=event)
    assert first_break(entries) == f"entry {place + 1} was changed after it was written"


@law
@given(st.integers(0, 3), st.sampled_from(sorted(CHANGED)))
def test_a_forger_who_mends_one_digest_breaks_the_next_entry(place: int, field: str) -> None:
    entries = story()
    event = replace(entries[place].event, **{field: CHANGED[field]})
    mended = digest(entries[place].previous, place + 1, event)
    entries[place] = replace(entries[place], event=event, digest=mended)
    assert first_break(entries) == f"entry {place + 2} does not follow the entry before it"


@pytest.mark.parametrize("place", range(5))
def test_a_changed_link_of_the_chain_is_found(place: int) -> None:
    entry = story()[place]
    for changed in (
        replace(entry, seq=9),
        replace(entry, previous="f" * 64),
        replace(entry, digest="f" * 64),
    ):
        entries = story()
        entries[place] = changed
        assert first_break(entries) is not None


def test_an_entry_put_in_twice_is_found() -> None:
    entries = story()
    assert first_break([*entries[:2], *entries[1:]]) is not None
