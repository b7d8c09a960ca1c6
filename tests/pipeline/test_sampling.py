"""Is the live release sampled while nobody ships, and does a canary begin with what that told?"""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from fairlead.analysis.history import Minute
from fairlead.analysis.measurement import Reading
from fairlead.errors import Temporary
from fairlead.pipeline.sampling import KEPT, Sampler, forget_old
from fairlead.store import history, journal, rollouts, rollups, sources
from journeys.configurations import JUDGEMENT, at_once
from pipeline.loop import Loop

Make = Callable[..., Loop]
ASKED = {"mde": "2%", "horizon": "2m", "latency": {"p50": "15%", "p90": "10%", "p99": "5%"}}


def shipped(loop_of: Make, **policy: Any) -> Loop:
    loop = loop_of(judgement=JUDGEMENT | {"by": "evidence", "evidence": ASKED}, **policy)
    loop.app.commit("first")
    assert loop.ship().status == "succeeded"
    return loop


def seconds(loop: Loop, sampler: Sampler, number: int, every: int = 0, fails: int = 0) -> None:
    """Let seconds pass, in each `every`th of which so many requests fail."""
    live = loop.live().live
    for second in range(number):
        loop.counting.fails[live] = fails if every and second % every == 0 else 0
        loop.clock.pass_by(1)
        sampler.sample()
    loop.counting.fails[live] = 0


def kept(loop: Loop) -> list[Minute]:
    early = loop.clock.now - timedelta(days=9)
    with loop.house.database.begin() as tx:
        return history.since(tx, loop.app.name, "live", early, early)


def known_of(loop: Loop, run: str) -> Any:
    with loop.house.database.begin() as tx:
        state = rollouts.find(tx, run, "live")
    assert state is not None
    assert state.known is not None
    return state.known.components["functions"]


def test_a_canary_begins_with_the_hour_before_it_and_its_burstiness(loop_of: Make) -> None:
    loop = shipped(loop_of)
    seconds(loop, Sampler(loop.house), 3720, every=12, fails=6)
    loop.app.commit("second")
    run = loop.submit()
    seen: list[Any] = []

    def begun() -> bool:
        with loop.house.database.begin() as tx:
            state = rollouts.find(tx, run.id, "live")
        seen.extend([state.known] if state and state.known else [])
        return bool(seen)

    loop.carry(run.id, until=begun)
    first = seen[0].components["functions"]
    assert first.baseline.requests == pytest.approx(360_000, rel=0.03)
    assert first.baseline.rate == pytest.approx(0.005, rel=0.03)
    assert sum(first.baseline.reference) == first.baseline.requests
    assert 5 < first.burst.phi < 8
    loop.carry(run.id)
    assert known_of(loop, run.id).burst.phi >= first.burst.phi
    with loop.house.database.begin() as tx:
        told = [e.event for e in journal.entries(tx, 0, run.id) if e.event.kind == "traffic.bursty"]
    assert len(told) == 1
    assert told[0].because.startswith("functions: the bad answers arrive in bursts of about ")
    assert told[0].data["phi"]["functions"] == pytest.approx(first.burst.phi)


def test_without_enough_samples_the_edges_counters_tell(loop_of: Make) -> None:
    loop = shipped(loop_of)
    seconds(loop, Sampler(loop.house), 300)
    loop.app.commit("second")
    run = loop.ship()
    assert run.status == "succeeded"
    assert known_of(loop, run.id).burst.phi == 1
    assert "traffic.bursty" not in loop.kinds(run.id)


def test_one_row_a_minute_and_what_nobody_saw_is_missing(loop_of: Make) -> None:
    loop = shipped(loop_of)
    sampler = Sampler(loop.house)
    seconds(loop, sampler, 130, every=1, fails=1)
    loop.clock.pass_by(500)
    seconds(loop, sampler, 70)
    minutes = kept(loop)
    assert {m.release for m in minutes} == {loop.live().live}
    assert len({m.began for m in minutes}) == len(minutes)
    assert all(m.seconds <= 60.001 for m in minutes)
    assert all(m.requests == round(m.seconds) * 100 for m in minutes)
    assert all(m.fine.spread == 0 for m in minutes[:2])


def test_places_that_are_not_judged_are_left_alone(loop_of: Make) -> None:
    loop = loop_of(at_once)
    loop.app.commit("first")
    assert loop.ship().status == "succeeded"
    seconds(loop, Sampler(loop.house), 70)
    assert kept(loop) == []


