"""Which stages can nobody leave out, or make harmless, on the way to production?

The runbook's security scan and security validation, by these names. That staging and an approval
come before, `route` sees to. No gate can be made advisory: there is no such key, and a command that
cannot fail is refused by `failing`.
"""

from collections.abc import Iterator

from fairlead.gates.finding import Severity
from fairlead.release.spec.model import Spec
from fairlead.release.spec.problem import KeyPath, Problem

SCAN, VALIDATION = "security-scan", "security-validation"
# Names by which everybody takes an environment for the one that serves users.
_CALLED_SO = ("production", "prod")
# The least that must be a failure there, as the runbook has it.
_FAILS_AT = {SCAN: Severity.HIGH, VALIDATION: Severity.MODERATE}


def unprotected(spec: Spec) -> Iterator[Problem]:
    """Find protected stages that are missing, too late, without gates or too mild."""
    yield from _unsaid(spec)
    entered = [
        index
        for index, stage in enumerate(spec.pipeline)
        if (name := stage.deploy or stage.canary)
        and name in spec.environments
        and spec.environments[name].production
    ]
    if not entered:
        return
    production = entered[0]
    before = spec.pipeline[production].stage
    places = {stage.stage: index for index, stage in enumerate(spec.pipeline)}
    for name in (SCAN, VALIDATION):
        place = places.get(name)
        if place is None:
            sentence = f"no release goes to production without a stage {name}"
            yield Problem(("pipeline",), f"{sentence}; add one with gates before {before}")
        elif place > production:
            sentence = f"{name} would come after {before}; put it before that"
            yield Problem(("pipeline", place, "stage"), sentence)
        elif spec.pipeline[place].gates is None:
            sentence = f"{name} is a protected stage and holds gates; call this one otherwise"
            yield Problem(("pipeline", place, "stage"), sentence)
        else:
            yield from _too_mild(spec, name, place)


def _unsaid(spec: Spec) -> Iterator[Problem]:
    """Find an environment that is called production and does not say whether it is."""
    for name in _CALLED_SO:
        environment = spec.environments.get(name)
        if environment and "production" not in environment.model_fields_set:
            sentence = "nothing protects it, for it does not say that it is production"
            remedy = "add production: true, or production: false where it serves nobody"
            yield Problem(("environments", name), f"{sentence}; {remedy}")


def _too_mild(spec: Spec, stage: str, place: int) -> Iterator[Problem]:
    least = _FAILS_AT[stage]
    for name in spec.pipeline[place].gates or ():
        gate = spec.gates.get(name)
        if gate is None or not gate.is_judged or least.reaches(gate.fail_at):
            continue
        here: KeyPath = ("gates", name, "fail_at")
        sentence = f"{gate.fail_at} is too mild in {stage}; set it to {least} or less"
        yield Problem(here, f"{sentence}, or use a gate of its own there")
