"""May only the right person agree, to exactly what was shown, and in time?"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from fairlead.access.person import Person
from fairlead.access.role import Role
from fairlead.release.approval import Question, objection, question_of
from fairlead.release.component import ComponentKind
from fairlead.release.plan import PlannedStage, StageKind
from fairlead.release.progress import Run, RunStatus, StageState, StageStatus
from fairlead.release.release import Artifact, Commit, Release

ASKED = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
COMMIT = Commit("0a1b2c3d4e5f" + "0" * 28, "main", "Ana", "Ana@Example.org", "faster")
SPEC: dict[str, Any] = {
    "version": 1,
    "app": "agentic",
    "components": {"frontend": {"kind": "static", "path": "dist"}},
    "environments": {
        "live": {"listen": "127.0.0.1:1", "approval": {"role": "admin", "expires": "8h"}},
        "test": {"listen": "127.0.0.1:2"},
    },
    "pipeline": [{"stage": "ask", "approve": "live"}],
}
RUN = Run(
    "r1", "agentic", "deploy", COMMIT, "0a1b2c3d4e5f", "/repo", SPEC, RunStatus.RUNNING, "",
    "bo", "bo@example.org", ASKED - timedelta(hours=1), None,
)  # fmt: skip
RELEASE = Release(
    "agentic", COMMIT, (Artifact("frontend", ComponentKind.STATIC, "a" * 64, 9, ("site",)),)
)
ASKS = StageState(
    PlannedStage(2, "ask", StageKind.APPROVE, "live"), 1, StageStatus.RUNNING, ASKED, None, ""
)
QUESTION = Question(
    "r1", "0a1b2c3d4e5f", "live", "f" * 64, Role.APPROVER, ASKED, 3600.0, "Ana@Example.org", "bo"
)
CLEO = Person("cleo", "cleo@example.org", Role.APPROVER)


def asked(**changes: Any) -> Question:
    question = question_of(replace(RUN, **changes), ASKS, RELEASE)
    assert question is not None
    return question


def objected(person: Person = CLEO, seen: str = "f" * 64, after_s: float = 60.0) -> str | None:
    return objection(QUESTION, person, seen, ASKED + timedelta(seconds=after_s))


@pytest.mark.parametrize("role", [Role.APPROVER, Role.ADMIN])
def test_a_colleague_with_the_role_may_answer_in_time(role: Role) -> None:
    assert objected(replace(CLEO, role=role)) is None


@pytest.mark.parametrize("role", [Role.VIEWER, Role.DEPLOYER])
def test_a_lower_role_may_not_answer_and_learns_whom_to_ask(role: Role) -> None:
    assert objected(replace(CLEO, role=role)) == (
        f"cleo has the role {role}; approving release 0a1b2c3d4e5f for live needs approver: "
        "ask somebody who has it"
    )


@pytest.mark.parametrize("role", [Role.APPROVER, Role.ADMIN])
def test_whoever_submitted_may_not_answer_whatever_their_role(role: Role) -> None:
    found = objected(Person("bo", "bo@example.org", role))
    assert found is not None
    assert "bo submitted release 0a1b2c3d4e5f for live" in found


@pytest.mark.parametrize("email", ["Ana@Example.org", "ana@example.org", "ANA@EXAMPLE.ORG"])
def test_the_author_may_not_answer_however_the_address_is_written(email: str) -> None:
    found = objected(Person("ana", email, Role.ADMIN))
    assert found is not None
    assert "ana wrote release 0a1b2c3d4e5f for live" in found


@pytest.mark.parametrize(("after_s", "late"), [(3599.9, False), (3600.0, True), (9999.0, True)])
def test_an_answer_comes_too_late_from_the_very_moment_it_expires(
    after_s: float, late: bool
) -> None:
    found = objected(after_s=after_s)
    assert (found is not None) is late
    if found:
        assert "expired at 2026-11-23 04:00:00 UTC: deploy the commit again" in found


@pytest.mark.parametrize("seen", ["e" * 64, "f" * 63, "", "F" * 64])
def test_an_answer_to_another_plan_is_refused(seen: str) -> None:
    found = objected(seen=seen)
    assert found is not None
    assert "look at the plan again" in found


def test_the_question_follows_the_environments_policy() -> None:
    question = asked()
    assert (question.role, question.expires_at) == (Role.ADMIN, ASKED + timedelta(hours=8))
    assert (question.submitter, question.author_email) == ("bo", "Ana@Example.org")
    assert (question.run, question.environment) == ("r1", "live")


def test_the_time_to_answer_begins_when_it_is_asked() -> None:
    waiting = question_of(RUN, replace(ASKS, started_at=None), RELEASE)
    assert waiting is not None
    assert (asked().asked_at, waiting.asked_at) == (ASKED, RUN.created_at)


def test_the_time_to_answer_begins_when_the_rehearsal_has_ended() -> None:
    ended = ASKED + timedelta(hours=9)
    question = question_of(RUN, ASKS, RELEASE, rehearsed_at=ended)
    assert question is not None
    assert (question.asked_at, question.expires_at) == (ended, ended + timedelta(hours=8))


def test_an_environment_without_a_policy_asks_nobody() -> None:
    stage = replace(ASKS, planned=replace(ASKS.planned, environment="test"))
    assert question_of(RUN, stage, RELEASE) is None


def test_a_changed_byte_or_a_changed_file_asks_anew() -> None:
    rebuilt = replace(RELEASE, artifacts=(replace(RELEASE.artifacts[0], digest="b" * 64),))
    other = question_of(RUN, ASKS, rebuilt)
    assert other is not None
    hashes = {asked().plan_hash, other.plan_hash, asked(spec=SPEC | {"parallel": 9}).plan_hash}
    assert len(hashes) == 3
    assert asked().plan_hash == asked(id="r2").plan_hash
