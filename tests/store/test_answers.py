"""Are gates, approvals and intentions kept so that the first word stays?"""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from fairlead.analysis.evidence.burst import Sums
from fairlead.analysis.history import Minute
from fairlead.journal.event import Event
from fairlead.release.approval import Answer, Approval
from fairlead.release.plan import PlannedStage, StageKind
from fairlead.release.progress import Run, RunStatus, StageState, StageStatus
from fairlead.release.release import Release
from fairlead.store import (
    approvals,
    environments,
    gate_results,
    history,
    intentions,
    journal,
    releases,
)
from fairlead.store.database import Tx
from fairlead.store.gate_results import GateResult
from fairlead.store.history import Place
from fairlead.store.intentions import Intention

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)
KeepRun = Callable[..., Run]
BEGUN = GateResult("r1", 1, "unit", "running", None, "", "d1", None, NOW, None)
PASSED = replace(BEGUN, status="passed", exit_status=0, because="it passed", finished_at=LATER)
FAILED = replace(BEGUN, status="failed", exit_status=1, because="it failed", finished_at=LATER)
APPROVAL = Approval("r1", "live", "f" * 64, Answer.APPROVED, "cleo", "looks good", NOW)


def test_a_gate_begins_once_and_comes_back_as_it_began(tx: Tx, keep_run: KeepRun) -> None:
    keep_run()
    assert gate_results.begin(tx, BEGUN)
    assert not gate_results.begin(tx, replace(BEGUN, inputs_digest="d2"))
    assert gate_results.of_stage(tx, "r1", 1) == {"unit": BEGUN}


def test_the_first_ending_of_a_gate_stays(tx: Tx, keep_run: KeepRun) -> None:
    keep_run()
    gate_results.begin(tx, BEGUN)
    gate_results.end(tx, FAILED)
    gate_results.end(tx, PASSED)
    assert not gate_results.begin(tx, BEGUN)
    assert gate_results.of_stage(tx, "r1", 1) == {"unit": FAILED}


def test_a_reused_pass_is_kept_without_having_begun(tx: Tx, keep_run: KeepRun) -> None:
    keep_run()
    reused = replace(PASSED, reused_from="r0")
    gate_results.end(tx, reused)
    assert gate_results.of_run(tx, "r1") == [reused]


def test_a_runs_gates_come_in_the_order_of_its_stages(tx: Tx, keep_run: KeepRun) -> None:
    keep_run()
    for stage, gate in ((2, "health"), (1, "unit"), (1, "lint")):
        gate_results.end(tx, replace(PASSED, stage=stage, gate=gate))
    told = [(r.stage, r.gate) for r in gate_results.of_run(tx, "r1")]
    assert told == [(1, "lint"), (1, "unit"), (2, "health")]
    assert set(gate_results.of_stage(tx, "r1", 1)) == {"lint", "unit"}


def test_a_gate_of_a_stage_that_is_not_there_is_refused(tx: Tx, keep_run: KeepRun) -> None:
    keep_run()
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        gate_results.begin(tx, replace(BEGUN, stage=9))


def keep_result(tx: Tx, keep_run: KeepRun, run: str, result: GateResult) -> None:
    keep_run(run)
    gate_results.end(tx, replace(result, run=run))


def test_the_newest_pass_on_the_same_inputs_is_found(tx: Tx, keep_run: KeepRun) -> None:
    keep_result(tx, keep_run, "r1", PASSED)
    keep_result(tx, keep_run, "r2", replace(PASSED, finished_at=LATER + timedelta(minutes=1)))
    found = gate_results.newest_pass(tx, "agentic", "unit", "d1")
    assert found is not None
    assert found.run == "r2"


@pytest.mark.parametrize(
    "changed",
    [
        {"status": "failed"},
        {"status": "running", "finished_at": None},
        {"inputs_digest": "d2"},
        {"inputs_digest": None},
        {"gate": "lint"},
        {"reused_from": "r0"},
    ],
)
def test_only_a_pass_that_really_ran_on_these_inputs_is_reused(
    tx: Tx, keep_run: KeepRun, changed: dict[str, Any]
) -> None:
    keep_result(tx, keep_run, "r1", replace(PASSED, **changed))
    assert gate_results.newest_pass(tx, "agentic", "unit", "d1") is None


def test_a_pass_of_another_app_is_never_reused(tx: Tx, keep_run: KeepRun) -> None:
    keep_run(app="other")
    gate_results.end(tx, PASSED)
    assert gate_results.newest_pass(tx, "agentic", "unit", "d1") is None


def test_an_answer_comes_back_as_it_was_given(tx: Tx, keep_run: KeepRun) -> None:
    keep_run()
    assert approvals.find(tx, "r1", "live") is None
    assert approvals.add(tx, APPROVAL)
    assert approvals.find(tx, "r1", "live") == APPROVAL
    assert approvals.find(tx, "r1", "staging") is None


def test_a_second_answer_is_refused_and_changes_nothing(tx: Tx, keep_run: KeepRun) -> None:
    keep_run()
    rejection = replace(APPROVAL, answer=Answer.REJECTED, by="dan", reason="no")
    assert approvals.add(tx, rejection)
    assert not approvals.add(tx, APPROVAL)
    assert approvals.find(tx, "r1", "live") == rejection


