"""Is what was acknowledged on disk, and is nothing else taken?"""

import threading
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from fairlead.commands import intake as room
from fairlead.commands.intake import Full, Intake
from fairlead.errors import Temporary
from fairlead.store.database import Database, Tx, many


class Notes:
    """Writes notes; waits while it is held, fails while it is told to."""

    def __init__(self) -> None:
        self.may_go = threading.Event()
        self.may_go.set()
        self.fails: Exception | None = None
        self.sizes: list[int] = []

    def write(self, tx: Tx, things: list[Any]) -> None:
        self.may_go.wait(10)
        tx.cursor().executemany(
            "INSERT INTO outbox (effect, at, channel, secret, subject, body, due_at) "
            "VALUES (%s, now(), 'x', '', 's', '{}', now())",
            [(thing,) for thing in things],
        )
        self.sizes.append(len(things))
        if self.fails:
            raise self.fails


@pytest.fixture
def notes() -> Notes:
    return Notes()


@pytest.fixture
def intake(database: Database, notes: Notes) -> Iterator[Intake]:
    one = Intake(database, {"note": notes.write})
    one.start()
    yield one
    notes.may_go.set()
    one.close()


def kept(database: Database) -> set[str]:
    with database.begin() as tx:
        return {row["effect"] for row in many(tx, "SELECT effect FROM outbox")}


def test_what_is_acknowledged_is_there_and_those_that_wait_share_a_write(
    intake: Intake, notes: Notes, database: Database
) -> None:
    notes.may_go.clear()
    futures = [intake.tell("note", [f"{n}"]) for n in range(100)]
    notes.may_go.set()
    for future in futures:
        future.result(10)
    assert kept(database) == {f"{n}" for n in range(100)}
    assert len(notes.sizes) <= 3


def test_who_comes_when_too_much_waits_is_sent_away(
    intake: Intake, notes: Notes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "MOST_WAITING", 3_000)
    notes.may_go.clear()
    first = intake.tell("note", ["a", "b"])
    while intake._waiting:
        pass
    second = intake.tell("note", ["c", "d", "e"])
    with pytest.raises(Full, match="come again in 1 s"):
        intake.tell("note", ["f"])
    notes.may_go.set()
    first.result(10)
    second.result(10)
    intake.tell("note", ["f"]).result(10)


@pytest.mark.parametrize("error", [Temporary("the database is away"), ValueError("odd")])
def test_what_could_not_be_kept_is_said_and_the_next_is_kept(
    intake: Intake, notes: Notes, database: Database, error: Exception
) -> None:
    notes.fails = error
    with pytest.raises(Temporary):
        intake.tell("note", ["a"]).result(10)
    notes.fails = None
    intake.tell("note", ["b"]).result(10)
    assert kept(database) == {"b"}


def test_one_that_cannot_be_kept_does_not_take_its_neighbours_with_it(
    intake: Intake, notes: Notes, database: Database
) -> None:
    notes.may_go.clear()
    futures = {name: intake.tell("note", [name]) for name in ("a", "b", "b", "c", "d")}
    twice = intake.tell("note", ["c", "e"])
    notes.may_go.set()
    for future in futures.values():
        future.exception(10)
    assert isinstance(twice.exception(10), Temporary)
    assert kept(database) == {"a", "b", "c", "d"}


def test_what_waits_is_written_before_it_stops(
    intake: Intake, notes: Notes, database: Database
) -> None:
    notes.may_go.clear()
    future = intake.tell("note", ["a"])
    notes.may_go.set()
    intake.close()
    future.result(0)
    assert kept(database) == {"a"}
    with pytest.raises(Full):
        intake.tell("note", ["b"])


def test_what_waits_is_bounded_by_its_bytes(intake: Intake, notes: Notes) -> None:
    notes.may_go.clear()
    first = intake.tell("note", ["a"], room.MOST_WAITING)
    while intake._waiting:
        pass
    second = intake.tell("note", ["b"], room.MOST_WAITING - 1_500, "shop")
    third = intake.tell("note", ["c"], by="blog")
    with pytest.raises(Full):
        intake.tell("note", ["d"], 501, "wiki")
    notes.may_go.set()
    for future in (first, second, third):
        future.result(10)


def test_a_noisy_app_leaves_room_for_all_others(
    intake: Intake, notes: Notes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "MOST_WAITING", 12_000)
    notes.may_go.clear()
    told = [intake.tell("note", ["first"], by="quiet")]
    while intake._waiting:
        pass

    def shout(by: str) -> int:
        """Tell until there is no more room; return how many were taken."""
        number = 0
        with suppress(Full):
            while True:
                told.append(intake.tell("note", [f"{by} {len(told)}"], by=by))
                number += 1
        return number

    # One holds half of the room at most, two a third each, and so on: something is always left.
    assert [shout(by) for by in ("noisy", "louder", "third", "noisy")] == [6, 3, 1, 0]
    told.append(intake.tell("note", ["there is room"], by="quiet"))
    notes.may_go.set()
    for future in told:
        future.result(10)
    # What is written makes room again, for the noisy one as well.
    intake.tell("note", ["again"] * 1, by="noisy").result(10)


def test_who_does_not_wait_any_more_stops_nobody_elses_writing(
    intake: Intake, notes: Notes, database: Database
) -> None:
    notes.may_go.clear()
    gone = [intake.tell("note", [name]) for name in "ab"]
    for future in gone:
        future.cancel()
    notes.may_go.set()
    intake.tell("note", ["c"]).result(10)
    assert kept(database) == {"a", "b", "c"}
