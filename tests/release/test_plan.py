"""Is the order of a run the file's order, cut where the held environment changes?"""

from pathlib import Path
from typing import Any

import pytest

from fairlead.release.plan import (
    CHANGES_TRAFFIC,
    Leg,
    PlannedStage,
    StageKind,
    legs,
    plan_hash,
    rollback_stages,
    stages,
)
from fairlead.release.spec.model import Spec
from fairlead.release.spec.reading import load

EXAMPLE = Path(__file__).parents[2] / "examples" / "agentic" / "fairlead.yaml"


@pytest.fixture(scope="module")
def planned() -> tuple[PlannedStage, ...]:
    return stages(load(EXAMPLE.read_text("utf-8")))


def spec(*pipeline: dict[str, Any]) -> Spec:
    return Spec.model_validate(
        {
            "version": 1,
            "app": "agentic",
            "components": {"frontend": {"kind": "static", "path": "dist"}},
            "gates": {"unit": {"run": ["true"]}},
            "environments": {"live": {"listen": "127.0.0.1:1"}, "test": {"listen": "127.0.0.1:2"}},
            "pipeline": [{"stage": f"s{i}", **stage} for i, stage in enumerate(pipeline)],
        }
    )


def held(*pipeline: dict[str, Any]) -> list[tuple[str, list[str]]]:
    return [
        (leg.environment, [stage.name for stage in leg.stages])
        for leg in legs(stages(spec(*pipeline)))
    ]


GATES: dict[str, Any] = {"gates": ["unit"]}


def test_every_run_begins_with_its_commit_and_its_build(planned: tuple[PlannedStage, ...]) -> None:
    assert [s.kind for s in planned[:2]] == [StageKind.COMMIT, StageKind.BUILD]
    assert [s.index for s in planned] == list(range(14))


def test_the_example_goes_through_the_runbooks_stages(planned: tuple[PlannedStage, ...]) -> None:
    told = [(s.name, s.kind.value, s.environment) for s in planned[2:]]
    assert told == [
        ("security-scan", "gates", ""),
        ("unit-tests", "gates", ""),
        ("deploy-development", "deploy", "development"),
        ("integration-tests", "gates", "development"),
        ("deploy-staging", "deploy", "staging"),
        ("performance-tests", "gates", "staging"),
        ("security-validation", "gates", "staging"),
        ("approval", "approve", "production"),
        ("production-canary", "canary", "production"),
        ("health-validation", "gates", "production"),
        ("full-production", "promote", "production"),
        ("post-deploy-monitoring", "monitor", "production"),
    ]


def test_a_stage_keeps_the_gates_it_names(planned: tuple[PlannedStage, ...]) -> None:
    assert planned[3].gates == ("lint", "types", "unit", "build", "health")
    assert planned[4].gates == ()


def test_the_example_holds_one_environment_after_the_other(
    planned: tuple[PlannedStage, ...],
) -> None:
    assert [(leg.environment, len(leg.stages)) for leg in legs(planned)] == [
        ("", 4),
        ("development", 2),
        ("staging", 3),
        ("", 1),
        ("production", 4),
    ]


def test_production_is_held_from_the_canary_to_the_end_of_watching(
    planned: tuple[PlannedStage, ...],
) -> None:
    kinds = [stage.kind.value for stage in legs(planned)[-1].stages]
    assert kinds == ["canary", "gates", "promote", "monitor"]


def test_an_approval_holds_no_environment_while_somebody_thinks(
    planned: tuple[PlannedStage, ...],
) -> None:
    asking = legs(planned)[3]
    assert [stage.kind for stage in asking.stages] == [StageKind.APPROVE]
    assert asking.stages[0].environment == "production"


def test_gates_after_a_deploy_belong_to_its_environment() -> None:
    assert held(GATES, {"deploy": "test"}, GATES, GATES, {"deploy": "live"}, GATES) == [
        ("", ["commit", "build", "s0"]),
        ("test", ["s1", "s2", "s3"]),
        ("live", ["s4", "s5"]),
    ]


def test_an_approval_is_a_leg_of_its_own_even_between_gates() -> None:
    assert held(GATES, {"approve": "live"}, {"deploy": "live"}) == [
        ("", ["commit", "build", "s0"]),
        ("", ["s1"]),
        ("live", ["s2"]),
    ]


def test_gates_after_an_approval_test_no_environment() -> None:
    approve = {"approve": "live"}
    assert held({"deploy": "test"}, approve, GATES, {"deploy": "live"}) == [
        ("", ["commit", "build"]),
        ("test", ["s0"]),
        ("", ["s1"]),
        ("", ["s2"]),
        ("live", ["s3"]),
    ]
    assert stages(spec({"deploy": "test"}, approve, GATES))[-1].environment == ""


def test_an_environment_left_and_entered_again_is_queued_for_again() -> None:
    again = held({"deploy": "test"}, {"deploy": "live"}, {"deploy": "test"})
    assert [environment for environment, _ in again] == ["", "test", "live", "test"]


def test_no_stage_is_lost_or_moved_between_legs(planned: tuple[PlannedStage, ...]) -> None:
    assert tuple(stage for leg in legs(planned) for stage in leg.stages) == planned
    assert legs(()) == ()


def test_a_way_back_is_one_stage_in_one_leg() -> None:
    (stage,) = back = rollback_stages("live")
    assert (stage.kind, stage.environment) == (StageKind.ROLLBACK, "live")
    assert legs(back) == (Leg("live", back),)


def test_every_kind_that_moves_traffic_is_known_as_such() -> None:
    quiet = {k.value for k in StageKind} - {k.value for k in CHANGES_TRAFFIC}
    assert quiet == {"commit", "build", "gates", "approve", "monitor", "contract"}


def test_the_plan_hash_is_the_same_for_the_same_plan_in_any_order() -> None:
    assert plan_hash({"a": 1, "b": 2}, ("x",)) == plan_hash({"b": 2, "a": 1}, ("x",))


@pytest.mark.parametrize(
    ("text", "digests"),
    [
        ({"steps": [5, 50]}, ("frontend:aa", "functions:bb")),
        ({"steps": [5, 100]}, ("frontend:aa", "functions:bc")),
        ({"steps": [5, 100]}, ("frontend:aa",)),
        ({"steps": [5, 100]}, ("functions:bb", "frontend:aa")),
        ({"steps": [5, 100], "more": None}, ("frontend:aa", "functions:bb")),
    ],
)
def test_a_changed_file_or_byte_changes_the_plan_hash(
    text: dict[str, Any], digests: tuple[str, ...]
) -> None:
    agreed = plan_hash({"steps": [5, 100]}, ("frontend:aa", "functions:bb"))
    assert plan_hash(text, digests) != agreed
