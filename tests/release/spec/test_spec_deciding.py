"""Does a gate decide by one thing, where that can be decided?"""

from collections.abc import Callable

import pytest

from fairlead.release.spec.reading import load

ToldAfter = Callable[[str, str], tuple[str, ...]]
Changed = Callable[[str, str], str]

FUNCTIONS = "  api:\n    kind: functions\n    path: supabase/functions\n"
LINT = "  lint:\n    run: [deno, lint]\n"
STAGING = "    listen: 127.0.0.1:8082\n"
WRONG = {
    "nothing decides": (LINT, "  lint: {timeout: 1m}\n", "gates.lint: exactly one of run, check"),
    "two decide": (
        LINT,
        "  lint: {run: [deno, lint], check: secrets}\n",
        "gates.lint: exactly one of run, check is needed",
    ),
    "no check of ours": (
        LINT,
        "  lint: {check: secret}\n",
        'gates.lint.check: "secret" is not one of secrets, dependencies, code, functions, api, '
        "privacy (did you mean secrets?)",
    ),
    "no severity": (
        LINT,
        "  lint: {check: secrets, fail_at: grave}\n",
        'gates.lint.fail_at: "grave" is not one of note, low, moderate, high, critical',
    ),
    "advisory": (
        LINT,
        "  lint: {run: [deno, lint], advisory: true}\n",
        "gates.lint.advisory: unknown key; allowed: run, check,",
    ),
    "too many retries": (
        LINT,
        "  lint: {run: [deno, lint], retries: 9}\n",
        "gates.lint.retries: at most 3 is needed, not 9",
    ),
    "a check of more than files that is reused": (
        LINT,
        '  lint: {check: secrets, inputs: ["**"]}\n',
        "gates.lint.inputs: secrets looks at more than files, so a pass is never reused; "
        "remove inputs",
    ),
    "a check of ours that writes files": (
        LINT,
        "  lint: {check: secrets, junit: [a.xml]}\n",
        "gates.lint.junit: junit belongs to a command; remove it, or say run instead of check",
    ),
    "a check of ours with other tools": (
        LINT,
        "  lint: {check: secrets, env: {PATH: tools}}\n",
        "gates.lint.env: env belongs to a command; remove it, or say run instead of check",
    ),
    "a report outside": (
        LINT,
        "  lint: {run: [deno, lint], junit: [a.xml, ../b.xml]}\n",
        'gates.lint.junit[1]: "../b.xml" leads out of the repository; name files within it',
    ),
    "functions where there are none": (
        f"{FUNCTIONS}gates:\n{LINT}",
        "gates:\n  lint: {check: api}\n",
        "pipeline[0].gates[0]: api calls functions, but no component is of kind functions; "
        "add one, or remove this gate",
    ),
    "a database before there is an environment": (
        LINT,
        "  lint: {check: privacy}\n",
        "pipeline[0].gates[0]: privacy looks into a database, but nothing is deployed before this "
        "stage; put it after a deploy stage, or into a smoke list",
    ),
    "a database where there is none": (
        "    run: [deno, task, health]\n",
        "    check: privacy\n",
        "environments.staging.smoke[0]: privacy looks into a database, but staging has none; "
        "add its database block, or ask another environment",
    ),
}


@pytest.mark.parametrize(("old", "new", "problem"), WRONG.values(), ids=WRONG.keys())
def test_a_gate_that_cannot_decide_is_refused(
    told_after: ToldAfter, old: str, new: str, problem: str
) -> None:
    assert any(problem in told for told in told_after(old, new))


def test_functions_are_called_before_there_is_an_environment(changed: Changed) -> None:
    spec = load(changed(LINT, "  lint: {check: functions, fail_at: moderate}\n"))
    assert spec.gates["lint"].is_judged


def test_a_check_of_a_running_release_is_welcome_after_its_deployment(changed: Changed) -> None:
    check = "    check: functions\n    fail_at: moderate\n"
    spec = load(changed("    run: [deno, task, health]\n", check))
    assert spec.gates["health"].is_judged
    assert not spec.gates["lint"].is_judged
