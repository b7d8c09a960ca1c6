"""Does the one example show everything, and does the reference show the example?"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fairlead.demo.sample import SHORTER, adapted
from fairlead.release.component import ComponentKind
from fairlead.release.plan import StageKind, stages
from fairlead.release.spec.document import document
from fairlead.release.spec.keys import allowed_keys, part_at
from fairlead.release.spec.model import Spec, StrategyKind
from fairlead.release.spec.part import Part, keys_of
from fairlead.release.spec.reading import load
from fairlead.release.spec.reference import markdown
from fairlead.release.spec.schema import json_schema

ROOT = Path(__file__).parents[3]
EXAMPLE = (ROOT / "examples" / "agentic" / "fairlead.yaml").read_text("utf-8")
REFERENCE = ROOT / "docs" / "configuration.md"
RUNBOOK = [
    *("commit", "build", "security-scan", "unit-tests", "deploy-development", "integration-tests"),
    *("deploy-staging", "performance-tests", "security-validation", "approval"),
    *("production-canary", "health-validation", "full-production", "post-deploy-monitoring"),
]


@pytest.fixture(scope="module")
def spec() -> Spec:
    return load(EXAMPLE)


def used_keys() -> Iterator[tuple[type[Part], str]]:
    for path in document(EXAMPLE).lines:
        if part := part_at(path[:-1]):
            yield part, str(path[-1])


def test_the_example_uses_every_key_there_is() -> None:
    known = {(part, key) for part in Part.__subclasses__() for key in keys_of(part)}
    assert {*used_keys()} == known


def test_the_example_explains_every_key_but_names() -> None:
    explained = {
        match[1] for match in re.finditer(r"^ *(?:- )?([a-z0-9_]+):.* # ", EXAMPLE, re.MULTILINE)
    }
    told_above = {"components", "gates", "environments", "pipeline", "requests_per_second"}
    told_above |= {"deploy", "canary", "promote", "monitor"}
    keys = {key for part in Part.__subclasses__() for key in keys_of(part)}
    assert keys - explained <= told_above


def test_the_example_shows_every_kind_and_strategy(spec: Spec) -> None:
    assert {component.kind for component in spec.components.values()} == {*ComponentKind}
    assert {environment.strategy for environment in spec.environments.values()} == {*StrategyKind}


def test_the_example_follows_the_runbook(spec: Spec) -> None:
    planned = stages(spec)
    assert [stage.name for stage in planned] == RUNBOOK
    alone = {StageKind.ROLLBACK, StageKind.CONTRACT}
    assert {stage.kind for stage in planned} == {*StageKind} - alone


def test_the_example_keeps_the_limits_of_the_runbook(spec: Spec) -> None:
    judgement = spec.environments["production"].judgement
    assert judgement is not None
    assert (judgement.canary.error_rate, judgement.canary.mean_latency) == (0.02, 1.0)
    assert (judgement.promoted.error_rate, judgement.promoted.mean_latency) == (0.05, 2.0)
    assert judgement.window == 30
    assert spec.environments["production"].hold == 300


def test_the_defaults_the_example_tells_are_the_defaults() -> None:
    lines = EXAMPLE.splitlines()
    shapes = {"Spec": json_schema(), **json_schema()["$defs"]}
    told = 0
    for path, line in document(EXAMPLE).lines.items():
        match = re.search(r"# \(optional, ([^)]+)\)", lines[line - 1])
        part = part_at(path[:-1])
        if match and part and not match[1].startswith("these") and not isinstance(path[-1], int):
            default: Any = shapes[part.__name__]["properties"][path[-1]]["default"]
            assert match[1] == str(default).lower(), path
            told += 1
    assert told > 15


def test_every_key_has_its_row_in_the_reference() -> None:
    page = markdown(EXAMPLE, json_schema())
    for part in Part.__subclasses__():
        for key in keys_of(part):
            assert f"\n| `{key}` | " in page
    assert EXAMPLE in page


def test_the_reference_is_up_to_date() -> None:
    written = REFERENCE.read_text("utf-8")
    assert written == markdown(EXAMPLE, json_schema()), "run `make docs`"


@pytest.mark.parametrize("path", [(), ("gates", "x"), ("environments", "x", "judgement")])
def test_the_keys_allowed_at_a_place_are_the_models(path: tuple[str, ...]) -> None:
    part = part_at(path)
    assert part is not None
    assert allowed_keys(path) == [*keys_of(part)]


def test_the_demo_shortens_it_to_what_still_works() -> None:
    there = load(adapted(EXAMPLE, SHORTER)).environments
    assert there["production"].monitor_for < load(EXAMPLE).environments["production"].monitor_for
