"""Is a gate that cannot fail found, and one that can left alone?"""

from collections.abc import Callable

import pytest

from fairlead.release.spec.failing import why_it_cannot_fail

ToldAfter = Callable[[str, str], tuple[str, ...]]

NEVER = "never fails; write a command that decides something"
HIDES = "at the end hides every failure"
PIPE = "only the last command's status counts, and "
NO_PIPE = 'leave out the pipe, or run ["bash", "-o", "pipefail", "-c", "…"]'
UNSEEN = "goes unseen: join with && or begin with `set -e`"

CANNOT_FAIL: list[tuple[str | list[str], str]] = [
    ("true", f'"true" {NEVER}'),
    (":", f'":" {NEVER}'),
    ("echo checked", f'"echo checked" {NEVER}'),
    ("exit 0", f'"exit 0" {NEVER}'),
    ("FOO=bar true", f'"true" {NEVER}'),
    ("'true'", f'"true" {NEVER}'),
    ("! false", f'"! false" {NEVER}'),
    (["true"], f'"true" {NEVER}'),
    (["/bin/echo", "ok"], f'"/bin/echo ok" {NEVER}'),
    ("# soon", "it runs nothing, so it always passes"),
    ("deno lint || true", f'"|| true" {HIDES}; remove it'),
    ("deno lint || :", f'"|| :" {HIDES}; remove it'),
    ("deno lint || echo failed", f'"|| echo failed" {HIDES}; remove it'),
    ("deno lint && deno test || exit 0", f'"|| exit 0" {HIDES}; remove it'),
    ("(deno lint || true)", f'"|| true" {HIDES}; remove it'),
    ("deno lint; true", f'"true" {HIDES} before it; remove it'),
    ("deno lint; exit 0", f'"exit 0" {HIDES} before it; remove it'),
    ("deno lint\nexit 0\n", f'"exit 0" {HIDES} before it; remove it'),
    ("deno lint && deno test; echo done", f'"echo done" {HIDES} before it; remove it'),
    ("deno test & wait", f'"wait" {HIDES} before it; remove it'),
    ("deno lint &", "it ends with &, so the command's status is never seen; remove the &"),
    ("deno test | tee log", f'{PIPE}"tee log" passes whatever it is given; {NO_PIPE}'),
    ("deno test 2>&1 | tee log", f'{PIPE}"tee log" passes whatever it is given; {NO_PIPE}'),
    ("deno test | cat", f'{PIPE}"cat" passes whatever it is given; {NO_PIPE}'),
    ("{ deno lint; deno test; } 2>&1 | tee log", f'{PIPE}"tee log" passes'),
    (["bash", "-ec", "deno test | tee log"], f'{PIPE}"tee log" passes'),
    (["sh", "-c", "deno lint || true"], f'"|| true" {HIDES}; remove it'),
    ('sh -c "deno lint || true"', f'"sh -c deno lint || true" {NEVER}'),
    ("deno lint || sh -c true", f'"|| sh -c true" {HIDES}; remove it'),
    ("/usr/bin/env -i true", f'"true" {NEVER}'),
    ("timeout 5m true", f'"true" {NEVER}'),
    (["env", "-i", "timeout", "-k", "5", "9", "true"], f'"env -i timeout -k 5 9 true" {NEVER}'),
    ("deno lint || exit 256", f'"|| exit 256" {HIDES}; remove it'),
    ("set -e; true", f'"true" {HIDES} before it; remove it'),
    ("deno lint; deno test", f'a failure of "deno lint" {UNSEEN}'),
    ("cd app\ndeno test\n", f'a failure of "cd app" {UNSEEN}'),
    ("x" * 5000, "5000 characters are too many to check; put them in a file and run that"),
]


@pytest.mark.parametrize(("run", "why"), CANNOT_FAIL, ids=[str(run)[:40] for run, _ in CANNOT_FAIL])
def test_a_gate_that_cannot_fail_is_told_why(run: str | list[str], why: str) -> None:
    assert why_it_cannot_fail(run).startswith(why)


CAN_FAIL: list[str | list[str]] = [
    "deno lint",
    "deno lint && deno test",
    "deno lint && echo clean",
    "deno lint || exit 1",
    "deno lint || { echo 'not clean'; exit 1; }",
    'test -n "$FAIRLEAD_URL" || exit 1; deno test',
    "set -e; deno lint; deno test; echo done",
    "set -euo pipefail\ndeno test | tee log\ndeno lint\n",
    "set -o pipefail; deno test | tee log",
    ["bash", "-o", "pipefail", "-c", "deno test | tee log"],
    ["bash", "-euo", "pipefail", "-c", "deno lint\ndeno test | tee log"],
    ["deno", "lint", "||", "true"],
    "deno test | grep -q 'ok'",
    "test \"$(curl $FAIRLEAD_URL)\" = '|| true'",
    "echo 'a; true' | diff - expected",
    "! grep -r console.log src",
    'sh -c "deno lint && deno test"',
    "timeout 5m sh -c 'deno lint'",
    "sh gate.sh",
    "nice -n 5 deno lint",
    "deno test; status=$?; rm -r scratch; exit $status",
    "deno test | tee log; exit ${PIPESTATUS[0]}",
    "for f in a b; do deno check $f || exit 1; done",
    "if deno lint; then deno test; else exit 1; fi",
    "case $HOME in /root|/home) deno lint;; esac",
    "serve & sleep 1; deno test",
    "deno test >log 2>&1",
    "export NO_COLOR=1; deno test",
    "NO_COLOR=1\ndeno test\n",
    "CODE=$(curl -s $FAIRLEAD_URL)",
    "deno lint # || true",
    "deno \\\n  lint",
]


@pytest.mark.parametrize("run", CAN_FAIL, ids=str)
def test_a_gate_that_can_fail_is_left_alone(run: str | list[str]) -> None:
    assert why_it_cannot_fail(run) == ""


@pytest.mark.parametrize(
    "run",
    [
        "cat <<END\nx\nEND\ntrue",
        "echo 'open",
        "(" * 4000,
        "deno lint |",
        "{ true",
        "for x in y",
        ")",
    ],
    ids=lambda run: str(run)[:12],
)
def test_a_script_that_is_not_understood_is_not_judged(run: str) -> None:
    assert why_it_cannot_fail(run) == ""


def test_a_gate_that_cannot_fail_is_refused_with_its_line(told_after: ToldAfter) -> None:
    assert told_after("run: [deno, lint]", "run: deno lint || true") == (
        "fairlead.yaml:10: gates.lint.run: this gate cannot fail: "
        '"|| true" at the end hides every failure; remove it',
    )


def test_a_gate_nobody_runs_is_refused(told_after: ToldAfter) -> None:
    assert told_after("gates:\n  lint:", "gates:\n  spare: {run: [deno, test]}\n  lint:") == (
        "fairlead.yaml:9: gates.spare: no stage and no smoke list runs this gate; "
        "name it in one or remove it",
    )


def test_a_gate_without_time_is_refused(told_after: ToldAfter) -> None:
    assert told_after("run: [deno, lint]", "run: [deno, lint]\n    timeout: 0s") == (
        "fairlead.yaml:11: gates.lint.timeout: no command ends within 0s; allow more, such as 5m",
    )


def test_a_gate_cannot_set_what_fairlead_sets(told_after: ToldAfter) -> None:
    assert told_after("run: [deno, lint]", "run: [deno, lint]\n    env: {FAIRLEAD_URL: x}") == (
        "fairlead.yaml:11: gates.lint.env.FAIRLEAD_URL: FAIRLEAD_… variables are set by "
        "Fairlead itself; choose another name",
    )
