"""A slot is as healthy as its worst unit, and no healthier than what was seen of it."""

import os
import signal
from collections.abc import Iterator
from dataclasses import replace

import pytest

from fairlead.analysis.verdict import Verdict
from fairlead.rollout.process import ProcessState
from fairlead.rollout.slot import Slot
from providers.processes_stand import a_home, a_keeper, soon
from providers.targets_stand import HELLO, SLOT, Aged, Stand, ask, reachable


@pytest.fixture(scope="module")
def stand() -> Iterator[Stand]:
    with a_home() as home, a_keeper(home) as keeper:
        yield Stand(home, keeper)


@pytest.fixture
def slot(stand: Stand, request: pytest.FixtureRequest) -> Iterator[Slot]:
    made = replace(SLOT, release=f"r{abs(hash(request.node.name)) % 10**10}")
    yield made
    stand.target().stop(made.id)


def test_a_function_is_unknown_while_it_starts_then_healthy_and_answers(
    stand: Stand, slot: Slot
) -> None:
    (place,) = stand.start(slot, stand.files(hello=HELLO))
    assert stand.target().health(slot).verdict is Verdict.UNKNOWN
    finding = stand.settled(slot, Verdict.HEALTHY)
    assert "answered GET /functions/v1/hello with 200" in finding.because
    assert (place.unit, place.prefix) == ("hello", "/functions/v1/hello")
    assert ask(place, "/7") == "hello /functions/v1/hello/7"


def test_every_unit_has_its_own_process_and_the_worst_decides(stand: Stand, slot: Slot) -> None:
    two = replace(slot, units=("hello", "broken"))
    broken = 'Deno.serve(() => new Response("no", { status: 503 }));'
    stand.start(two, stand.files(hello=HELLO, broken=broken))
    finding = stand.settled(two, Verdict.UNHEALTHY)
    assert "function broken" in finding.because
    assert "answered GET /functions/v1/broken with 503" in finding.because
    assert stand.pid(two) != stand.pid(two, "broken")


def test_a_unit_that_crashed_and_came_back_is_unhealthy_for_a_minute(
    stand: Stand, slot: Slot
) -> None:
    crashing = HELLO + 'setTimeout(() => { throw new Error("lost \\x1b[31mconnection"); }, 2000);'
    (place,) = stand.start(slot, stand.files(hello=crashing))
    stand.settled(slot, Verdict.HEALTHY)
    first = stand.pid(slot)
    soon(lambda: stand.pid(slot) not in (0, first))
    finding = stand.target().health(slot)
    assert finding.verdict is Verdict.UNHEALTHY
    assert f"function hello of release {slot.release} crashed" in finding.because
    assert "last words: error: Uncaught Error: lost connection" in finding.because
    soon(lambda: stand.keeper.look()[f"slot.{slot.id}.hello"].state is ProcessState.RUNNING)
    assert "was started anew" in stand.target().health(slot).because
    assert reachable(place)
    assert stand.target(Aged(stand.keeper)).health(slot).verdict is Verdict.HEALTHY


def test_a_unit_that_was_killed_takes_its_old_socket_again(stand: Stand, slot: Slot) -> None:
    (place,) = stand.start(slot, stand.files(hello=HELLO))
    stand.settled(slot, Verdict.HEALTHY)
    first = stand.pid(slot)
    os.kill(first, signal.SIGKILL)
    soon(lambda: stand.pid(slot) not in (0, first))
    soon(lambda: reachable(place))


def test_a_unit_that_always_crashes_is_given_up_with_its_last_words(
    stand: Stand, slot: Slot
) -> None:
    stand.start(slot, stand.files(hello='throw new Error("DATABASE_URL is not set");'))
    assert stand.settled(slot, Verdict.UNHEALTHY).because
    name = f"slot.{slot.id}.hello"
    soon(lambda: stand.keeper.look()[name].state is ProcessState.GIVEN_UP)
    assert stand.target().health(slot).because == (
        f"function hello of release {slot.release} crashed 3 times and was given up; last words: "
        "error: Uncaught (in promise) Error: DATABASE_URL is not set"
    )
    assert slot.id in stand.target().running()


def test_a_unit_that_never_answers_is_unknown_and_after_a_minute_unhealthy(
    stand: Stand, slot: Slot
) -> None:
    silent = "await new Promise((done) => setTimeout(done, 1e8));"
    stand.start(slot, stand.files(hello=silent))
    name = f"slot.{slot.id}.hello"
    soon(lambda: stand.keeper.look()[name].state is ProcessState.RUNNING)
    finding = stand.target().health(slot)
    assert finding.verdict is Verdict.UNKNOWN
    assert "does not answer GET /functions/v1/hello" in finding.because
    assert stand.target(Aged(stand.keeper)).health(slot).verdict is Verdict.UNHEALTHY


def test_a_unit_that_stops_answering_is_unhealthy(stand: Stand, slot: Slot) -> None:
    stand.start(slot, stand.files(hello=HELLO))
    stand.settled(slot, Verdict.HEALTHY)
    os.kill(stand.pid(slot), signal.SIGSTOP)
    finding = stand.target().health(slot)
    os.kill(stand.pid(slot), signal.SIGCONT)
    assert finding.verdict is Verdict.UNHEALTHY
    assert "nothing within 1 s" in finding.because


def test_a_slot_that_nobody_started_is_unhealthy(stand: Stand, slot: Slot) -> None:
    finding = stand.target().health(slot)
    assert finding.verdict is Verdict.UNHEALTHY
    assert "nobody started it" in finding.because
