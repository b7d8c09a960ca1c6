"""Do runs and their stages come back as they were kept, and end only once?"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from fairlead.errors import NotFound
from fairlead.release.plan import StageKind
from fairlead.release.progress import Run, RunStatus, StageStatus
from fairlead.store import rollouts, runs
from fairlead.store.database import Tx
from fairlead.store.rollouts import Phase, RolloutState

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)
KeepRun = Callable[..., Run]
PASSED, FAILED = (StageStatus.PASSED, "it passed"), (StageStatus.FAILED, "it failed")


def pass_stages(tx: Tx, run: str, *indices: int) -> None:
    for index in indices:
        runs.end_stage(tx, run, index, PASSED, NOW)


def test_a_run_comes_back_as_it_was_kept(tx: Tx, keep_run: KeepRun) -> None:
    kept = keep_run()
    assert runs.get(tx, "r1") == kept


def test_its_stages_come_back_in_order_with_their_legs(tx: Tx, keep_run: KeepRun) -> None:
    keep_run()
    stages = runs.stages(tx, "r1")
    assert [(s.planned.name, s.leg) for s in stages] == [
        ("commit", 0),
        ("unit-tests", 0),
        ("deploy", 1),
    ]
    assert stages[1].planned.gates == ("lint", "unit")
    assert stages[2].planned.kind is StageKind.DEPLOY
    assert {s.status for s in stages} == {StageStatus.PENDING}


def test_a_run_nobody_knows_is_not_found_and_the_remedy_is_told(tx: Tx) -> None:
    with pytest.raises(NotFound, match="there is no run r9: `fairlead history` lists them"):
        runs.get(tx, "r9")


def test_the_newest_runs_come_first_of_one_app_when_it_is_named(tx: Tx, keep_run: KeepRun) -> None:
    keep_run("r1")
    keep_run("r2", created_at=LATER)
    keep_run("r3", app="other")
    assert [r.id for r in runs.newest(tx, "agentic", 10)] == ["r2", "r1"]
    assert [r.id for r in runs.newest(tx, "", 1)] == ["r2"]
    assert len(runs.newest(tx, "", 10)) == 3


def test_open_runs_are_those_that_have_not_ended_oldest_first(tx: Tx, keep_run: KeepRun) -> None:
    keep_run("r2", created_at=LATER)
    keep_run("r1")
    keep_run("r3")
    runs.finish(tx, "r3", RunStatus.FAILED, "it failed", NOW)
    assert [r.id for r in runs.open_runs(tx)] == ["r1", "r2"]


def test_a_stage_begins_once(tx: Tx, keep_run: KeepRun) -> None:
    keep_run()
    runs.begin_stage(tx, "r1", 1, NOW)
    runs.begin_stage(tx, "r1", 1, LATER)
    stage = runs.stages(tx, "r1")[1]
    assert (stage.status, stage.started_at) == (StageStatus.RUNNING, NOW)


def test_the_first_ending_of_a_stage_stays(tx: Tx, keep_run: KeepRun) -> None:
    keep_run()
    runs.begin_stage(tx, "r1", 1, NOW)
    runs.end_stage(tx, "r1", 1, FAILED, NOW)
    runs.end_stage(tx, "r1", 1, PASSED, LATER)
    runs.begin_stage(tx, "r1", 1, LATER)
    stage = runs.stages(tx, "r1")[1]
    assert (stage.status, stage.because, stage.finished_at) == (*FAILED, NOW)


def test_only_a_running_stage_takes_a_new_sentence(tx: Tx, keep_run: KeepRun) -> None:
    keep_run()
    runs.note_stage(tx, "r1", 0, "too early")
    runs.begin_stage(tx, "r1", 1, NOW)
    runs.note_stage(tx, "r1", 1, "held 30 of 300 s")
    sentences = [s.because for s in runs.stages(tx, "r1")]
    assert sentences == ["", "held 30 of 300 s", ""]


def test_trouble_keeps_when_it_began_until_it_has_passed(tx: Tx, keep_run: KeepRun) -> None:
    keep_run()
    runs.note_trouble(tx, "r1", 1, "Envoy does not answer", NOW)
    runs.note_trouble(tx, "r1", 1, "still nothing", LATER)
    stage = runs.stages(tx, "r1")[1]
    assert (stage.trouble_since, stage.because) == (NOW, "still nothing")
    runs.note_trouble(tx, "r1", 1, "", None)
    assert runs.stages(tx, "r1")[1].trouble_since is None


def test_an_ended_run_stays_as_it_ended(tx: Tx, keep_run: KeepRun) -> None:
    keep_run()
    runs.begin_stage(tx, "r1", 0, NOW)
    runs.end_stage(tx, "r1", 0, FAILED, NOW)
    runs.finish(tx, "r1", RunStatus.FAILED, "it failed", NOW)
    runs.finish(tx, "r1", RunStatus.SUCCEEDED, "no, it went well", LATER)
    runs.set_status(tx, "r1", RunStatus.RUNNING, "it runs again")
    run = runs.get(tx, "r1")
    assert (run.status, run.because, run.finished_at) == (RunStatus.FAILED, "it failed", NOW)
    assert [s.status.value for s in runs.stages(tx, "r1")] == ["failed", "skipped", "skipped"]


def test_a_run_remembers_the_release_it_built(tx: Tx, keep_run: KeepRun) -> None:
    keep_run()
    runs.set_release(tx, "r1", "0a1b2c3d4e5f")
    runs.set_status(tx, "r1", RunStatus.WAITING, "it waits for an approver")
    run = runs.get(tx, "r1")
    assert (run.release, run.status) == ("0a1b2c3d4e5f", RunStatus.WAITING)


def test_a_sentence_with_bytes_that_cannot_be_kept_is_kept_readable(
    tx: Tx, keep_run: KeepRun
) -> None:
    keep_run()
    runs.set_status(tx, "r1", RunStatus.RUNNING, "deno said \x00 and \udcff")
    assert runs.get(tx, "r1").because == "deno said � and �"


def begin_change(tx: Tx, run: str, environment: str = "live") -> None:
    rollouts.save(tx, RolloutState(run, environment, "new", "old", Phase.PREPARING, 2, 0, NOW))


def test_the_newest_run_of_an_environment_is_the_newest_that_began_to_change_it(
    tx: Tx, keep_run: KeepRun
) -> None:
    for number in range(4):
        keep_run(f"r{number}", created_at=NOW + timedelta(minutes=number))
    begin_change(tx, "r0")
    begin_change(tx, "r1")
    begin_change(tx, "r2", "staging")
    assert runs.newest_of_environment(tx, "agentic", "live").id == "r1"
    with pytest.raises(NotFound, match="nothing was ever deployed to live of other"):
        runs.newest_of_environment(tx, "other", "live")


@pytest.fixture
def old(keep_run: KeepRun) -> Run:
    return keep_run("old")


def superseder(tx: Tx, old: Run, stage: int = 2) -> str | None:
    newer = runs.newer_at(tx, old, stage)
    return newer.id if newer else None


def test_a_newer_deployment_that_came_as_far_goes_instead(
    tx: Tx, keep_run: KeepRun, old: Run
) -> None:
    keep_run("new", created_at=LATER)
    pass_stages(tx, "new", 0)
    assert superseder(tx, old) is None
    pass_stages(tx, "new", 1)
    assert superseder(tx, old) == "new"
    runs.begin_stage(tx, "new", 2, NOW)
    assert superseder(tx, old) == "new"


def test_a_newer_deployment_that_is_further_already_is_never_overwritten(
    tx: Tx, keep_run: KeepRun, old: Run
) -> None:
    keep_run("new", created_at=LATER)
    pass_stages(tx, "new", 0, 1, 2)
    assert superseder(tx, old) == "new"
    runs.finish(tx, "new", RunStatus.SUCCEEDED, "it is live", LATER)
    assert superseder(tx, old) == "new"


@pytest.mark.parametrize(
    "status", [RunStatus.FAILED, RunStatus.ROLLED_BACK, RunStatus.STOPPED, RunStatus.SUPERSEDED]
)
def test_a_newer_deployment_that_came_to_nothing_stands_in_nobodys_way(
    tx: Tx, keep_run: KeepRun, old: Run, status: RunStatus
) -> None:
    keep_run("new", created_at=LATER)
    pass_stages(tx, "new", 0, 1, 2)
    runs.finish(tx, "new", status, "it went wrong", LATER)
    assert superseder(tx, old) is None


def test_neither_itself_nor_older_nor_other_runs_supersede(
    tx: Tx, keep_run: KeepRun, old: Run
) -> None:
    keep_run("older", created_at=NOW - timedelta(minutes=1))
    keep_run("foreign", created_at=LATER, app="other")
    keep_run("back", created_at=LATER, kind="rollback")
    for run in ("old", "older", "foreign", "back"):
        pass_stages(tx, run, 0, 1)
    assert superseder(tx, old) is None


def test_the_newest_of_several_newer_ones_goes_instead(tx: Tx, keep_run: KeepRun, old: Run) -> None:
    for number in range(1, 4):
        keep_run(f"n{number}", created_at=NOW + timedelta(minutes=number))
        pass_stages(tx, f"n{number}", 0, 1)
    assert superseder(tx, old) == "n3"
