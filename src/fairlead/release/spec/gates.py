"""Can each gate decide, where it stands?"""

from collections.abc import Iterator
from pathlib import PurePosixPath

from fairlead.release.component import ComponentKind
from fairlead.release.spec.failing import why_it_cannot_fail
from fairlead.release.spec.gate import Check, Gate
from fairlead.release.spec.model import Component, Spec
from fairlead.release.spec.problem import KeyPath, Problem, quoted

_OURS = "FAIRLEAD_"
# They call functions: of the environment, or before there is one, of a private slot.
_CALLING = (Check.FUNCTIONS, Check.API)
# What they look at is not in the files alone.
_NOT_REUSED = (*_CALLING, Check.PRIVACY, Check.SECRETS)
_REPORTS = ("junit", "sarif", "osv")
# A check with an `env` of its own could be given other tools: a `npm` that is always content.
_OF_A_COMMAND = (*_REPORTS, "retries", "env")


def unsound_gates(spec: Spec) -> Iterator[Problem]:
    """Find gates that cannot fail, cannot pass or are never run."""
    used = {name for stage in spec.pipeline for name in stage.gates or ()}
    used |= {name for environment in spec.environments.values() for name in environment.smoke}
    for name, gate in spec.gates.items():
        here: KeyPath = ("gates", name)
        if gate.run and (why := why_it_cannot_fail(gate.run)):
            yield Problem((*here, "run"), f"this gate cannot fail: {why}")
        if name not in used:
            sentence = "no stage and no smoke list runs this gate; name it in one or remove it"
            yield Problem(here, sentence)
        yield from _surroundings(gate, here)
        yield from _reports(gate, here)
        if gate.check is not None:
            yield from _own_check(gate.check, gate, here)
    yield from _without_object(spec)


def _surroundings(gate: Gate, here: KeyPath) -> Iterator[Problem]:
    if gate.timeout == 0:
        yield Problem((*here, "timeout"), "no command ends within 0s; allow more, such as 5m")
    for variable in gate.env:
        if variable.startswith(_OURS):
            sentence = f"{_OURS}… variables are set by Fairlead itself; choose another name"
            yield Problem((*here, "env", variable), sentence)


def _reports(gate: Gate, here: KeyPath) -> Iterator[Problem]:
    for key in _REPORTS:
        for index, glob in enumerate(getattr(gate, key)):
            path = PurePosixPath(glob)
            if path.is_absolute() or ".." in path.parts:
                remedy = "leads out of the repository; name files within it, such as reports/*.xml"
                yield Problem((*here, key, index), f"{quoted(glob)} {remedy}")


def _own_check(check: Check, gate: Gate, here: KeyPath) -> Iterator[Problem]:
    if gate.inputs and check in _NOT_REUSED:
        sentence = f"{check} looks at more than files, so a pass is never reused; remove inputs"
        yield Problem((*here, "inputs"), sentence)
    for key in _OF_A_COMMAND:
        if getattr(gate, key):
            sentence = f"{key} belongs to a command; remove it, or say run instead of check"
            yield Problem((*here, key), sentence)


def _without_object(spec: Spec) -> Iterator[Problem]:
    """Find checks that lack what they look at: functions, or the database of an environment."""
    environment = ""
    for index, stage in enumerate(spec.pipeline):
        for place, name in enumerate(stage.gates or ()):
            here: KeyPath = ("pipeline", index, "gates", place)
            check = spec.gates[name].check if name in spec.gates else None
            yield from _misplaced(spec, check, environment, here)
        environment = stage.deploy or stage.canary or environment
    for name, there in spec.environments.items():
        for place, gate in enumerate(there.smoke):
            check = spec.gates[gate].check if gate in spec.gates else None
            yield from _misplaced(spec, check, name, ("environments", name, "smoke", place))


def _misplaced(
    spec: Spec, check: Check | None, environment: str, here: KeyPath
) -> Iterator[Problem]:
    if check in _CALLING and not any(map(_is_functions, spec.components.values())):
        sentence = f"{check} calls functions, but no component is of kind functions"
        yield Problem(here, f"{sentence}; add one, or remove this gate")
    if check is not Check.PRIVACY:
        return
    if not environment:
        sentence = "privacy looks into a database, but nothing is deployed before this stage"
        yield Problem(here, f"{sentence}; put it after a deploy stage, or into a smoke list")
    elif spec.environments[environment].database is None:
        sentence = f"privacy looks into a database, but {environment} has none"
        yield Problem(here, f"{sentence}; add its database block, or ask another environment")


def _is_functions(component: Component) -> bool:
    return component.kind is ComponentKind.FUNCTIONS
