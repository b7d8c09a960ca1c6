"""Does the watch act once, keep out where a run is at work, and say what it cannot do?"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, cast

import pytest

from fairlead.analysis.measurement import Reading
from fairlead.analysis.verdict import Finding, Verdict
from fairlead.commands.rollback import Wish, rollback
from fairlead.commands.watching import WATCH, Watch
from fairlead.errors import Conflict, Temporary
from fairlead.pipeline.sampling import Sampler
from fairlead.store import environments, journal, outbox
from fairlead.store.database import Database, Tx
from fairlead.store.outbox import Message
from journeys.configurations import at_once
from pipeline.loop import Loop

Make = Callable[..., Loop]
CHANNELS = {"emergency": {"webhook": "pager"}}


def told_at_once(app: str, ports: list[int], **policy: Any) -> dict[str, Any]:
    return at_once(app, ports, **policy) | {"channels": CHANNELS}


@dataclass(slots=True)
class Watching:
    """A live release, and the watch that looks at it second by second."""

    loop: Loop
    sampler: Sampler
    watch: Watch
    started: list[str]

    def seconds(self, number: int, bad: Sequence[str] = ()) -> None:
        """Let seconds pass in which all requests of these releases fail."""
        self.loop.counting.fails = dict.fromkeys(bad, 100)
        for _ in range(number):
            self.loop.clock.pass_by(1)
            self.watch.look(self.sampler.sample())

    def messages(self) -> list[Message]:
        far = self.loop.clock.now + timedelta(days=9)
        with self.loop.house.database.begin() as tx:
            return [due.message for due in outbox.due(tx, far, 100)]

    def journaled(self) -> list[str]:
        """Return what the record holds that no run has told."""
        with self.loop.house.database.begin() as tx:
            every = [entry.event for entry in journal.entries(tx)]
        return [event.kind for event in every if event.actor == "fairlead watch"]

    def carry(self) -> None:
        """Take the newest way back to its end."""
        self.loop.carry(self.started[-1])


class Leaving:
    """A database that goes away after so many transactions; None: it stays."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.left: int | None = None

    @contextmanager
    def begin(self) -> Iterator[Tx]:
        if self.left is not None:
            if not self.left:
                raise Temporary("the database does not answer")
            self.left -= 1
        with self._database.begin() as tx:
            yield tx


def watching(loop: Loop, releases: int = 2) -> Watching:
    """Ship so many releases, and begin to watch the last."""
    for number in range(releases):
        loop.app.commit(f"number {number}")
        assert loop.ship().status == "succeeded"
    started: list[str] = []
    desk = replace(loop.desk(), start=started.append)
    mine = Watching(loop, Sampler(loop.house), Watch(desk), started)
    mine.seconds(4)
    return mine


def test_a_release_that_begins_to_fail_goes_back_once_and_everybody_is_told(loop_of: Make) -> None:
    mine = watching(loop_of(told_at_once))
    bad, good = mine.loop.live().live, mine.loop.live().previous
    mine.seconds(8, [bad])
    assert len(mine.started) == 1
    run = mine.loop.run(mine.started[0])
    assert (run.kind, run.release, run.submitted_by) == ("rollback", good, "fairlead watch")
    assert run.because.startswith(f"release {bad} is unhealthy: functions failed 100% of calls")
    mine.carry()
    assert mine.loop.live().live == good
    mine.seconds(2)
    assert mine.journaled() == ["watch.decided", "run.submitted"]
    begun, ended = mine.messages()
    assert begun.text.startswith(f"{mine.loop.app.name}, live: goes back from {bad} to {good}, by")
    assert f"`fairlead watch {run.id}` shows it" in begun.text
    assert (begun.channel, begun.secret, begun.color) == ("emergency", "pager", "danger")
    assert begun.fields["Error Rate"] == "100.00%"
    assert ended.text.startswith(f"{mine.loop.app.name}: live is back on {good} (")
    assert ended.color == "good"
    assert ended.fields == {"Environment": "live", "Release": bad}


