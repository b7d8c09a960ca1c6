"""Which stage is next, which was the last, and how does a run end?"""

from dataclasses import replace

import pytest

from fairlead.release.plan import PlannedStage, StageKind
from fairlead.release.progress import (
    ENDED,
    RunStatus,
    StageState,
    StageStatus,
    current,
    ending,
    is_last_of_environment,
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


def name_of(stages: tuple[StageState, ...]) -> str | None:
    stage = current(stages)
    return stage.planned.name if stage else None


def test_a_new_run_begins_with_its_first_stage() -> None:
    assert name_of(run()) == "build"


def test_a_running_stage_stays_current_until_it_has_ended() -> None:
    assert name_of(run(StageStatus.PASSED, StageStatus.RUNNING)) == "deploy"
    assert name_of(run(StageStatus.PASSED, StageStatus.PASSED)) == "check"


@pytest.mark.parametrize("status", [s for s in StageStatus if s not in OPEN])
def test_a_run_without_open_stages_is_through(status: StageStatus) -> None:
    assert name_of(run(*[status] * len(KINDS))) is None


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
