"""Which keys may stand at a place of the file, and what may they hold?"""

import types
from enum import StrEnum
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from fairlead.release.spec.model import Spec
from fairlead.release.spec.part import Part, keys_of
from fairlead.release.spec.problem import KeyPath


def part_at(path: KeyPath) -> type[Part] | None:
    """Return the part whose keys stand below `path`; None when that is no block of known keys."""
    shape = _shape(path)
    return shape if isinstance(shape, type) and issubclass(shape, Part) else None


def allowed_keys(path: KeyPath) -> list[str]:
    """Return the keys that may stand below `path`, in the model's order."""
    part = part_at(path)
    return [*keys_of(part)] if part else []


def allowed_values(path: KeyPath) -> list[str]:
    """Return the words that may stand at `path`; empty when it is not a choice."""
    shape = _shape(path)
    if isinstance(shape, type) and issubclass(shape, StrEnum):
        return [member.value for member in shape]
    return [str(word) for word in get_args(shape)] if get_origin(shape) is Literal else []


def meaning(path: KeyPath) -> str:
    """Return the sentence that explains the key at `path`, or an empty string."""
    part = part_at(path[:-1])
    found = keys_of(part).get(str(path[-1])) if part else None
    return found.description or "" if found else ""


def bare(shape: Any) -> Any:
    """Return the type without its annotations and without `None`."""
    while True:
        if get_origin(shape) is Annotated:
            shape = get_args(shape)[0]
            continue
        if get_origin(shape) not in (Union, types.UnionType):
            return shape
        others = [arm for arm in get_args(shape) if arm is not types.NoneType]
        if len(others) != 1:
            return shape
        shape = others[0]


def _shape(path: KeyPath) -> Any:
    shape: Any = Spec
    for element in path:
        if isinstance(shape, type) and issubclass(shape, Part):
            field = keys_of(shape).get(str(element))
            shape = field.annotation if field else None
        elif get_origin(shape) in (dict, list):
            shape = get_args(shape)[-1]
        else:
            return None
        shape = bare(shape)
    return shape
