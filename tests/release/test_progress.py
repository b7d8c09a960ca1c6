"""Which stage is next, which was the last, and how does a run end?"""

from dataclasses import replace

import pytest

from fairlead.release.plan import PlannedStage, StageKind
from fairlead.release.progress import (
    ENDED,
    Part,
    RunStatus,
    StageState,
    StageStatus,
    current,
    ending,
    is_last_of_environment,
    open_part,
    part_of,
)

OPEN = (StageStatus.PENDING, StageStatus.RUNNING)
KINDS = [
    ("build", StageKind.BUILD, "", 0),
    ("deploy", StageKind.DEPLOY, "test", 1),
    ("check", StageKind.GATES, "test", 1),
    ("ask", StageKind.APPROVE, "live", 2),
    ("canary", StageKind.CANARY, "live", 3),
    ("watch", StageKind.MONITOR, "live", 3),
]


def run(*statuses: StageStatus) -> tuple[StageState, ...]:
    padded = [*statuses, *[StageStatus.PENDING] * (len(KINDS) - len(statuses))]
    return tuple(
        StageState(PlannedStage(i, name, kind, where), leg, status, None, None, "")
        for i, ((name, kind, where, leg), status) in enumerate(zip(KINDS, padded, strict=True))
    )


def name_of(stages: tuple[StageState, ...], leg: int) -> str | None:
    stage = current(stages, leg)
    return stage.planned.name if stage else None


def test_a_new_leg_begins_with_its_first_stage() -> None:
    assert [name_of(run(), leg) for leg in range(4)] == ["build", "deploy", "ask", "canary"]


def test_a_running_stage_stays_current_until_it_has_ended() -> None:
    stages = run(StageStatus.PASSED, StageStatus.RUNNING)
    assert name_of(stages, 1) == "deploy"
    assert name_of(run(StageStatus.PASSED, StageStatus.PASSED), 1) == "check"


@pytest.mark.parametrize("status", [s for s in StageStatus if s not in OPEN])
def test_a_leg_without_open_stages_is_through(status: StageStatus) -> None:
    assert name_of(run(StageStatus.PASSED, status, status), 1) is None


def test_another_leg_is_never_begun_from_this_one() -> None:
    assert name_of(run(StageStatus.PASSED), 0) is None
    assert name_of(run(), 9) is None


def test_an_environment_is_done_with_after_its_last_change_or_test() -> None:
    stages = run()
    last = [s.planned.name for s in stages if is_last_of_environment(stages, s)]
    assert last == ["build", "check", "watch"]


def test_an_approval_later_on_neither_changes_nor_tests_the_environment() -> None:
    asks_again = replace(run()[3], planned=replace(run()[3].planned, index=6))
    stages = (*run(), asks_again)
    assert is_last_of_environment(stages, stages[5])


@pytest.mark.parametrize("stopped", [True, False])
def test_a_run_that_moved_traffic_ends_rolled_back(stopped: bool) -> None:
    assert ending("deploy", changed_traffic=True, stopped=stopped) is RunStatus.ROLLED_BACK


def test_a_run_without_traffic_ends_failed_unless_somebody_stopped_it() -> None:
    assert ending("deploy", changed_traffic=False, stopped=False) is RunStatus.FAILED
    assert ending("deploy", changed_traffic=False, stopped=True) is RunStatus.STOPPED


def test_a_way_back_that_did_not_get_through_has_failed() -> None:
    assert ending("rollback", changed_traffic=True, stopped=True) is RunStatus.FAILED


def test_every_status_is_either_open_or_ended() -> None:
    open_ones = {"queued", "running", "waiting"}
    assert {s.value for s in RunStatus} - {s.value for s in ENDED} == open_ones


def test_what_works_for_no_environment_is_a_part_of_its_own_and_waits_in_a_queue() -> None:
    assert part_of(run(), 0) == Part(0, queued=True)
    assert [part_of(run(), leg) for leg in (1, 2, 3)] == [Part(1, queued=False)] * 3


def test_checks_after_an_approval_divide_what_is_carried_on_the_way() -> None:
    check = StageState(
        PlannedStage(6, "check", StageKind.GATES), 4, StageStatus.PENDING, None, None, ""
    )
    last = StageState(
        PlannedStage(7, "promote", StageKind.PROMOTE, "live"),
        5,
        StageStatus.PENDING,
        None,
        None,
        "",
    )
    parts = [part_of((*run(), check, last), leg) for leg in range(6)]
    assert parts == [
        Part(0, queued=True),
        *[Part(1, queued=False)] * 3,
        Part(4, queued=True),
        Part(5, queued=False),
    ]


def test_a_run_is_taken_up_in_the_part_where_it_is() -> None:
    passed = StageStatus.PASSED
    assert open_part(run()) == Part(0, queued=True)
    assert open_part(run(passed, passed, passed, passed)) == Part(1, queued=False)
    assert open_part(run(*[passed] * 6)) == Part(0, queued=True)
