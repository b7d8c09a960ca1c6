"""Which deployments are on record, and what is counted of them?"""

from datetime import timedelta
from typing import Any

import pytest

from fairlead.access.person import Person
from fairlead.access.role import Role
from fairlead.commands import people
from fairlead.store import audit, journal
from functions.stand import Functions

NAME = "production-monitoring"
FIRST = "20261123_030000"


@pytest.fixture
def deployer(functions: Functions) -> str:
    admin = Person("ada", "ada@example.org", Role.ADMIN)
    desk = functions.loop.desk()
    return people.save(desk, admin, Person("dan", "dan@example.org", Role.DEPLOYER))


def log(functions: Functions, token: str, **more: Any) -> Any:
    one = {"deployment_id": FIRST, "environment": "production", "status": "started"} | more
    body = {"action": "log_deployment", "deployment": one}
    answer = functions.post(NAME, body, token)
    return answer.json()["result"] if answer.status_code == 200 else answer


def written(functions: Functions, minutes: float) -> str:
    """Return a moment as the runbook's script writes it."""
    at = functions.loop.clock.now - timedelta(minutes=minutes)
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"


def statistics(functions: Functions, **asked: Any) -> dict[str, Any]:
    return dict(functions.call(NAME, "deployment_statistics", **asked))


def test_what_others_deployed_is_on_record_once(functions: Functions, deployer: str) -> None:
    functions.loop.clock.pass_by(30)
    told = log(functions, deployer, timestamp=written(functions, 12), error_message="")
    assert told == {
        "app": functions.loop.app.name, "deployment_id": FIRST, "recorded": True,
        "because": "started is on record",
    }  # fmt: skip
    assert log(functions, deployer)["recorded"] is False
    assert log(functions, deployer, status="success", timestamp=written(functions, 2))["recorded"]
    with functions.loop.house.database.begin() as tx:
        rows = audit.newest(tx, functions.loop.app.name, "production", 10)
        told_of = [entry.event for entry in journal.newest(tx, "", "production", 10)]
    success, started = rows
    assert (success["deployed_by"], success["run"], success["deployment_type"]) == (
        "dan", "", "external",
    )  # fmt: skip
    assert success["started_at"] == started["started_at"]
    assert success["completed_at"] - success["started_at"] == timedelta(minutes=10)
    assert [event.kind for event in told_of] == ["deployment.logged"] * 2


def test_who_may_not_and_what_makes_no_sense_is_refused(
    functions: Functions, deployer: str
) -> None:
    assert log(functions, functions.token).status_code == 403
    answer = log(functions, deployer, status="done")
    assert answer.status_code == 422
    assert answer.json()["error"] == "status must be one of started, success, failed, rolled_back"
    for wrong in (
        {"deployment_id": ""},
        {"deployment_id": "somebody/live"},
        {"deployment_id": "a\x00b"},
        {"environment": "e" * 51},
        {"environment": "prod\u202e"},
        {"git_branch": "main\x9b2J"},
        {"timestamp": "yesterday"},
        {"timestamp": 5},
        {"timestamp": written(functions, -60)},
        {"deployment_type": "all"},
        {"status": 5},
    ):
        assert log(functions, deployer, **wrong).status_code == 422, wrong
    assert functions.post(NAME, {"action": "log_deployment"}, deployer).status_code == 422
    body = {"action": "log_deployment", "app": "other", "deployment": {}}
    assert functions.post(NAME, body, deployer).status_code == 422
    assert statistics(functions)["production_deployments"] == 0


def test_a_deployment_of_fairleads_own_is_counted_once(functions: Functions, deployer: str) -> None:
    loop = functions.loop
    with loop.house.database.begin() as tx:
        run = audit.newest(tx, loop.app.name, "live", 1)[0]["run"]
    for name in (run, f"{run}/live"):
        told = log(functions, deployer, deployment_id=name, environment="live", status="failed")
        assert (told["recorded"], told["because"]) == (
            False, f"run {run} of Fairlead is on record already",
        )  # fmt: skip
    told = statistics(functions, environment="live")
    assert (told["production_deployments"], told["external"], told["rollbacks"]) == (1, 0, 0)
    assert told["success_rate"] == 100.0
    assert told["avg_deployment_time"] > 0


def test_rates_and_times_are_null_where_there_is_nothing(functions: Functions) -> None:
    told = statistics(functions)
    assert (told["production_deployments"], told["rollbacks"]) == (0, 0)
    assert (told["success_rate"], told["avg_deployment_time"]) == (None, None)
    assert told["because"] == "no deployment came to an end in this time"
    assert functions.post(NAME, {"action": "deployment_statistics", "app": "no"}).status_code == 404


def test_the_time_and_what_went_back_count(functions: Functions, deployer: str) -> None:
    log(functions, deployer, timestamp=written(functions, 100))
    log(functions, deployer, status="success", timestamp=written(functions, 90))
    log(functions, deployer, deployment_id="next", timestamp=written(functions, 30))
    log(functions, deployer, deployment_id="next", status="rolled_back", error_message="it failed",
        timestamp=written(functions, 20))  # fmt: skip
    log(functions, deployer, deployment_id="open", timestamp=written(functions, 1))
    told = statistics(functions)
    assert (told["production_deployments"], told["rollbacks"], told["external"]) == (2, 1, 2)
    assert (told["success_rate"], told["avg_deployment_time"]) == (50.0, 10.0)
    told = statistics(functions, time_window="1h")
    assert (told["production_deployments"], told["success_rate"]) == (1, 0.0)
    with functions.loop.house.database.begin() as tx:
        row = audit.newest(tx, "", "production", 2)[1]
    assert (row["rollback_reason"], row["error_message"]) == ("it failed", None)