class Restless:
    """A `Source` that is away, or starts anew, as it is told."""

    def __init__(self, loop: Loop) -> None:
        self._loop = loop
        self.away = False
        self.epoch = "one"
        self.asked = 0

    def read(self, app: str, environment: str) -> Reading:
        self.asked += 1
        if self.away:
            raise Temporary("Envoy does not answer")
        return replace(self._loop.counting.read(app, environment), epoch=self.epoch)


def test_trouble_is_told_once_and_costs_only_its_own_seconds(
    loop_of: Make, caplog: pytest.LogCaptureFixture
) -> None:
    loop = shipped(loop_of)
    source = Restless(loop)
    sampler = Sampler(replace(loop.house, source=source))
    with caplog.at_level(logging.WARNING, "fairlead.sampling"):
        seconds(loop, sampler, 20)
        source.away = True
        seconds(loop, sampler, 10)
        source.away = False
        seconds(loop, sampler, 20)
        source.epoch = "two"
        seconds(loop, sampler, 60)
    assert len(caplog.records) == 1
    assert "cannot be sampled now: Envoy does not answer" in caplog.records[0].message
    assert all(m.errors == 0 and m.requests == round(m.seconds) * 100 for m in kept(loop))
    # Ten seconds nobody answered, one to begin again, and one in which the counters began anew.
    assert 0 < kept(loop)[0].seconds < 60


def test_old_minutes_are_let_go(loop_of: Make) -> None:
    loop = shipped(loop_of)
    seconds(loop, Sampler(loop.house), 130)
    assert kept(loop)
    loop.clock.now += KEPT + timedelta(minutes=5)
    forget_old(loop.house)
    assert kept(loop) == []


def test_who_is_polled_is_asked_as_seldom_as_the_file_says(loop_of: Make) -> None:
    queries = {"requests": "$release", "errors": "$release", "total_ms": "$release"}
    told = {"from": "prometheus", "url": "http://127.0.0.1:9", "every": "10s"}
    loop = loop_of(at_once, metrics=told | {"queries": queries | {"sampled_at": "$release"}})
    loop.app.commit("first")
    assert loop.ship().status == "succeeded"
    source = Restless(loop)
    house = replace(loop.house, source=source)
    seconds(loop, Sampler(house), 30)
    assert source.asked == 0
    seconds(loop, Sampler(house, polling=True), 31)
    assert source.asked == 4
    place, now = (loop.app.name, "live"), loop.clock.now
    with loop.house.database.begin() as tx:
        told_by = (now - timedelta(seconds=100), now + timedelta(seconds=1))
        parts = rollups.within(tx, place, told_by, "envoy")
        assert [(part.seen_s, part.requests) for part in parts] == [(10.0, 100)] * 3
        # The file that the environment was changed with last says who is asked about what.
        asked = sources.asked(tx, *place)
    assert asked.metrics.from_ == "prometheus"
    assert asked.wanted == ((loop.live().live, "functions"),)


def test_every_second_is_told_of_every_place(loop_of: Make) -> None:
    loop = loop_of(at_once)
    loop.app.commit("first")
    assert loop.ship().status == "succeeded"
    sampler = Sampler(loop.house)
    sampler.sample()
    seconds(loop, sampler, 30, every=3, fails=5)
    loop.clock.pass_by(100)
    seconds(loop, sampler, 30)
    now = loop.clock.now
    with loop.house.database.begin() as tx:
        told_by = (now - timedelta(seconds=200), now + timedelta(seconds=1))
        parts = rollups.within(tx, (loop.app.name, "live"), told_by, "envoy")
    # The hundred seconds that nobody saw are missing, and what was done in them as well.
    assert len(parts) == 59
    assert sum(part.requests for part in parts) == 5900
    assert sum(part.errors for part in parts) == 50
    assert all(sum(part.sketch.values()) == 100 for part in parts)


def test_a_place_is_told_of_from_its_second_second_on(loop_of: Make) -> None:
    loop = loop_of(at_once)
    sampler = Sampler(loop.house)
    assert sampler.sample() == []
    loop.app.commit("first")
    assert loop.ship().status == "succeeded"
    seconds(loop, sampler, 1)
    loop.clock.pass_by(1)
    assert [seen.release for seen in sampler.sample()] == [loop.live().live]
