"""Is a pipeline that does not lead to production, or leads there unproven, refused?"""

from collections.abc import Callable

import pytest

Told = Callable[[str], tuple[str, ...]]
ToldAfter = Callable[[str, str], tuple[str, ...]]

STAGING = "  - stage: to-staging\n    deploy: staging\n"
VALIDATION = "  - stage: security-validation\n    gates: [health]\n"
APPROVAL = "  - stage: approval\n    approve: live\n"
CANARY = "  - stage: first-users\n    canary: live\n"
PROMOTION = "  - stage: everybody\n    promote: live\n"
WATCHING = "  - stage: watching\n    monitor: live\n"
AGAIN = "  - stage: again\n    "

CASES = {
    "an environment nobody reaches": (
        "environments:\n",
        "environments:\n  lost: {listen: 127.0.0.1:9000}\n",
        "fairlead.yaml:14: environments.lost: no stage deploys to this environment; "
        "add a deploy stage or remove it",
    ),
    "production before staging": (
        STAGING + VALIDATION + APPROVAL + CANARY + PROMOTION + WATCHING,
        VALIDATION + APPROVAL + CANARY + PROMOTION + WATCHING + STAGING,
        "fairlead.yaml:38: pipeline[3].canary: no other environment has the release before "
        "production; add a stage that deploys to staging before",
    ),
    "production without an approval block": (
        "    approval: {role: approver}\n",
        "",
        "fairlead.yaml:18: environments.live: production changes only when a person agreed; "
        "add approval: {role: approver} and a stage approve: live",
    ),
    "production without an approval stage": (
        APPROVAL,
        "",
        "fairlead.yaml:24: environments.live.approval: no stage asks for this approval; "
        "add approve: live before first-users",
    ),
    "approval after the fact": (
        APPROVAL + CANARY,
        CANARY + APPROVAL,
        "fairlead.yaml:40: pipeline[4].approve: live is changed already when this is asked; "
        "put approve before first-users",
    ),
    "approval of nobody": (
        STAGING,
        "  - stage: agree\n    approve: staging\n" + STAGING,
        "fairlead.yaml:34: pipeline[1].approve: nothing says who approves staging; "
        "add its approval block",
    ),
    "approval nobody asks for": (
        "    smoke: [health]\n",
        "    smoke: [health]\n    approval: {role: admin}\n",
        "fairlead.yaml:18: environments.staging.approval: no stage asks for this approval; "
        "add approve: staging before to-staging",
    ),
    "a canary by another strategy": (
        "    strategy: canary\n    steps: [5, 25, 100]\n",
        "    strategy: blue_green\n",
        "fairlead.yaml:39: pipeline[4].canary: the strategy of live is blue_green; "
        "set it to canary or use deploy here",
    ),
    "a canary without an end": (
        PROMOTION,
        "",
        "fairlead.yaml:40: pipeline[4].canary: the canary is never given all traffic; "
        "add promote: live after it",
    ),
    "a promotion before its canary": (
        CANARY + PROMOTION,
        PROMOTION + CANARY,
        "fairlead.yaml:40: pipeline[4].promote: no canary of live comes before; "
        "promote completes a canary, so put one before or remove this stage",
    ),
    "a promotion without a canary": (
        STAGING,
        STAGING + AGAIN + "promote: staging\n",
        "fairlead.yaml:36: pipeline[2].promote: no canary of staging comes before; "
        "promote completes a canary, so put one before or remove this stage",
    ),
    "a second promotion": (
        PROMOTION,
        PROMOTION + AGAIN + "promote: live\n",
        "fairlead.yaml:44: pipeline[6].promote: live is promoted already; remove this stage",
    ),
    "a second deployment": (
        STAGING,
        STAGING + AGAIN + "deploy: staging\n",
        "fairlead.yaml:36: pipeline[2].deploy: staging has the release already; remove this stage",
    ),
    "watching before promotion": (
        PROMOTION + WATCHING,
        WATCHING + PROMOTION,
        "fairlead.yaml:42: pipeline[5].monitor: live does not have the release yet; "
        "put monitor after everybody",
    ),
    "production that nobody watches": (
        WATCHING,
        "",
        "fairlead.yaml:18: environments.live: nobody watches live afterwards; "
        "add monitor: live after everybody",
    ),
    "another environment in between": (
        STAGING + VALIDATION + APPROVAL + CANARY,
        VALIDATION + APPROVAL + CANARY + STAGING,
        "fairlead.yaml:40: pipeline[4].deploy: this stands between two stages of live, and "
        "another run could change it meanwhile; move this before or after them",
    ),
    "a stage's name twice": (
        "  - stage: to-staging",
        "  - stage: security-scan",
        "fairlead.yaml:33: pipeline[1].stage: another stage is called security-scan already; "
        "choose another name",
    ),
    "a stage called build": (
        "  - stage: security-scan",
        "  - stage: build",
        "fairlead.yaml:31: pipeline[0].stage: build is an implicit first stage; "
        "choose another name",
    ),
    "a gate twice in a stage": (
        "gates: [lint]",
        "gates: [lint, health, lint]",
        "fairlead.yaml:32: pipeline[0].gates[2]: lint is named twice; keep one",
    ),
}


@pytest.mark.parametrize(("old", "new", "problem"), CASES.values(), ids=CASES.keys())
def test_a_wrong_way_is_refused_with_its_line_and_remedy(
    told_after: ToldAfter, old: str, new: str, problem: str
) -> None:
    assert problem in told_after(old, new)


def test_gates_between_canary_and_promotion_are_welcome(told_after: ToldAfter) -> None:
    assert told_after(CANARY, CANARY + "  - stage: proof\n    gates: [health]\n") == ()


def test_a_canary_may_take_all_its_steps_in_one_deployment(told_after: ToldAfter) -> None:
    assert told_after(CANARY + PROMOTION, "  - stage: all-steps\n    deploy: live\n") == ()


def test_an_approval_may_come_early(told: Told, sound: str) -> None:
    early = sound.replace(APPROVAL, "").replace(STAGING, APPROVAL + STAGING)
    assert told(early) == ()
