"""Is everything that is wrong with the file told at once, with its line, its path and a remedy?"""

from collections.abc import Callable

import pytest

from fairlead.errors import Refused
from fairlead.release.component import ComponentKind
from fairlead.release.spec.model import Spec, StrategyKind
from fairlead.release.spec.reading import decoded, load, read

Told = Callable[[str], tuple[str, ...]]
Changed = Callable[[str, str], str]
ToldAfter = Callable[[str, str], tuple[str, ...]]


def test_a_sound_file_is_read_with_its_defaults(sound: str) -> None:
    spec = load(sound)
    assert isinstance(spec, Spec)
    assert spec.components["api"].kind is ComponentKind.FUNCTIONS
    assert spec.environments["staging"].strategy is StrategyKind.BLUE_GREEN
    assert spec.environments["live"].hold == 60
    judgement = spec.environments["live"].judgement
    assert judgement is not None
    assert (judgement.deadline, judgement.canary.error_rate) == (600, 0.02)
    assert (judgement.promoted.error_rate, judgement.promoted.mean_latency) == (0.05, 2)


def test_a_specification_survives_being_stored(sound: str) -> None:
    spec = load(sound)
    assert Spec.model_validate(spec.model_dump(mode="json")) == spec


def test_an_unknown_key_is_refused_with_its_line_and_the_allowed_keys(
    told_after: ToldAfter,
) -> None:
    assert told_after("    run: [deno, lint]", "    run: [deno, lint]\n    timout: 5m") == (
        "fairlead.yaml:11: gates.lint.timout: unknown key; "
        "allowed: run, check, timeout, inputs, reuse_for, env, junit, sarif, osv, "
        "fail_at, new_only, retries (did you mean timeout?)",
    )


def test_an_unknown_value_is_refused_with_the_allowed_values(told_after: ToldAfter) -> None:
    assert told_after("strategy: canary", "strategy: canry") == (
        'fairlead.yaml:21: environments.live.strategy: "canry" is not one of '
        "all_at_once, blue_green, canary (did you mean canary?)",
    )


def test_a_missing_key_is_told_at_its_block_with_its_meaning(told_after: ToldAfter) -> None:
    assert told_after("    listen: 127.0.0.1:8082\n", "") == (
        "fairlead.yaml:14: environments.staging.listen: this key is missing: "
        "where Envoy answers for this environment.",
    )


def test_all_problems_are_told_at_once_in_the_order_of_the_file(sound: str) -> None:
    text = (
        sound.replace("app: shop", "app: My Shop")
        .replace("production: true", "production: yes")
        .replace("gates: [lint]", "gates: [lnt]")
        .replace("deploy: staging", "deploy: stagin\n    approve: live")
    )
    with pytest.raises(Refused) as refused:
        load(text)
    places = [problem.split(": ")[0:2] for problem in refused.value.problems]
    assert places == [
        ["fairlead.yaml:2", "app"],
        ["fairlead.yaml:20", "environments.live.production"],
        ["fairlead.yaml:32", "pipeline[0].gates[0]"],
        ["fairlead.yaml:33", "pipeline[1]"],
        ["fairlead.yaml:34", "pipeline[1].deploy"],
    ]
    assert str(refused.value).startswith(
        "fairlead.yaml has 5 problems, the first: fairlead.yaml:2:"
    )


UNKNOWN_NAMES = {
    "a gate in a stage": (
        "gates: [lint]",
        "gates: [lint, helth]",
        'fairlead.yaml:32: pipeline[0].gates[1]: "helth" is not one of lint, health '
        "(did you mean health?)",
    ),
    "a gate in a smoke list": (
        "smoke: [health]",
        "smoke: [heath]",
        'fairlead.yaml:17: environments.staging.smoke[0]: "heath" is not one of lint, health '
        "(did you mean health?)",
    ),
    "an environment": (
        "deploy: staging",
        "deploy: stagin",
        'fairlead.yaml:34: pipeline[1].deploy: "stagin" is not one of staging, live '
        "(did you mean staging?)",
    ),
}


@pytest.mark.parametrize(
    ("old", "new", "problem"), UNKNOWN_NAMES.values(), ids=UNKNOWN_NAMES.keys()
)
def test_an_unknown_name_is_refused_with_the_declared_ones(
    told_after: ToldAfter, old: str, new: str, problem: str
) -> None:
    assert told_after(old, new) == (problem,)


def test_a_gate_is_unknown_when_none_are_declared(sound: str, told: Told) -> None:
    begin, end = sound.index("gates:\n"), sound.index("environments:\n")
    assert told(sound[:begin] + sound[end:]) == (
        'fairlead.yaml:12: environments.staging.smoke[0]: "health" is not declared, '
        "and nothing else is",
        'fairlead.yaml:27: pipeline[0].gates[0]: "lint" is not declared, and nothing else is',
        'fairlead.yaml:31: pipeline[2].gates[0]: "health" is not declared, and nothing else is',
    )


@pytest.mark.parametrize(
    ("stage", "found"),
    [
        ("  - stage: security-scan", "none"),
        ("  - stage: security-scan\n    gates: [lint]\n    deploy: staging", "gates and deploy"),
    ],
)
def test_a_stage_does_exactly_one_thing(told_after: ToldAfter, stage: str, found: str) -> None:
    assert told_after("  - stage: security-scan\n    gates: [lint]", stage) == (
        "fairlead.yaml:31: pipeline[0]: exactly one of gates, deploy, approve, canary, promote, "
        f"monitor is needed, found {found}",
    )


def test_what_cannot_work_is_told_once_the_shape_is_right(changed: Changed, told: Told) -> None:
    text = changed("hold: 1m", "hold: 1s")
    assert "shorter than" in told(text)[0]
    assert told(text + "surplus: 1\n") == (
        "fairlead.yaml:45: surplus: unknown key; allowed: version, app, parallel, components, "
        "gates, channels, environments, pipeline",
    )
    assert read(text).environments["live"].hold == 1


def test_problems_name_the_file_they_were_found_in() -> None:
    with pytest.raises(Refused, match=r"^shop/fairlead\.yaml:1: "):
        read("[]", "shop/fairlead.yaml")


def test_bytes_that_are_not_utf8_are_refused_with_their_line() -> None:
    with pytest.raises(Refused, match=r"^fairlead\.yaml:2: the file is not UTF-8 text") as refused:
        decoded(b"version: 1\napp: caf\xe9\n")
    assert len(refused.value.problems) == 1


def test_a_byte_order_mark_does_no_harm(sound: str) -> None:
    assert load(decoded(b"\xef\xbb\xbf" + sound.encode())) == load(sound)


def test_hundreds_of_problems_are_counted_and_not_all_told(told: Told, sound: str) -> None:
    surplus = "".join(f"surplus{number}: 1\n" for number in range(150))
    problems = told(sound + surplus)
    assert len(problems) == 101
    assert problems[-1] == "fairlead.yaml: and 50 problems more"


def test_a_name_cannot_break_a_line_or_steer_a_terminal(told: Told, sound: str) -> None:
    (problem,) = told(sound + '"\\x1b[2J\\n\\u202e": 1\n')
    assert problem.isprintable()
    assert problem.startswith('fairlead.yaml:45: "\\u001b[2J\\n\\u202e": unknown key')
