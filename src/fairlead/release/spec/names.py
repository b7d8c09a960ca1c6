"""Does every name the file uses stand for something the file declares?"""

from collections.abc import Iterator
from typing import Any

from fairlead.release.spec.model import STAGE_KINDS, kinds_sentence
from fairlead.release.spec.problem import KeyPath, Problem, not_one_of

_TO_AN_ENVIRONMENT = [kind for kind in STAGE_KINDS if kind != "gates"]


def unknown_names(tree: dict[Any, Any]) -> Iterator[Problem]:
    """Check the names used in plain data of any shape, so that they are told with all the rest."""
    gates, environments = _declared(tree, "gates"), _declared(tree, "environments")
    for name in environments or ():
        smoke: KeyPath = ("environments", name, "smoke")
        yield from _gates(_list(tree["environments"][name], "smoke"), smoke, gates)
    for index, stage in enumerate(_list(tree, "pipeline")):
        if isinstance(stage, dict):
            yield from _stage(stage, ("pipeline", index), gates, environments)


def _stage(
    stage: dict[Any, Any], here: KeyPath, gates: list[str] | None, environments: list[str] | None
) -> Iterator[Problem]:
    if sentence := kinds_sentence(stage):
        yield Problem(here, sentence)
    yield from _gates(_list(stage, "gates"), (*here, "gates"), gates)
    for kind in _TO_AN_ENVIRONMENT:
        used = stage.get(kind)
        if environments is not None and isinstance(used, str) and used not in environments:
            yield Problem((*here, kind), not_one_of(used, environments))


def _gates(used: list[Any], path: KeyPath, declared: list[str] | None) -> Iterator[Problem]:
    for index, name in enumerate(used):
        if declared is not None and isinstance(name, str) and name not in declared:
            yield Problem((*path, index), not_one_of(name, declared))


def _declared(tree: dict[Any, Any], key: str) -> list[str] | None:
    # None: the block itself is unusable and told as such; its names would only be noise.
    found = tree.get(key, {} if key == "gates" else None)
    return [*found] if isinstance(found, dict) else None


def _list(tree: Any, key: str) -> list[Any]:
    found = tree.get(key) if isinstance(tree, dict) else None
    return found if isinstance(found, list) else []