def test_a_way_back_its_reason_and_its_message_are_kept_together_or_not_at_all(
    loop_of: Make,
) -> None:
    mine = watching(loop_of(told_at_once))
    bad, leaving = mine.loop.live().live, Leaving(mine.loop.house.database)
    database = cast(Database, leaving)
    mine.watch = Watch(replace(mine.loop.desk(), start=mine.started.append, database=database))
    mine.seconds(4, [bad])
    looks = 0
    # Each second the database stays for one transaction more.
    while not mine.started:
        leaving.left, looks = looks, looks + 1
        with suppress(Temporary):
            mine.seconds(1, [bad])
        kept = (mine.journaled(), [message.effect.split("/")[-2] for message in mine.messages()])
        assert kept == (
            (["watch.decided", "run.submitted"], ["back"]) if mine.started else ([], [])
        )
    assert looks > 3
    leaving.left = None
    mine.seconds(10, [bad])
    assert (len(mine.started), len(mine.messages())) == (1, 1)


def test_the_release_that_came_back_stays_whatever_it_does(loop_of: Make) -> None:
    mine = watching(loop_of(told_at_once, watch={"cooldown": "20s"}))
    bad, good = mine.loop.live().live, mine.loop.live().previous
    mine.seconds(8, [bad])
    mine.carry()
    mine.seconds(60, [good])
    assert len(mine.started) == 1
    assert mine.loop.live().live == good
    texts = [message.text for message in mine.messages() if good in message.effect]
    assert len(texts) == 1
    assert "since there is no release before it: a person has to decide" in texts[0]
    # An hour later it is news again, whether it lasted or came back.
    mine.loop.clock.pass_by(3600)
    mine.seconds(60, [good])
    texts = [message.text for message in mine.messages() if good in message.effect]
    assert len(texts) == 2


def test_the_same_release_goes_back_only_once_in_its_life(loop_of: Make) -> None:
    mine = watching(loop_of(told_at_once, watch={"cooldown": "0s"}))
    bad, good = mine.loop.live().live, mine.loop.live().previous
    mine.seconds(8, [bad])
    mine.carry()
    assert mine.loop.ship().status == "succeeded"
    assert mine.loop.live().live == bad
    mine.seconds(30, [bad])
    assert len(mine.started) == 1
    again = [m.text for m in mine.messages() if "/again/" in m.effect]
    assert len(again) == 1
    assert f"it was sent back once already, in run {mine.started[0]}" in again[0]
    assert good == mine.loop.live().previous


def test_another_release_waits_for_the_end_of_the_cooldown(loop_of: Make) -> None:
    mine = watching(loop_of(told_at_once, watch={"cooldown": "40s"}))
    mine.seconds(8, [mine.loop.live().live])
    mine.carry()
    mine.loop.app.commit("another")
    assert mine.loop.ship().status == "succeeded"
    third = mine.loop.live().live
    mine.seconds(25, [third])
    assert len(mine.started) == 1
    assert [m.effect.rpartition("/")[0][-8:] for m in mine.messages()].count("cooldown") == 1
    mine.seconds(30, [third])
    assert len(mine.started) == 2


def test_a_target_that_is_not_fit_is_told_once_and_tried_again_later(loop_of: Make) -> None:
    mine = watching(loop_of(told_at_once, watch={"cooldown": "20s"}))
    bad, good = mine.loop.live().live, mine.loop.live().previous
    mine.loop.slots.sick[good] = Finding(Verdict.UNHEALTHY, "it crashed")
    mine.seconds(50, [bad])
    assert mine.started == []
    assert mine.loop.live().live == bad
    (message,) = mine.messages()
    assert f"release {bad} should go back and cannot: release {good} is not fit" in message.text
    assert mine.journaled().count("watch.told") == 1
    del mine.loop.slots.sick[good]
    mine.seconds(50, [bad])
    assert len(mine.started) == 1


def never_live(loop: Loop) -> str:
    """Let the release before be one that was never live there."""
    with loop.house.database.begin() as tx:
        tx.execute(
            "INSERT INTO releases SELECT (jsonb_populate_record(r, %s)).* FROM releases r LIMIT 1",
            ['{"id": "ffffffffffff"}'],
        )
        tx.execute("UPDATE environments SET previous = 'ffffffffffff'")
    return "release ffffffffffff was never live in live: deploy its commit"


def bytes_gone(loop: Loop) -> str:
    """Let nothing be left of what was built."""
    for artifact in (loop.house.reports.parent / "artifacts").glob("*.tar"):
        artifact.unlink()
    return f"release {loop.live().previous} cannot be returned to: the bytes of functions"


