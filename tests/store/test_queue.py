"""Who goes first in an environment when several runs want to change it?"""

from dataclasses import replace
from datetime import timedelta

from fairlead.release.plan import legs as cut
from fairlead.release.plan import rollback_stages
from fairlead.release.progress import Run, StageStatus
from fairlead.store import queue, runs
from fairlead.store.database import Tx
from store.conftest import LEGS, NOW, RUN

PASSED = (StageStatus.PASSED, "ok")


def waiting(tx: Tx, name: str, seconds: int) -> Run:
    """Return a run that has passed its checks and waits for the environment."""
    run = replace(RUN, id=name, created_at=NOW + timedelta(seconds=seconds))
    runs.add(tx, run, LEGS)
    for index in (0, 1):
        runs.end_stage(tx, name, index, PASSED, NOW)
    return run


def test_alone_it_is_its_turn(tx: Tx) -> None:
    assert queue.ahead(tx, waiting(tx, "r1", 0), "live") == []


def test_the_older_of_two_that_wait_goes_first(tx: Tx) -> None:
    older, newer = waiting(tx, "r1", 0), waiting(tx, "r2", 1)
    assert queue.ahead(tx, older, "live") == []
    assert queue.ahead(tx, newer, "live") == ["r1"]


def test_who_changes_the_environment_goes_first_however_new(tx: Tx) -> None:
    older, newer = waiting(tx, "r1", 0), waiting(tx, "r2", 1)
    runs.begin_stage(tx, "r2", 2, NOW)
    assert queue.ahead(tx, older, "live") == ["r2"]
    assert queue.ahead(tx, newer, "live") == []


def test_a_way_back_goes_before_every_release_that_waits(tx: Tx) -> None:
    older = waiting(tx, "r1", 0)
    back = replace(RUN, id="r2", kind="rollback", created_at=NOW + timedelta(seconds=9))
    runs.add(tx, back, cut(rollback_stages("live")))
    assert queue.ahead(tx, back, "live") == []
    assert queue.ahead(tx, older, "live") == ["r2"]


def test_who_still_checks_or_has_ended_or_is_elsewhere_holds_nobody_up(tx: Tx) -> None:
    mine = waiting(tx, "r9", 9)
    runs.add(tx, replace(RUN, id="r1"), LEGS)
    waiting(tx, "r2", 1)
    runs.finish(tx, "r2", RUN.status, "over", NOW)
    other = replace(RUN, id="r3", app="other")
    runs.add(tx, other, cut(rollback_stages("live")))
    runs.add(tx, replace(RUN, id="r4", kind="rollback"), cut(rollback_stages("test")))
    assert queue.ahead(tx, mine, "live") == []


def test_who_has_left_the_environment_holds_nobody_up(tx: Tx) -> None:
    mine = waiting(tx, "r9", 9)
    waiting(tx, "r1", 0)
    runs.begin_stage(tx, "r1", 2, NOW)
    runs.end_stage(tx, "r1", 2, PASSED, NOW)
    assert queue.ahead(tx, mine, "live") == []


def building(tx: Tx, name: str, seconds: int, app: str = "agentic") -> Run:
    """Return a run that has not begun yet."""
    run = replace(RUN, id=name, app=app, created_at=NOW + timedelta(seconds=seconds))
    runs.add(tx, run, LEGS)
    return run


def test_two_runs_build_side_by_side_whatever_their_app_and_the_third_waits(tx: Tx) -> None:
    first, second = building(tx, "r1", 0), building(tx, "r2", 1, app="other")
    third, fourth = building(tx, "r3", 2), building(tx, "r4", 3)
    assert [queue.ahead(tx, run, "") for run in (first, second)] == [[], []]
    assert queue.ahead(tx, third, "") == ["r1", "r2"]
    runs.begin_stage(tx, "r2", 0, NOW)
    runs.begin_stage(tx, "r4", 0, NOW)
    assert queue.ahead(tx, first, "") == ["r2", "r4"]
    assert queue.ahead(tx, fourth, "") == []


def test_who_has_built_makes_room(tx: Tx) -> None:
    waiting(tx, "r1", 0)
    building(tx, "r2", 1)
    assert queue.ahead(tx, building(tx, "r3", 2), "") == []
