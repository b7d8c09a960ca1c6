"""Do environments, slots and rollouts come back as they should be?"""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from fairlead.analysis.measurement import Counters, Measurement, Reading
from fairlead.analysis.verdict import Finding, Verdict
from fairlead.errors import NotFound
from fairlead.release.progress import Run
from fairlead.rollout.slot import Endpoint, Slot
from fairlead.store import audit, environments, measurements, rollouts, slots
from fairlead.store.database import Tx
from fairlead.store.environments import EnvironmentState
from fairlead.store.rollouts import Phase, RolloutState
from fairlead.store.slots import KeptSlot

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)
LIVE = EnvironmentState(
    "agentic", "live", "127.0.0.1:8080", "", "", {}, "", False, NOW, waiting=[], contracted=[]
)
SLOT = Slot(
    "agentic", "live", "new", "functions", "functions", ("trust", "agents"), ("--allow-net",)
)
ANSWERS = (Endpoint("functions", "trust", "unix:/run/t.sock", "/functions/v1/trust/"),)


@pytest.fixture
def live(tx: Tx) -> EnvironmentState:
    environments.ensure(tx, "agentic", "live", "127.0.0.1:8080", NOW)
    return environments.get(tx, "agentic", "live")


def state(tx: Tx) -> EnvironmentState:
    return environments.get(tx, "agentic", "live")


def test_a_new_environment_serves_nothing_and_is_held_by_nobody(live: EnvironmentState) -> None:
    assert live == LIVE


def test_naming_it_again_changes_only_where_it_listens(tx: Tx, live: EnvironmentState) -> None:
    environments.set_weights(tx, "agentic", "live", {"new": 100}, NOW)
    environments.ensure(tx, "agentic", "live", "127.0.0.1:9090", LATER)
    assert state(tx) == replace(live, listen="127.0.0.1:9090", weights={"new": 100})


def test_weights_and_releases_come_back_as_they_were_set(tx: Tx, live: EnvironmentState) -> None:
    environments.set_weights(tx, "agentic", "live", {"new": 5, "old": 95}, LATER)
    environments.set_live(tx, "agentic", "live", "old", "older")
    found = state(tx)
    assert (found.weights, found.changed_at) == ({"new": 5, "old": 95}, LATER)
    assert (found.live, found.previous) == ("old", "older")


def test_a_run_lets_go_of_its_own_hold_and_never_of_anothers(
    tx: Tx, live: EnvironmentState
) -> None:
    environments.hold(tx, "agentic", "live", "r1")
    environments.release_hold(tx, "agentic", "live", "r2")
    assert state(tx).held_by == "r1"
    environments.release_hold(tx, "agentic", "live", "r1")
    assert state(tx) == live


def test_an_environment_nobody_deployed_to_is_not_found(tx: Tx) -> None:
    assert environments.find(tx, "agentic", "live") is None
    with pytest.raises(NotFound, match="nothing was ever deployed to live of agentic"):
        environments.get(tx, "agentic", "live")


def test_environments_of_apps_are_kept_apart(tx: Tx, live: EnvironmentState) -> None:
    environments.ensure(tx, "other", "live", "127.0.0.1:8090", NOW)
    environments.set_live(tx, "other", "live", "theirs", "")
    assert state(tx) == live
    assert [e.app for e in environments.everything(tx)] == ["agentic", "other"]
    assert environments.everything(tx, "agentic") == [live]


@pytest.mark.usefixtures("live")
def test_an_address_is_taken_by_another_environment_but_not_by_itself(tx: Tx) -> None:
    def taken(app: str, name: str, listen: str) -> bool:
        return environments.listener_taken(tx, app, name, listen) is not None

    assert not taken("agentic", "live", "127.0.0.1:8080")
    assert taken("agentic", "staging", "127.0.0.1:8080")
    assert taken("other", "live", "127.0.0.1:8080")
    assert not taken("other", "live", "127.0.0.1:8081")


def test_a_slot_comes_back_with_where_it_answers(tx: Tx) -> None:
    slots.keep(tx, SLOT, ANSWERS)
    assert slots.of_environment(tx, "agentic", "live") == [KeptSlot(SLOT, ANSWERS, None)]
    assert slots.of_environment(tx, "agentic", "staging") == []


def test_a_slot_that_is_kept_again_no_longer_stops(tx: Tx) -> None:
    slots.keep(tx, SLOT, ())
    slots.stop_after(tx, "agentic", "live", "new", NOW)
    slots.keep(tx, SLOT, ANSWERS)
    assert slots.everything(tx) == [KeptSlot(SLOT, ANSWERS, None)]
    assert slots.due(tx, LATER) == []


def test_slots_are_due_from_the_moment_they_may_stop(tx: Tx) -> None:
    slots.keep(tx, SLOT, ANSWERS)
    slots.stop_after(tx, "agentic", "live", "new", LATER)
    assert slots.due(tx, LATER - timedelta(microseconds=1)) == []
    assert [kept.slot for kept in slots.due(tx, LATER)] == [SLOT]