@pytest.mark.parametrize("harm", [never_live, bytes_gone])
def test_it_never_goes_back_to_a_release_that_is_not_proven(
    loop_of: Make, harm: Callable[[Loop], str]
) -> None:
    mine = watching(loop_of(told_at_once, watch={"cooldown": "20s"}))
    bad, why = mine.loop.live().live, harm(mine.loop)
    mine.seconds(40, [bad])
    assert (mine.started, mine.loop.live().live) == ([], bad)
    (message,) = mine.messages()
    assert f"release {bad} should go back and cannot: {why}" in message.text


def test_the_watch_keeps_out_while_a_run_is_at_work(loop_of: Make) -> None:
    mine = watching(loop_of(told_at_once))
    live = mine.loop.live()
    with mine.loop.house.database.begin() as tx:
        environments.hold(tx, live.app, live.name, "r-somebody")
    mine.seconds(20, [live.live])
    assert (mine.started, mine.messages()) == ([], [])
    with mine.loop.house.database.begin() as tx:
        environments.release_hold(tx, live.app, live.name, "r-somebody")
    # What it did before counts no more: windows begin anew.
    mine.seconds(5, [live.live])
    assert mine.started == []
    mine.seconds(3, [live.live])
    assert len(mine.started) == 1


def test_a_run_that_takes_hold_in_that_very_moment_is_not_sent_back(loop_of: Make) -> None:
    mine = watching(loop_of(told_at_once))
    live, desk = mine.loop.live(), mine.loop.desk()
    wish = Wish(live.app, live.name, "", "it fails", only=live.live)
    with pytest.raises(Conflict, match="live has changed just now"):
        rollback(desk, WATCH, replace(wish, only=live.previous))
    with mine.loop.house.database.begin() as tx:
        environments.hold(tx, live.app, live.name, "r-quicker")
    with pytest.raises(Conflict, match="live has changed just now"):
        rollback(desk, WATCH, wish)


class Away:
    """A `Source` that does not answer."""

    def read(self, app: str, environment: str) -> Reading:
        raise Temporary(f"Envoy does not answer about {app} in {environment}")


def test_what_is_not_known_is_told_once_and_sends_nothing_back(loop_of: Make) -> None:
    mine = watching(loop_of(told_at_once, watch={"blind": "20s"}))
    mine.sampler = Sampler(replace(mine.loop.house, source=Away()))
    mine.seconds(40)
    assert mine.started == []
    (message,) = mine.messages()
    assert "Envoy does not answer about" in message.text
    assert message.text.endswith("it stays live")
    assert mine.journaled() == ["watch.told"]
    # Nor does a server that starts anew say it again.
    mine.watch = Watch(replace(mine.loop.desk(), start=mine.started.append))
    mine.seconds(30)
    assert len(mine.messages()) == 1


def test_a_file_that_says_only_to_tell_is_obeyed(loop_of: Make) -> None:
    mine = watching(loop_of(told_at_once, watch={"unhealthy": "tell"}))
    mine.seconds(20, [mine.loop.live().live])
    assert mine.started == []
    assert ["watch.unhealthy says only to tell" in m.text for m in mine.messages()] == [True]


def test_without_a_channel_the_journal_tells(loop_of: Make) -> None:
    mine = watching(loop_of(at_once), releases=1)
    mine.seconds(20, [mine.loop.live().live])
    assert (mine.started, mine.messages()) == ([], [])
    assert mine.journaled() == ["watch.told"]


def test_a_way_back_that_fails_is_told_and_left_to_a_person(loop_of: Make) -> None:
    mine = watching(loop_of(told_at_once, start_timeout="1s"))
    bad, good = mine.loop.live().live, mine.loop.live().previous
    mine.seconds(7, [bad])
    mine.loop.slots.sick[good] = Finding(Verdict.UNHEALTHY, "it crashed")
    mine.carry()
    assert mine.loop.run(mine.started[0]).status == "failed"
    mine.seconds(30, [bad])
    assert len(mine.started) == 1
    texts = [m.text for m in mine.messages()]
    assert any(f"release {bad} could not go back (run {mine.started[0]}" in t for t in texts)
    assert any("it was sent back once already" in t for t in texts)


@pytest.mark.parametrize("requests", [0, 100])
def test_a_healthy_release_and_a_silent_one_stay(loop_of: Make, requests: int) -> None:
    mine = watching(loop_of(told_at_once))
    if not requests:
        mine.loop.edges.now.clear()
    mine.seconds(20)
    assert (mine.started, mine.messages(), mine.journaled()) == ([], [], [])
