"""Does the JSON Schema for editors agree with what is read?"""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from fairlead.release.spec.part import Part, keys_of
from fairlead.release.spec.reading import load
from fairlead.release.spec.schema import DIALECT, json_schema

Changed = Callable[[str, str], str]

SCHEMA = json_schema()
TYPES: dict[str, Callable[[Any], bool]] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
}
# The words of the specification that our schema uses; another word fails the test.
RULES: dict[str, Callable[[Any, Any], bool]] = {
    "$ref": lambda ref, value: fits(SCHEMA["$defs"][ref.removeprefix("#/$defs/")], value),
    "type": lambda name, value: TYPES[name](value),
    "const": lambda wanted, value: value == wanted and type(value) is type(wanted),
    "enum": lambda words, value: value in words,
    "pattern": lambda rule, value: not isinstance(value, str) or bool(re.search(rule, value)),
    "minLength": lambda least, value: not isinstance(value, str) or len(value) >= least,
    "minItems": lambda least, value: not isinstance(value, list) or len(value) >= least,
    "minProperties": lambda least, value: len(value) >= least,
    "minimum": lambda least, value: value >= least,
    "maximum": lambda most, value: value <= most,
    "exclusiveMinimum": lambda least, value: value > least,
    "items": lambda inner, value: all(fits(inner, item) for item in value),
    "required": lambda keys, value: all(key in value for key in keys),
    "anyOf": lambda arms, value: any(fits(arm, value) for arm in arms),
    "oneOf": lambda arms, value: sum(fits(arm, value) for arm in arms) == 1,
    **dict.fromkeys(
        ("$schema", "$defs", "title", "description", "default", "examples"), lambda *_: True
    ),
}
KEYS = {"properties", "patternProperties", "additionalProperties"}


def fits(schema: dict[str, Any], value: Any) -> bool:
    if "type" in schema and not TYPES[schema["type"]](value):
        return False
    told = {word: rule for word, rule in schema.items() if word not in KEYS}
    return all(RULES[word](rule, value) for word, rule in told.items()) and keys_fit(schema, value)


def keys_fit(schema: dict[str, Any], value: Any) -> bool:
    if not KEYS & schema.keys():
        return True
    assert schema["additionalProperties"] is False
    for key, inner in value.items():
        shapes = [shape for name, shape in schema.get("properties", {}).items() if name == key]
        named = schema.get("patternProperties", {})
        shapes += [shape for rule, shape in named.items() if re.search(rule, key)]
        if not shapes or not all(fits(shape, inner) for shape in shapes):
            return False
    return True


def tree(text: str) -> Any:
    return YAML(typ="safe", pure=True).load(text)


def blocks() -> dict[str, dict[str, Any]]:
    return {"Spec": SCHEMA} | {
        name: block for name, block in SCHEMA["$defs"].items() if "properties" in block
    }


def test_the_dialect_is_named_and_no_address_is_claimed() -> None:
    assert SCHEMA["$schema"] == DIALECT
    assert SCHEMA["title"] == "fairlead.yaml"
    assert "$id" not in SCHEMA


def test_every_part_of_the_model_is_described() -> None:
    parts = {part.__name__: part for part in Part.__subclasses__()}
    assert blocks().keys() == parts.keys()
    for name, block in blocks().items():
        assert block["description"]
        assert [*block["properties"]] == [*keys_of(parts[name])]
        for key, shape in block["properties"].items():
            assert shape["description"].endswith("."), (name, key)


def test_a_sound_file_fits(sound: str) -> None:
    assert fits(SCHEMA, tree(sound))


def test_the_example_file_fits() -> None:
    example = Path(__file__).parents[3] / "examples" / "agentic" / "fairlead.yaml"
    assert fits(SCHEMA, tree(example.read_text("utf-8")))


def test_the_example_within_the_schema_fits_and_loads() -> None:
    (example,) = SCHEMA["examples"]
    assert fits(SCHEMA, example)
    assert load(json.dumps(example)).app == "shop"


def test_what_is_not_wanted_is_left_out_and_not_null(sound: str) -> None:
    assert '"null"' not in json.dumps(SCHEMA)
    assert not fits(SCHEMA, tree(sound) | {"gates": None})


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("strategy: canary", "strategy: canry"),
        ("hold: 1m", "hold: 60"),
        ("app: shop", "application: shop"),
        ("    listen: 127.0.0.1:8082\n", ""),
        ("    run: [deno, lint]", "    run: [deno, lint]\n    timout: 5m"),
        ("  lint:\n", "  Lint:\n"),
        ("run: [deno, lint]", "run: []"),
        ("steps: [5, 25, 100]", "steps: [0, 100]"),
        ("{requests_per_second: 200}", "{requests_per_second: 0}"),
        ("listen: 127.0.0.1:8080", "listen: 127.0.0.256:8080"),
        ("deploy: staging", "deploy: staging\n    monitor: staging"),
        ("    deploy: staging\n", ""),
    ],
)
def test_what_is_refused_for_its_shape_does_not_fit(changed: Changed, old: str, new: str) -> None:
    assert not fits(SCHEMA, tree(changed(old, new)))
