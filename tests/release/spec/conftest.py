"""Which small, sound file do these tests start from?"""

from collections.abc import Callable

import pytest

from fairlead.errors import Refused
from fairlead.release.spec.reading import load

SOUND = """\
version: 1
app: shop
components:
  site: {kind: static, path: dist}
  api:
    kind: functions
    path: supabase/functions
gates:
  lint:
    run: [deno, lint]
  health:
    run: [deno, task, health]
environments:
  staging:
    listen: 127.0.0.1:8082
    strategy: blue_green
    smoke: [health]
  live:
    listen: 127.0.0.1:8080
    production: true
    strategy: canary
    steps: [5, 25, 100]
    hold: 1m
    approval: {role: approver}
    judgement:
      window: 30s
      min_samples: 50
    monitor_for: 10m
    traffic: {requests_per_second: 200}
pipeline:
  - stage: security-scan
    gates: [lint]
  - stage: to-staging
    deploy: staging
  - stage: security-validation
    gates: [health]
  - stage: approval
    approve: live
  - stage: first-users
    canary: live
  - stage: everybody
    promote: live
  - stage: watching
    monitor: live
"""

Told = Callable[[str], tuple[str, ...]]
Changed = Callable[[str, str], str]
ToldAfter = Callable[[str, str], tuple[str, ...]]


@pytest.fixture(scope="session")
def sound() -> str:
    """Return a file that loads."""
    return SOUND


@pytest.fixture(scope="session")
def changed() -> Changed:
    """Return a function that gives the sound file with one passage changed."""

    def change(old: str, new: str) -> str:
        assert SOUND.count(old) == 1, f"{old!r} must stand once in the sound file"
        return SOUND.replace(old, new)

    return change


@pytest.fixture(scope="session")
def told() -> Told:
    """Return a function that gives all problems of a text; none when it loads."""

    def tell(text: str) -> tuple[str, ...]:
        try:
            load(text)
        except Refused as refused:
            return refused.problems
        return ()

    return tell


@pytest.fixture(scope="session")
def told_after(changed: Changed, told: Told) -> ToldAfter:
    """Return a function that gives the problems of the sound file with one passage changed."""
    return lambda old, new: told(changed(old, new))
