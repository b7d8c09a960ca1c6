"""Can each component be deployed, and each environment be reached?"""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from fairlead.release.component import ComponentKind
from fairlead.release.spec.model import Component, Spec
from fairlead.release.spec.problem import KeyPath, Problem, did_you_mean, quoted

_MAY_TOUCH = ("read", "write", "net", "env", "sys", "run", "ffi", "import")
_FLAGS = [f"--{verb}-{what}" for verb in ("allow", "deny") for what in _MAY_TOUCH]
_USUAL_PERMISSIONS = Component.model_fields["permissions"].default
_ONE_EACH = {
    ComponentKind.STATIC: "only one can answer at /",
    ComponentKind.FUNCTIONS: "only one can answer at /functions/v1/",
}
_EVERY_HOST = "0.0.0.0"  # noqa: S104 - compared with, not listened on


def unsound_components(spec: Spec) -> Iterator[Problem]:
    """Find paths outside the repository, components in each other's way and wrong permissions."""
    by_path: dict[PurePosixPath, str] = {}
    by_kind: dict[ComponentKind, str] = {}
    for name, component in spec.components.items():
        here: KeyPath = ("components", name)
        folder = PurePosixPath(component.path)
        if folder.is_absolute() or ".." in folder.parts or "\\" in component.path:
            remedy = "leads out of the repository; name a folder within it, such as dist"
            yield Problem((*here, "path"), f"{quoted(component.path)} {remedy}")
        other = by_path.setdefault(folder, name)
        if other != name:
            sentence = f"{quoted(component.path)} is already component {other}; remove one of them"
            yield Problem((*here, "path"), sentence)
        first = by_kind.setdefault(component.kind, name)
        if first != name and component.kind in _ONE_EACH:
            why = (
                f"{first} is a {component.kind} component already, and {_ONE_EACH[component.kind]}"
            )
            yield Problem((*here, "kind"), f"{why}; put them into one folder or into two apps")
        yield from _permissions(component, (*here, "permissions"))


def _permissions(component: Component, here: KeyPath) -> Iterator[Problem]:
    if component.kind is not ComponentKind.FUNCTIONS:
        if component.permissions != _USUAL_PERMISSIONS:
            sentence = f"a {component.kind} component runs nothing; remove its permissions"
            yield Problem(here, sentence)
        return
    for index, flag in enumerate(component.permissions):
        if flag in ("--allow-all", "-A"):
            sentence = f"{flag} would switch confinement off; list what the functions need"
            yield Problem((*here, index), f"{sentence}, such as --allow-net")
        elif not re.fullmatch(f"(?:{'|'.join(_FLAGS)})(?:=.+)?", flag):
            allowed = f"one of --allow-… or --deny-… with {', '.join(_MAY_TOUCH)}"
            near = did_you_mean(flag, _FLAGS)
            yield Problem((*here, index), f"{quoted(flag)} is not {allowed}{near}")


def unsound_listeners(spec: Spec) -> Iterator[Problem]:
    """Find environments that want the same address."""
    takers: dict[str, list[tuple[str, str]]] = {}
    for name, environment in spec.environments.items():
        host, port = environment.listen.split(":")
        others = takers.setdefault(port, [])
        for other, taken in others:
            if taken == host or _EVERY_HOST in (taken, host):
                sentence = f"{environment.listen} is taken by environment {other} ({taken}:{port})"
                here: KeyPath = ("environments", name, "listen")
                yield Problem(here, f"{sentence}; choose another port")
                break
        else:
            others.append((name, host))
