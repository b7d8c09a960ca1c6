"""Who may send on a canary that waits for a person?"""

from dataclasses import replace
from datetime import UTC, datetime

from fairlead.access.person import Person
from fairlead.access.role import Role
from fairlead.release.at_horizon import AtHorizon, objection, role
from fairlead.release.spec.model import Approval, Environment

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
WAITS = AtHorizon(
    "r1", "aaaaaaaaaaaa", "production", 5, NOW, "not known yet", Role.APPROVER,
    "ada@example.org", "carol",
)  # fmt: skip
BO = Person("bo", "bo@example.org", Role.APPROVER)


def test_the_role_is_that_of_the_environments_approval_else_an_approver() -> None:
    there = Environment(listen="127.0.0.1:8080")
    assert role(there) is Role.APPROVER
    assert role(there.model_copy(update={"approval": Approval(role="admin")})) is Role.ADMIN


def test_a_colleague_with_the_role_may() -> None:
    assert objection(WAITS, BO) is None
    assert objection(WAITS, replace(BO, role=Role.ADMIN)) is None


def test_who_has_not_the_role_wrote_it_or_submitted_it_may_not() -> None:
    told = objection(replace(WAITS, role=Role.ADMIN), BO)
    assert told == (
        "bo has the role approver; sending release aaaaaaaaaaaa in production on needs admin: "
        "ask somebody who has it"
    )
    assert "submitted" in (objection(WAITS, replace(BO, name="carol")) or "")
    assert "wrote" in (objection(WAITS, replace(BO, email="Ada@Example.org")) or "")
