"""What may a person say to a canary that waits at its horizon, and what comes of it?"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from fairlead.access.person import Person
from fairlead.access.role import Role
from fairlead.commands import deploy, promote
from fairlead.errors import NotAllowed, Refused
from fairlead.reports import run as report
from fairlead.reports import status
from fairlead.store import horizons, journal, rollouts, runs
from journeys.configurations import JUDGEMENT
from pipeline.loop import ANA, Killer, Loop

Make = Callable[..., Loop]
BO = Person("bo", "bo@example.org", Role.APPROVER)
WHY = "a quiet night"


@pytest.fixture
def waiting(loop_of: Make) -> tuple[Loop, str]:
    """Return a loop and its run that waits for a person at its first weight."""
    return waits(loop_of)


def waits(loop_of: Make, **more: Any) -> tuple[Loop, str]:
    asked = {"horizon": "10s", "at_horizon": "hold"}
    judgement = JUDGEMENT | {"by": "evidence", "evidence": asked, "deadline": "5m"}
    loop = loop_of(judgement=judgement, steps=[5, 50, 100], **more)
    loop.app.commit("first")
    assert loop.ship().status == "succeeded"
    # Without answer times nothing is ever proven.
    loop.counting.tells_times = False
    loop.app.commit("second", author=("Cleo", "cleo@example.org"))
    run = loop.submit()
    loop.carry(run.id, until=lambda: asks(loop, run.id))
    return loop, run.id


def asks(loop: Loop, run: str) -> bool:
    with loop.house.database.begin() as tx:
        return horizons.waiting(tx, runs.get(tx, run), loop.clock()) is not None


def send_on(loop: Loop, run: str, person: Person = BO) -> None:
    promote.promote(loop.desk(), person, run, WHY)


def told(loop: Loop, run: str, kind: str) -> list[str]:
    with loop.house.database.begin() as tx:
        entries = [e.event for e in journal.entries(tx, 0, run)]
    return [event.because for event in entries if event.kind == kind]


def test_it_waits_as_long_as_nobody_speaks_and_names_both_choices(
    waiting: tuple[Loop, str],
) -> None:
    loop, run = waiting
    for _ in range(30):
        loop.take(run)
        loop.clock.pass_by(1)
    assert not loop.run(run).ended
    assert loop.live().weights[loop.run(run).release] == 5
    (asked,) = told(loop, run, "person.asked")
    assert asked.startswith("waits for a person: the evidence of 10 s is not enough at 5%")
    assert f"`fairlead promote {run} --reason TEXT` sends it on" in asked
    assert "`fairlead rollback live --reason TEXT` takes it back" in asked


def test_reports_tell_that_it_waits(waiting: tuple[Loop, str]) -> None:
    loop, run = waiting
    window = loop.window()
    seen = report.run(window, run)["at_horizon"]
    assert (seen["environment"], seen["weight"], seen["role"]) == ("live", 5, "approver")
    assert (seen["author_email"], seen["submitter"]) == ("cleo@example.org", "ana")
    assert seen["choices"][0] == f"fairlead promote {run} --reason TEXT"
    (going,) = status.status(window)["runs"]
    assert going["at_horizon"] == seen
    send_on(loop, run)
    assert report.run(window, run)["at_horizon"] is None


def test_a_person_sends_it_on_step_by_step_each_with_a_new_horizon(
    waiting: tuple[Loop, str],
) -> None:
    loop, run = waiting
    release = loop.run(run).release
    send_on(loop, run)
    loop.carry(run, until=lambda: loop.live().weights[release] == 50)
    began = loop.clock.now
    loop.carry(run, until=lambda: asks(loop, run))
    assert (loop.clock.now - began).total_seconds() >= 9
    send_on(loop, run)
    loop.carry(run)
    assert loop.run(run).status == "succeeded"
    assert loop.live().weights[release] == 100
    wanted = told(loop, run, "promote.wanted")
    assert [w.partition(";")[0] for w in wanted] == [
        f"bo sends release {release} on from {weight}% of live: {WHY}" for weight in (5, 50)
    ]
    decided = told(loop, run, "traffic.decided")
    assert len(decided) == 3
    for sentence, weight in zip(decided[1:], (50, 100), strict=True):
        assert sentence.startswith(f"bo sends it on ({WHY}), on to {weight}%: the evidence of ")


def test_killed_between_the_word_and_any_step_after_it_it_happens_once(loop_of: Make) -> None:
    loop, run = waits(loop_of)
    release = loop.run(run).release
    killer = Killer()
    send_on(loop, run)
    send_on(loop, run)
    take = killer.taking(loop)
    loop.carry(run, take, until=lambda: loop.live().weights[release] == 50)
    loop.carry(run, take, until=lambda: asks(loop, run))
    take(run)
    assert killer.kills > 20
    assert loop.live().weights[release] == 50
    assert len(told(loop, run, "promote.wanted")) == 1
    assert len(told(loop, run, "traffic.decided")) == 2
    assert len(told(loop, run, "person.asked")) == 1


def test_what_turns_out_worse_goes_back_whatever_a_person_said(
    waiting: tuple[Loop, str],
) -> None:
    loop, run = waiting
    loop.counting.fails[loop.run(run).release] = 60
    send_on(loop, run)
    loop.clock.pass_by(2)
    loop.carry(run)
    assert loop.run(run).status == "rolled_back"
    assert "more errors than in the release before" in loop.run(run).because
    assert len(told(loop, run, "traffic.decided")) == 1


def test_what_turns_bad_with_more_traffic_is_found_although_it_was_good_before(
    waiting: tuple[Loop, str],
) -> None:
    loop, run = waiting
    release = loop.run(run).release
    send_on(loop, run)
    loop.carry(run, until=lambda: loop.live().weights[release] == 50)
    loop.counting.fails[release] = 60
    began = loop.clock.now
    loop.carry(run)
    assert loop.run(run).status == "rolled_back"
    assert (loop.clock.now - began).total_seconds() < 5


def test_what_the_judge_called_worse_cannot_be_sent_on(waiting: tuple[Loop, str]) -> None:
    loop, run = waiting
    with loop.house.database.begin() as tx:
        state = rollouts.find(tx, run, "live")
        assert state is not None
        assert state.known is not None
        assert state.finding is not None
        worse = replace(state.finding, verdict=type(state.finding.verdict).UNHEALTHY)
        rollouts.save(tx, replace(state, finding=worse))
    with pytest.raises(Refused, match=r"is unhealthy in live and goes back, whatever anybody says"):
        send_on(loop, run)


@pytest.mark.parametrize(
    ("person", "sentence"),
    [
        (ANA, "ana may not send a canary on: it needs the role approver"),
        (Person("ana", "a@example.org", Role.ADMIN), "ana submitted release .*: ask a colleague"),
        (
            Person("cleo", "Cleo@example.org", Role.APPROVER),
            "cleo wrote release .*: ask a colleague",
        ),
    ],
    ids=["role", "submitter", "author"],
)
def test_who_shipped_it_or_has_not_the_role_cannot_send_it_on(
    waiting: tuple[Loop, str], person: Person, sentence: str
) -> None:
    loop, run = waiting
    with pytest.raises(NotAllowed, match=sentence):
        send_on(loop, run, person)
    assert asks(loop, run)


def test_only_what_waits_at_its_horizon_is_sent_on(loop_of: Make) -> None:
    loop, run = waits(loop_of)
    with pytest.raises(Refused, match="a promotion needs its reason"):
        promote.promote(loop.desk(), BO, run, " ")
    release = loop.run(run).release
    send_on(loop, run)
    loop.carry(run, until=lambda: loop.live().weights[release] == 50)
    with pytest.raises(Refused, match="does not wait for a person at its horizon"):
        send_on(loop, run)
    loop.carry(run, until=lambda: asks(loop, run))
    deploy.stop(loop.desk(), ANA, run, "wrong commit")
    with pytest.raises(Refused, match=r"ana wants run .* to end \(stop\), which goes first"):
        send_on(loop, run)
    loop.carry(run)
    with pytest.raises(Refused, match=r"has ended \(rolled_back\): there is nothing to send on"):
        send_on(loop, run)


def test_a_step_taken_after_the_horizon_gets_its_first_look(loop_of: Make) -> None:
    asked = {"mde": "2%", "horizon": "20s", "latency": {"p50": "15%", "p90": "10%", "p99": "5%"}}
    judgement = JUDGEMENT | {"by": "evidence", "evidence": asked}
    loop = loop_of(judgement=judgement, steps=[30, 45, 60, 100], hold="11s")
    loop.app.commit("first")
    assert loop.ship().status == "succeeded"
    loop.app.commit("second")
    run = loop.ship()
    assert run.status == "succeeded", run.because
