"""Can nobody leave out, move or soften what protects production?"""

from collections.abc import Callable

import pytest

Told = Callable[[str], tuple[str, ...]]
Changed = Callable[[str, str], str]
ToldAfter = Callable[[str, str], tuple[str, ...]]

SCAN = "  - stage: security-scan\n    gates: [lint]\n"
VALIDATION = "  - stage: security-validation\n    gates: [health]\n"
STAGING = "  - stage: to-staging\n    deploy: staging\n"
CANARY = "  - stage: first-users\n    canary: live\n"
WATCHING = "  - stage: watching\n    monitor: live\n"
CASES = {
    "no scan": (SCAN, "", "pipeline: no release goes to production without a stage security-scan"),
    "no validation": (
        VALIDATION,
        "",
        "pipeline: no release goes to production without a stage security-validation; add one "
        "with gates before first-users",
    ),
    "another name": ("stage: security-scan", "stage: scan", "without a stage security-scan"),
    "a validation afterwards": (
        VALIDATION + "  - stage: approval\n    approve: live\n" + CANARY,
        "  - stage: approval\n    approve: live\n" + CANARY + VALIDATION,
        "pipeline[4].stage: security-validation would come after first-users; put it before that",
    ),
    "a name without gates": (
        "stage: approval",
        "stage: security-validation",
        "pipeline[3].stage: another stage is called security-validation already",
    ),
    "a stage that only has the name": (
        SCAN + STAGING,
        STAGING.replace("to-staging", "security-scan"),
        "pipeline[0].stage: security-scan is a protected stage and holds gates; call this one "
        "otherwise",
    ),
    "a scan that lets high findings pass": (
        "    run: [deno, lint]\n",
        "    check: secrets\n    fail_at: critical\n",
        "gates.lint.fail_at: critical is too mild in security-scan; set it to high or less, or "
        "use a gate of its own there",
    ),
    "a validation that lets moderate findings pass": (
        "    run: [deno, task, health]\n",
        "    run: [deno, task, health]\n    sarif: [a.sarif]\n",
        "gates.health.fail_at: high is too mild in security-validation; set it to moderate",
    ),
    "gates that cannot fail": (
        "    run: [deno, lint]\n",
        "    run: deno lint || true\n",
        "gates.lint.run: this gate cannot fail",
    ),
}


@pytest.mark.parametrize(("old", "new", "problem"), CASES.values(), ids=CASES.keys())
def test_what_protects_production_stays(
    told_after: ToldAfter, old: str, new: str, problem: str
) -> None:
    assert any(problem in told for told in told_after(old, new))


def test_a_validation_that_fails_at_moderate_is_welcome(told_after: ToldAfter) -> None:
    run = "    run: [deno, task, health]\n"
    assert told_after(run, f"{run}    sarif: [a.sarif]\n    fail_at: moderate\n") == ()


def test_without_production_nothing_is_protected(changed: Changed, told: Told) -> None:
    text = changed("    production: true\n", "")
    assert told(text) == ()
    for gone in (SCAN, VALIDATION, "  lint:\n    run: [deno, lint]\n"):
        text = text.replace(gone, "")
    assert told(text) == ()


@pytest.mark.parametrize("name", ["production", "prod"])
def test_what_is_called_production_says_whether_it_is(
    changed: Changed, told: Told, name: str
) -> None:
    called = changed("    production: true\n", "").replace("live", name)
    (problem,) = told(called)
    assert "nothing protects it, for it does not say that it is production" in problem
    said = called.replace("127.0.0.1:8080\n", "127.0.0.1:8080\n    production: false\n")
    assert told(said) == ()
