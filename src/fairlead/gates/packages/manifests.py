"""Which files of a checkout say what it brings in, and is any of them left without a lock?"""

import json
import re
import tomllib
from collections.abc import Callable, Collection, Iterator, Mapping
from enum import StrEnum
from pathlib import PurePosixPath
from typing import Any

from fairlead.errors import Permanent
from fairlead.gates.packages import deno_lock, package_lock, python_lock, requirements
from fairlead.gates.packages.package import Package


class Manifest(StrEnum):
    """What a file is; the last three are read by no auditor of ours."""

    NPM = "package-lock.json"
    REQUIREMENTS = "requirements.txt"
    PYTHON = "pylock.toml"
    DENO = "deno.lock"
    FOREIGN = "lock file of another tool"
    DECLARED = "package.json"
    PROJECT = "pyproject.toml"


_NAMES = {
    "package-lock.json": Manifest.NPM,
    "npm-shrinkwrap.json": Manifest.NPM,
    "poetry.lock": Manifest.PYTHON,
    "uv.lock": Manifest.PYTHON,
    "pdm.lock": Manifest.PYTHON,
    "deno.lock": Manifest.DENO,
    "package.json": Manifest.DECLARED,
    "pyproject.toml": Manifest.PROJECT,
}
_NODE_LOCKS = {"yarn.lock", "pnpm-lock.yaml", "bun.lock", "bun.lockb"}
_OTHER_LOCKS = {
    "Cargo.lock", "Gemfile.lock", "Package.resolved", "Podfile.lock", "composer.lock", "conan.lock",
    "go.mod", "gradle.lockfile", "mix.lock", "packages.lock.json", "pom.xml", "pubspec.lock",
}  # fmt: skip
_PIPENV = "Pipfile.lock"
_NAMES |= dict.fromkeys(_NODE_LOCKS | _OTHER_LOCKS | {_PIPENV}, Manifest.FOREIGN)
_REQUIREMENTS = re.compile(
    r"(?:.*/)?(?:[\w.-]*requirements[\w.-]*\.txt|requirements/[\w.-]+\.txt)\Z"
)
_PYLOCK = re.compile(r"pylock(?:\.[\w-]+)?\.toml\Z")
_CODE = re.compile(r"\.(?:[cm]?[jt]s|[jt]sx)\Z")
_CONFIGURED = ("deno.json", "deno.jsonc", "import_map.json")
_IMPORT = re.compile(
    r"\b(?:from|import)\s*(?:\(\s*)?[\"'`]((?:https?|npm|jsr):[^\"'`\s]{1,500})[\"'`]"
)
_MAPPED = re.compile(r'"(?!\$schema")[^"\n]*"\s*:\s*"((?:https?|npm|jsr):[^"\s]{1,500})"')
_GROUPS = ("dependencies", "devDependencies", "optionalDependencies")


def kind(path: str) -> Manifest | None:
    """Return what a file of that path, with / between folders, is; None when it says nothing."""
    name = PurePosixPath(path).name
    if _PYLOCK.match(name):
        return Manifest.PYTHON
    if _REQUIREMENTS.match(path):
        return Manifest.REQUIREMENTS
    return _NAMES.get(name)


def is_lock(path: str) -> bool:
    """Tell whether a file says which versions are brought in, to us or to another tool."""
    return kind(path) not in (None, Manifest.DECLARED, Manifest.PROJECT)


def may_import(path: str) -> bool:
    """Tell whether a file is code, or a map, that may name modules from elsewhere."""
    return bool(_CODE.search(path)) or PurePosixPath(path).name in _CONFIGURED


def imports(path: str, text: str) -> frozenset[str]:
    """Return what such a file brings in by address, or from npm or JSR: its specifiers."""
    pattern = _MAPPED if PurePosixPath(path).name in _CONFIGURED else _IMPORT
    return frozenset(pattern.findall(text))


def declares(path: str, told: bytes) -> bool:
    """Tell whether a package.json or pyproject.toml wants packages.

    Errors: `Permanent` when it cannot be read.
    """
    read: Callable[[str], Any] = json.loads if kind(path) is Manifest.DECLARED else tomllib.loads
    try:
        whole = read(told.decode())
    except (ValueError, RecursionError) as error:
        raise Permanent(f"{path} cannot be read") from error
    if not isinstance(whole, dict):
        raise Permanent(f"{path} cannot be read")
    return any(wanted for wanted in _wanted(whole))


def _wanted(whole: Mapping[str, Any]) -> Iterator[Any]:
    yield from (whole.get(group) for group in (*_GROUPS, "dependency-groups"))
    project, tools = whole.get("project"), whole.get("tool")
    if isinstance(project, dict):
        yield from (project.get("dependencies"), project.get("optional-dependencies"))
    if isinstance(tools, dict) and isinstance(poetry := tools.get("poetry"), dict):
        wanted = poetry.get("dependencies")
        yield {*wanted} - {"python"} if isinstance(wanted, dict) else wanted


def is_locked(path: str, manifests: Collection[str]) -> bool:
    """Tell whether a lock file lies beside a declaration or above it, or in its `requirements/`."""
    is_node = kind(path) is Manifest.DECLARED
    wanted = {Manifest.NPM, Manifest.DENO} if is_node else {Manifest.REQUIREMENTS, Manifest.PYTHON}
    named = _NODE_LOCKS if is_node else {_PIPENV}
    above = {str(folder) for folder in PurePosixPath(path).parents}
    above.add(str(PurePosixPath(path).parent / "requirements"))
    locks = (one for one in map(PurePosixPath, manifests) if str(one.parent) in above)
    return any(kind(str(one)) in wanted or one.name in named for one in locks)


def packages(path: str, told: bytes) -> tuple[Package, ...]:
    """Return the packages of a lock file that we can read; none for any other file.

    Errors: `Permanent` when it cannot be read.
    """
    match kind(path):
        case Manifest.NPM:
            return tuple(sorted(set(package_lock.nodes(told).values())))
        case Manifest.REQUIREMENTS:
            return requirements.read(told).packages
        case Manifest.PYTHON:
            return python_lock.read(told)
        case Manifest.DENO:
            lock = deno_lock.read(told)
            return lock.npm + lock.jsr
        case _:
            return ()
