"""How is fairlead.yaml written? The reference, made from the one commented example."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fairlead.release.spec.schema import json_schema

_INTRO = """# fairlead.yaml

One file at the root of the repository says what is deployed, what must be true on the way, and how
careful each place is. It is read at the commit that is released, so it changes by review like
everything else.

Nothing is guessed. Unknown keys, names and values are refused, all at once, each with its line, the
allowed words and the remedy:

```
fairlead.yaml:31: pipeline[2].deploy: "stagin" is not one of staging, live (did you mean staging?)
```

Refused as well is what could not work or could not fail: a gate that always passes (`|| true`, a
pipe into `tee`, `exit 0` at the end), a window longer than the time it is held, a canary too small
to be judged, a guard-rail that is always or never true, an environment no stage reaches, production
without staging, approval or watching.

The file is YAML 1.2, at most 256 KiB. Durations and shares carry their unit (`30s`, `2%`). Anchors
and aliases work; tags, merge keys (`<<`) and keys without a value do not.

This page is made by `make docs` from `examples/agentic/fairlead.yaml` and the model; editors get
the JSON Schema from `fairlead.release.spec.schema.json_schema()`.

## The whole file, with every key

"""


def markdown(example_text: str, schema: dict[str, Any]) -> str:
    """Return the reference in Markdown: the example word for word, then a table for each block."""
    sections = [f"{_INTRO}```yaml\n{example_text}```", "## Every key"]
    definitions = {"": schema, **schema["$defs"]}
    for part, paths in _places(schema).items():
        title = " and ".join(f"`{path}`" for path in paths) or "At the top"
        rows = [*_rows(definitions[part], schema)]
        head = ["| key | written as | default | meaning |", "| --- | --- | --- | --- |"]
        sections.append(
            "\n".join([f"### {title}", "", definitions[part]["description"], "", *head, *rows])
        )
    return "\n\n".join(sections) + "\n"


def _places(schema: dict[str, Any]) -> dict[str, list[str]]:
    """Return each block of keys with the paths it stands at, in the order of the file."""
    found: dict[str, list[str]] = {"": []}
    waiting = [("", schema)]
    while waiting:
        path, block = waiting.pop(0)
        for key, shape in block["properties"].items():
            name, suffix = _block(shape, schema)
            if name:
                below = f"{path}.{key}{suffix}" if path else f"{key}{suffix}"
                if name not in found:
                    waiting.append((below, schema["$defs"][name]))
                found.setdefault(name, []).append(below)
    return found


def _block(shape: dict[str, Any], schema: dict[str, Any]) -> tuple[str, str]:
    """Return which block a value holds and how its path goes on; empty when it holds none."""
    inner, suffix = shape, ""
    if "patternProperties" in shape:
        inner, suffix = next(iter(shape["patternProperties"].values())), ".<name>"
    elif "items" in shape:
        inner, suffix = shape["items"], "[]"
    name = str(inner.get("$ref", "")).rpartition("/")[2]
    return (name, suffix) if name and "properties" in schema["$defs"][name] else ("", "")


def _rows(block: dict[str, Any], schema: dict[str, Any]) -> Iterator[str]:
    for key, shape in block["properties"].items():
        default = "required" if key in block.get("required", ()) else _default(shape)
        written = _written_as(shape, schema).replace("|", "\\|")
        yield f"| `{key}` | {written} | {default} | {shape['description']} |"


def _default(shape: dict[str, Any]) -> str:
    return f"`{json.dumps(shape['default'])}`" if "default" in shape else "–"


def _written_as(shape: dict[str, Any], schema: dict[str, Any]) -> str:
    if "$ref" in shape:
        shape = schema["$defs"][shape["$ref"].rpartition("/")[2]]
    match shape:
        case {"patternProperties": inner}:
            return f"names you choose, each with {_written_as(next(iter(inner.values())), schema)}"
        case {"type": "array", "items": inner}:
            return f"list: {_written_as(inner, schema)}"
        case {"type": "integer" | "number"} if "const" not in shape:
            return _number(shape)
    return _word(shape)


def _word(shape: dict[str, Any]) -> str:
    match shape:
        case {"enum": words}:
            return ", ".join(f"`{word}`" for word in words)
        case {"const": word}:
            return f"`{word}`"
        case {"anyOf": _}:
            return "list of words, or one line for the shell"
        case {"pattern": _, "examples": [example, *_]}:
            return f"text such as `{example}`"
        case {"pattern": _}:
            return "name"
    return {"boolean": "`true`, `false`", "object": "a block"}.get(shape["type"], "text")


def _number(shape: dict[str, Any]) -> str:
    kind = "whole number" if shape["type"] == "integer" else "number"
    low, high = shape.get("minimum"), shape.get("maximum")
    if low is not None and high is not None:
        return f"{kind} from {low} to {high}"
    return f"{kind} of at least {low}" if low is not None else f"{kind} above 0"


if __name__ == "__main__":
    example = Path(__file__).parents[4] / "examples" / "agentic" / "fairlead.yaml"
    sys.stdout.write(markdown(example.read_text("utf-8"), json_schema()))
