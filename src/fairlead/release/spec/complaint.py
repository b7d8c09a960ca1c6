"""In which words is a mistake in the file's shape told to the person who made it?"""

from collections.abc import Callable, Iterator
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from fairlead.release.spec.keys import allowed_keys, allowed_values, meaning
from fairlead.release.spec.problem import KeyPath, Problem, did_you_mean, not_one_of, quoted

_KEY = "[key]"


def complaints(error: ValidationError, tree: Any) -> Iterator[Problem]:
    """Tell each of pydantic's findings about `tree` with its path in the file and a remedy."""
    for found in error.errors(include_url=False):
        path = _path(found["loc"], tree, found["type"])
        if found["loc"] and found["loc"][-1] == _KEY:
            yield Problem(path, _name(found, path))
        else:
            yield Problem(path, _SENTENCES.get(found["type"], _other)(found, path))


def _path(loc: tuple[int | str, ...], tree: Any, kind: str) -> KeyPath:
    """Keep what the file itself holds: pydantic also names the arms of unions and `[key]`."""
    path: KeyPath = ()
    for element in loc:
        inside = (isinstance(tree, dict) and element in tree) or (
            isinstance(tree, list) and isinstance(element, int) and element < len(tree)
        )
        if inside:
            path, tree = (*path, element), tree[element]
    return (*path, loc[-1]) if kind == "missing" else path


def _name(found: ErrorDetails, path: KeyPath) -> str:
    if "env" in path:
        return "a variable's name has only letters, digits and _, and no digit first"
    return f"{_rule()}, not {quoted(found['input'])}"


def _rule() -> str:
    return "a name of at most 40 small letters, digits and -, a letter first, is needed"


def _missing(_: ErrorDetails, path: KeyPath) -> str:
    told = meaning(path)
    return f"this key is missing: {told[:1].lower() + told[1:]}" if told else "this key is missing"


def _unknown(_: ErrorDetails, path: KeyPath) -> str:
    allowed = allowed_keys(path[:-1])
    return f"unknown key; allowed: {', '.join(allowed)}{did_you_mean(path[-1], allowed)}"


def _choice(found: ErrorDetails, path: KeyPath) -> str:
    return not_one_of(found["input"], allowed_values(path))


def _value(found: ErrorDetails, path: KeyPath) -> str:
    told = str(found["ctx"]["error"])
    return told if isinstance(found["input"], dict) else f"{told}, not {quoted(found['input'])}"


def _pattern(found: ErrorDetails, path: KeyPath) -> str:
    return f"{_rule()}, not {quoted(found['input'])}"


def _text(found: ErrorDetails, path: KeyPath) -> str:
    remedy = "" if isinstance(found["input"], dict | list) else '; put "…" around it'
    return f"text is needed, not {quoted(found['input'])}{remedy}"


def _needs(what: str) -> Callable[[ErrorDetails, KeyPath], str]:
    return lambda found, path: f"{what} is needed, not {quoted(found['input'])}"


def _bound(words: str, key: str) -> Callable[[ErrorDetails, KeyPath], str]:
    return lambda found, path: (
        f"{words} {found['ctx'][key]:g} is needed, not {quoted(found['input'])}"
    )


def _block(found: ErrorDetails, path: KeyPath) -> str:
    keys = ", ".join(allowed_keys(path)) or "names you choose"
    return f"a block of keys ({keys}) is needed, not {quoted(found['input'])}"


def _other(found: ErrorDetails, path: KeyPath) -> str:
    return f"{found['msg']}, not {quoted(found['input'])}"


_SENTENCES: dict[str, Callable[[ErrorDetails, KeyPath], str]] = {
    "missing": _missing,
    "extra_forbidden": _unknown,
    "enum": _choice,
    "literal_error": _choice,
    "value_error": _value,
    "string_pattern_mismatch": _pattern,
    "string_type": _text,
    "int_type": _needs("a whole number"),
    "float_type": _needs("a number"),
    "bool_type": _needs("true or false"),
    "list_type": _needs("a list"),
    "dict_type": _block,
    "model_type": _block,
    "too_short": _needs("at least one entry"),
    "string_too_short": _needs("some text"),
    "greater_than_equal": _bound("at least", "ge"),
    "greater_than": _bound("more than", "gt"),
    "less_than_equal": _bound("at most", "le"),
}
