"""Is a value of the wrong kind told with what is needed instead?"""

from collections.abc import Callable

import pytest

ToldAfter = Callable[[str, str], tuple[str, ...]]

WRONG_VALUES = {
    "a word for a truth": (
        "production: true",
        "production: yes",
        'fairlead.yaml:20: environments.live.production: true or false is needed, not "yes"',
    ),
    "a duration without unit": (
        "hold: 1m",
        "hold: 60",
        "fairlead.yaml:23: environments.live.hold: a duration with its unit is needed, "
        "such as 500ms, 30s, 5m, 1h or 7d, not 60",
    ),
    "a duration of years": (
        "hold: 1m",
        "hold: 9999d",
        "fairlead.yaml:23: environments.live.hold: a duration of at most 365d is needed, "
        'not "9999d"',
    ),
    "a share without sign": (
        "window: 30s",
        "canary: {error_rate: 0.02, mean_latency: 1s}",
        "fairlead.yaml:26: environments.live.judgement.canary.error_rate: "
        "a percentage from 0% to 100% is needed, such as 2%, not 0.02",
    ),
    "an address without port": (
        "listen: 127.0.0.1:8080",
        "listen: example.org",
        "fairlead.yaml:19: environments.live.listen: an address is needed as host:port, "
        'such as 127.0.0.1:8080, not "example.org"',
    ),
    "an address that cannot be": (
        "listen: 127.0.0.1:8080",
        "listen: 127.0.0.999:8080",
        "fairlead.yaml:19: environments.live.listen: an address is needed as host:port, "
        'such as 127.0.0.1:8080, not "127.0.0.999:8080"',
    ),
    "a word for a list": (
        "steps: [5, 25, 100]",
        "steps: 5",
        "fairlead.yaml:22: environments.live.steps: a list is needed, not 5",
    ),
    "a step beyond all": (
        "steps: [5, 25, 100]",
        "steps: [5, 250]",
        "fairlead.yaml:22: environments.live.steps[1]: at most 100 is needed, not 250",
    ),
    "a fraction for a number": (
        "min_samples: 50",
        "min_samples: 0.5",
        "fairlead.yaml:27: environments.live.judgement.min_samples: "
        "a whole number is needed, not 0.5",
    ),
    "no samples": (
        "min_samples: 50",
        "min_samples: 0",
        "fairlead.yaml:27: environments.live.judgement.min_samples: at least 1 is needed, not 0",
    ),
    "no traffic": (
        "{requests_per_second: 200}",
        "{requests_per_second: 0}",
        "fairlead.yaml:29: environments.live.traffic.requests_per_second: "
        "more than 0 is needed, not 0",
    ),
    "a word for a number": (
        "{requests_per_second: 200}",
        "{requests_per_second: many}",
        "fairlead.yaml:29: environments.live.traffic.requests_per_second: "
        'a number is needed, not "many"',
    ),
    "a list for a block": (
        "approval: {role: approver}",
        "approval: [approver]",
        "fairlead.yaml:24: environments.live.approval: "
        'a block of keys (role, expires) is needed, not ["approver"]',
    ),
    "a list for named blocks": (
        "  site: {kind: static, path: dist}\n  api:\n    kind: functions\n"
        "    path: supabase/functions\n",
        "  - site\n",
        'fairlead.yaml:3: components: a block of keys (names you choose) is needed, not ["site"]',
    ),
    "no components": (
        "  site: {kind: static, path: dist}\n  api:\n    kind: functions\n"
        "    path: supabase/functions\n",
        "  {}\n",
        "fairlead.yaml:3: components: at least one entry is needed, not {}",
    ),
    "a number for text": (
        "path: dist",
        "path: 5",
        'fairlead.yaml:4: components.site.path: text is needed, not 5; put "…" around it',
    ),
    "no path": (
        "path: dist",
        'path: ""',
        'fairlead.yaml:4: components.site.path: some text is needed, not ""',
    ),
    "an empty command": (
        "run: [deno, lint]",
        "run: []",
        "fairlead.yaml:10: gates.lint.run: "
        "a command is needed: a list of words, or one line for the shell, not []",
    ),
    "a command with a number": (
        "run: [deno, lint]",
        "run: [sleep, 5]",
        "fairlead.yaml:10: gates.lint.run: a command is needed: "
        'a list of words, or one line for the shell, not ["sleep", 5]',
    ),
    "a name in capitals": (
        "  - stage: security-scan",
        "  - stage: Security-scan",
        "fairlead.yaml:31: pipeline[0].stage: a name of at most 40 small letters, digits and -, "
        'a letter first, is needed, not "Security-scan"',
    ),
    "a gate's name in capitals": (
        "  lint:\n",
        "  Lint:\n",
        "fairlead.yaml:9: gates.Lint: a name of at most 40 small letters, digits and -, "
        'a letter first, is needed, not "Lint"',
    ),
    "a variable with a dash": (
        "run: [deno, lint]",
        'run: [deno, lint]\n    env: {NO-COLOR: "1"}',
        "fairlead.yaml:11: gates.lint.env.NO-COLOR: "
        "a variable's name has only letters, digits and _, and no digit first",
    ),
    "another version": (
        "version: 1",
        "version: 2",
        "fairlead.yaml:1: version: 2 is not 1, which alone is allowed",
    ),
    "a version that only equals one": (
        "version: 1",
        "version: true",
        "fairlead.yaml:1: version: a whole number is needed, not true",
    ),
    "another role": (
        "{role: approver}",
        "{role: everybody}",
        'fairlead.yaml:24: environments.live.approval.role: "everybody" is not one of '
        "approver, admin",
    ),
}


@pytest.mark.parametrize(("old", "new", "problem"), WRONG_VALUES.values(), ids=WRONG_VALUES.keys())
def test_a_wrong_value_is_refused_with_what_is_needed(
    told_after: ToldAfter, old: str, new: str, problem: str
) -> None:
    assert problem in told_after(old, new)