SPEC: dict[str, Any] = {
    "version": 1,
    "app": "agentic",
    "components": {"frontend": {"kind": "static", "path": "dist"}},
    "environments": {"live": {"listen": "127.0.0.1:1", "approval": {}}},
    "pipeline": [{"stage": "ask", "approve": "live"}],
}
ASKS = StageState(
    PlannedStage(2, "ask", StageKind.APPROVE, "live"), 1, StageStatus.RUNNING, NOW, None, ""
)


def say_what_changes(tx: Tx) -> None:
    """Note what every approver is told before the question is open."""
    kind, because = "packages.compared", "packages: the same packages as before"
    effect = "r1/live/packages/"
    told = Event(NOW, "fairlead", kind, because, effect, "agentic", "r1", "live", "0a1b2c3d4e5f")
    journal.append(tx, told)


def test_a_question_is_open_from_what_changes_until_an_answer(tx: Tx, keep_run: KeepRun) -> None:
    run = keep_run(spec=SPEC, release="0a1b2c3d4e5f")
    assert approvals.open_question(tx, run, (ASKS,)) is None
    releases.save(tx, Release("agentic", run.commit, ()), NOW)
    assert approvals.open_question(tx, run, (ASKS,)) is None
    say_what_changes(tx)
    question = approvals.open_question(tx, run, (ASKS,))
    assert question is not None
    assert (question.environment, question.asked_at) == ("live", NOW)
    approvals.add(tx, APPROVAL)
    assert approvals.open_question(tx, run, (ASKS,)) is None


def test_a_question_tells_what_was_measured_before_it_was_asked(tx: Tx, keep_run: KeepRun) -> None:
    policy = {
        "listen": "127.0.0.1:1", "approval": {}, "strategy": "canary", "judgement": {},
        "traffic": {"requests_per_second": 100},
    }  # fmt: skip
    spec = SPEC | {"environments": {"live": policy}}
    run = keep_run(spec=spec, release="0a1b2c3d4e5f")
    releases.save(tx, Release("agentic", run.commit, ()), NOW)
    environments.ensure(tx, "agentic", "live", "127.0.0.1:1", NOW)
    environments.set_live(tx, "agentic", "live", "aaaaaaaaaaaa", "")
    for number in range(1, 70):
        began = NOW - timedelta(minutes=number)
        bad = Sums(60, 60, 600)
        minute = Minute("aaaaaaaaaaaa", "api", began, 60.0, 600, 60, (), bad, Sums(6, 60, 600))
        history.add(tx, Place("agentic", "live", "aaaaaaaaaaaa"), minute)
    say_what_changes(tx)
    question = approvals.open_question(tx, run, (ASKS,))
    assert question is not None
    assert question.canary[0].startswith("at 10 requests/s and 5%")
    assert any("bursts of about" in told for told in question.canary)
    assert any("requests_per_second says 100, 10 were" in told for told in question.canary)


@pytest.mark.parametrize("status", [StageStatus.PENDING, StageStatus.PASSED, StageStatus.FAILED])
def test_a_stage_that_does_not_run_asks_nobody(
    tx: Tx, keep_run: KeepRun, status: StageStatus
) -> None:
    run = keep_run(spec=SPEC, release="0a1b2c3d4e5f")
    releases.save(tx, Release("agentic", run.commit, ()), NOW)
    say_what_changes(tx)
    assert approvals.open_question(tx, run, (replace(ASKS, status=status),)) is None
    ended = replace(run, status=RunStatus.STOPPED)
    assert approvals.open_question(tx, ended, (ASKS,)) is None


def test_the_first_thing_wanted_of_a_run_counts(tx: Tx, keep_run: KeepRun) -> None:
    keep_run("r1")
    keep_run("r2")
    assert intentions.first(tx, "r1") is None
    stop = Intention("r1", "stop", "ana", "wrong branch", LATER)
    intentions.add(tx, stop)
    intentions.add(tx, Intention("r1", "rollback", "bo", "errors", NOW))
    assert intentions.first(tx, "r1") == stop
    assert intentions.first(tx, "r2") is None


def test_a_promotion_ends_no_run_and_is_kept_once_for_each_weight(
    tx: Tx, keep_run: KeepRun
) -> None:
    keep_run()
    wish = Intention("r1", "promote", "bo", "quiet", NOW, "live", 5)
    assert intentions.add(tx, wish)
    assert not intentions.add(tx, replace(wish, person="cy"))
    assert intentions.add(tx, replace(wish, weight=25))
    assert intentions.first(tx, "r1") is None
    assert intentions.promotion(tx, "r1", "live", 5) == wish
    assert intentions.promotion(tx, "r1", "live", 50) is None
    assert intentions.promotion(tx, "r1", "test", 5) is None


def test_an_intention_of_no_known_kind_is_refused(tx: Tx, keep_run: KeepRun) -> None:
    keep_run()
    with pytest.raises(psycopg.errors.CheckViolation):
        intentions.add(tx, Intention("r1", "pause", "ana", "", NOW))
