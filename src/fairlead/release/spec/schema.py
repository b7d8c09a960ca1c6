"""What may an editor check while fairlead.yaml is being written?"""

from typing import Any

from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import core_schema

from fairlead.release.spec.model import Spec
from fairlead.release.spec.part import Part, keys_of

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_EXAMPLE = {
    "version": 1,
    "app": "shop",
    "components": {"frontend": {"kind": "static", "path": "dist"}},
    "gates": {"unit": {"run": ["deno", "test"]}},
    "environments": {"development": {"listen": "127.0.0.1:8081"}},
    "pipeline": [
        {"stage": "unit-tests", "gates": ["unit"]},
        {"stage": "deploy-development", "deploy": "development"},
    ],
}


class _WithoutNull(GenerateJsonSchema):
    """Leaves out `null`: what is not wanted is not written."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> dict[str, Any]:
        return self.generate_inner(schema["schema"])


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of fairlead.yaml.

    It accepts every file that `read` accepts. Whether a name is declared elsewhere in the file, and
    all that `check` knows, is beyond it.
    """
    schema = Spec.model_json_schema(schema_generator=_WithoutNull)
    parts = {part.__name__: part for part in Part.__subclasses__()}
    for name, definition in [("Spec", schema), *schema["$defs"].items()]:
        if name in parts:
            _complete(definition, parts[name])
    return {"$schema": DIALECT, **schema, "title": "fairlead.yaml", "examples": [_EXAMPLE]}


def _complete(definition: dict[str, Any], part: type[Part]) -> None:
    for key, field in keys_of(part).items():
        shape = definition["properties"][key]
        # pydantic drops the description of some references, and titles only repeat the key.
        shape["description"] = field.description
        shape.pop("title", None)
        if shape.get("default", ...) is None:
            del shape["default"]
        if "patternProperties" in shape:
            shape["additionalProperties"] = False
