"""Is a gate that leaves findings judged by them, and told what the live release had?"""

from collections.abc import Callable
from typing import Any

import pytest

from fairlead.store import gate_results
from journeys.configurations import at_once
from pipeline.loop import Loop, Unjudged

Make = Callable[..., Loop]
REPORT = '"{\\"because\\": \\"%s\\", \\"judged\\": \\"%s\\"}" > "$0"'
# Tells what it was given: the report's name, the gate, the commit and what was found before.
TELLS = 'echo "{\\"because\\": \\"$1 since $2 beside $3\\"}" > "$0"; echo "{}" > "${0%json}sarif"'


def checked(app: str, ports: list[int], **gate: Any) -> dict[str, Any]:
    """Return an app that is checked by Fairlead itself before it goes live."""
    return at_once(app, ports, {"leaks": {"check": "secrets", **gate}}, ["leaks"])


def judges(loop: Loop) -> Unjudged:
    found = loop.house.judges
    assert isinstance(found, Unjudged)
    return found


def because(loop: Loop, run: str) -> str:
    with loop.house.database.begin() as tx:
        return gate_results.of_run(tx, run)[0].because


def test_a_gate_is_told_the_live_release_and_what_was_found_in_it(loop_of: Make) -> None:
    loop = loop_of(checked)
    judges(loop).script = TELLS
    loop.app.commit("first")
    first = loop.ship()
    assert because(loop, first.id) == "leaks passed: leaks since  beside "
    loop.app.commit("second")
    second = loop.ship()
    before = loop.house.reports / f"{first.id}.2.leaks.sarif"
    assert because(loop, second.id) == f"leaks passed: leaks since {first.sha} beside {before}"


@pytest.mark.parametrize(
    ("script", "status", "says"),
    [
        (f"echo {REPORT % ('1 finding', 'failed')}; exit 1", "failed", "leaks failed: 1 finding"),
        (f"echo {REPORT % ('no test ran', 'unknown')}; exit 4", "unknown", "leaks unknown: no te"),
        ("exit 0", "failed", "leaks failed: it left no report"),
        ("exit 4", "failed", "leaks failed: ended with status 4"),
    ],
)
def test_only_a_pass_with_its_report_lets_a_release_on(
    loop_of: Make, script: str, status: str, says: str
) -> None:
    loop = loop_of(checked)
    judges(loop).script = script
    loop.app.commit("first")
    run = loop.ship()
    assert run.status == "failed"
    assert says in run.because
    assert f"gate.{status}" in loop.kinds(run.id)


def test_with_another_policy_a_recorded_pass_does_not_count(loop_of: Make) -> None:
    loop = loop_of(checked, check="dependencies", inputs=["frontend/*"])
    loop.app.commit("first")
    loop.ship()
    loop.app.write("README.md", "read me")
    loop.app.commit("second")
    assert "gate.reused" in loop.kinds(loop.ship().id)
    loop.app.write("suppressions.yaml", "version: 1\nsuppressions: []\n")
    loop.app.commit("other exceptions")
    assert "gate.reused" not in loop.kinds(loop.ship().id)
    loop.app.configuration["gates"]["leaks"]["fail_at"] = "low"
    loop.app.configure(loop.app.configuration)
    loop.app.commit("third")
    assert "gate.reused" not in loop.kinds(loop.ship().id)


@pytest.mark.parametrize(
    ("gate", "reused"),
    [({"check": "dependencies"}, True), ({"check": "dependencies", "new_only": True}, False)],
)
def test_a_pass_beside_another_live_release_counts_only_where_that_decides_nothing(
    loop_of: Make, gate: dict[str, Any], reused: bool
) -> None:
    loop = loop_of(checked, inputs=["frontend/*"], **gate)
    loop.app.commit("first")
    loop.ship()
    loop.app.write("README.md", "read me")
    loop.app.commit("second")
    assert ("gate.reused" in loop.kinds(loop.ship().id)) is reused