def test_only_the_slots_of_that_release_there_may_stop(tx: Tx) -> None:
    others = [replace(SLOT, app="x"), replace(SLOT, environment="x"), replace(SLOT, release="x")]
    for slot in (SLOT, replace(SLOT, component="frontend"), *others):
        slots.keep(tx, slot, ())
    slots.stop_after(tx, "agentic", "live", "new", NOW)
    stopping = {kept.slot.id for kept in slots.due(tx, NOW)}
    assert stopping == {"agentic.live.new.functions", "agentic.live.new.frontend"}
    slots.stop_after(tx, "agentic", "live", "new", None)
    assert slots.due(tx, LATER) == []


def test_a_slot_that_is_due_is_forgotten_once(tx: Tx, live: EnvironmentState) -> None:
    slots.keep(tx, SLOT, ())
    slots.stop_after(tx, live.app, live.name, "new", NOW)
    assert slots.forget_due(tx, [SLOT.id], NOW) == [SLOT.id]
    assert slots.forget_due(tx, [SLOT.id], NOW) == []
    assert slots.everything(tx) == []


def test_a_slot_that_was_taken_back_or_has_traffic_is_not_forgotten(
    tx: Tx, live: EnvironmentState
) -> None:
    slots.keep(tx, SLOT, ())
    assert slots.forget_due(tx, [SLOT.id], LATER) == []
    slots.stop_after(tx, live.app, live.name, "new", NOW)
    environments.set_weights(tx, live.app, live.name, {"new": 100}, NOW)
    assert slots.forget_due(tx, [SLOT.id], LATER) == []


def test_slots_that_no_environment_needs_are_let_go(tx: Tx, live: EnvironmentState) -> None:
    slots.keep(tx, SLOT, ())
    environments.set_live(tx, live.app, live.name, "new", "old")
    slots.let_unneeded_go(tx, NOW)
    assert slots.due(tx, NOW) == []
    environments.set_live(tx, live.app, live.name, "newer", "old")
    environments.hold(tx, live.app, live.name, "r1")
    slots.let_unneeded_go(tx, NOW)
    assert slots.due(tx, NOW) == []
    environments.hold(tx, live.app, live.name, "")
    slots.let_unneeded_go(tx, NOW)
    assert [kept.slot for kept in slots.due(tx, NOW)] == [SLOT]


def test_a_production_environment_stays_one(tx: Tx, live: EnvironmentState) -> None:
    environments.mark_production(tx, live.app, live.name)
    environments.ensure(tx, live.app, live.name, "127.0.0.1:8080", NOW)
    assert environments.get(tx, live.app, live.name).production


def test_only_what_was_promoted_there_was_live_there(tx: Tx) -> None:
    assert not audit.was_live(tx, "agentic", "live", "new")


READING = Reading(
    NOW,
    "envoy-7",
    (Counters("new", "functions", 10**12, 3, 0.1 + 0.2), Counters("old", "frontend", 9, 0, 7.0)),
)
FULL = RolloutState(
    "r1", "live", "new", "old", Phase.STEPPING, 2, 3, NOW, LATER, READING,
    Finding(Verdict.UNKNOWN, "7 requests, ü"), "holding at 25%",
)  # fmt: skip


@pytest.mark.parametrize("phase", list(Phase))
def test_a_takeover_comes_back_with_its_open_window_and_its_finding(
    tx: Tx, keep_run: Callable[..., Run], phase: Phase
) -> None:
    keep_run()
    kept = replace(FULL, phase=phase)
    rollouts.save(tx, kept)
    assert rollouts.find(tx, "r1", "live") == kept
    assert rollouts.find(tx, "r1", "staging") is None


def test_a_takeover_moves_on_and_what_is_over_is_forgotten(
    tx: Tx, keep_run: Callable[..., Run]
) -> None:
    keep_run()
    rollouts.save(tx, FULL)
    begun = replace(FULL, step=4, unknown_since=None, opened=None, finding=None, because="")
    rollouts.save(tx, begun)
    assert rollouts.find(tx, "r1", "live") == begun


def test_where_a_takeover_came_from_is_never_rewritten(
    tx: Tx, keep_run: Callable[..., Run]
) -> None:
    keep_run()
    rollouts.save(tx, FULL)
    rollouts.save(tx, replace(FULL, release="other", previous="worse"))
    assert rollouts.find(tx, "r1", "live") == FULL


def measured(began_s: int, requests: int, release: str = "new") -> Measurement:
    began = NOW + timedelta(seconds=began_s)
    ended = began + timedelta(seconds=30)
    return Measurement(release, "functions", began, ended, requests, 1, 12.5)


def test_a_window_is_kept_once_and_the_first_stays(tx: Tx) -> None:
    measurements.add(tx, "agentic", "live", [measured(0, 10), measured(30, 20)])
    measurements.add(tx, "agentic", "live", [measured(30, 99)])
    found = measurements.since(tx, "agentic", "live", "new", NOW)
    assert found == [measured(0, 10), measured(30, 20)]


def test_only_windows_of_that_release_that_ended_later_are_told(tx: Tx) -> None:
    measurements.add(tx, "agentic", "live", [measured(0, 10), measured(0, 7, "old")])
    measurements.add(tx, "agentic", "staging", [measured(60, 5)])
    ended = NOW + timedelta(seconds=30)
    assert measurements.since(tx, "agentic", "live", "new", ended) == []
    before = ended - timedelta(microseconds=1)
    assert measurements.since(tx, "agentic", "live", "new", before) == [measured(0, 10)]
