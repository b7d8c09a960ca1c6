"""Which plain values does the YAML text hold, and on which line is each?"""

import re
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.composer import Composer, MaxDepthExceededError
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from fairlead.release.spec.problem import KeyPath, Problem, quoted

LONGEST_BYTES = 256 * 1024
# Aliases count each time they are used: a few lines of them can stand for billions of values.
MOST_VALUES = 5_000
DEEPEST = 16

_TOO_DEEP = f"it is nested deeper than {DEEPEST} levels"
_TAG = "tag:yaml.org,2002:"
_TEXTS = {_TAG + "str", _TAG + "timestamp", _TAG + "merge"}
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")
_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]{0,17})\.[0-9]{1,18}")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Document:
    """The file as plain data. `lines` counts from 1; with `problems` the tree is incomplete."""

    tree: Any
    lines: dict[KeyPath, int]
    problems: tuple[Problem, ...]


def document(text: str, needs: str = "version, app, components and more") -> Document:
    """Read YAML 1.2; whatever is wrong with the text is told in `problems`, nothing is raised.

    `needs` are the keys that an empty file lacks.
    """
    walk = _Walk()
    try:
        tree = walk.value(_composed(text, needs), ())
    except _UnreadableError as error:
        return Document(None, {}, (Problem((), str(error), error.line),))
    if not isinstance(tree, dict):
        walk.refuse((), f"keys and values are needed, such as `version: 1`, not {quoted(tree)}")
    return Document(tree, walk.lines, tuple(walk.problems))


class _UnreadableError(Exception):
    """Nothing of the file can be used."""

    def __init__(self, sentence: str, line: int = 1) -> None:
        super().__init__(sentence)
        self.line = line


class _BoundedComposer(Composer):
    """Stops at the limit at once: composing a quarter megabyte of brackets takes seconds."""

    values = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        self.values += 1
        _limit(self.values)
        return super().compose_node(parent, index)


@dataclass
class _Walk:
    """Collects values, lines and problems on the way through the nodes."""

    lines: dict[KeyPath, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    values: int = 0

    def refuse(self, path: KeyPath, sentence: str, line: int | None = None) -> None:
        self.problems.append(Problem(path, sentence, line))

    def value(self, node: Node, path: KeyPath) -> Any:
        """Return the node as plain data."""
        self.values += 1
        _limit(self.values)
        if len(path) > DEEPEST:
            # An alias that stands within itself gets by the composer's own limit.
            raise _UnreadableError(_TOO_DEEP)
        match node:
            case MappingNode() if node.tag == _TAG + "map":
                return self._mapping(node, path)
            case SequenceNode() if node.tag == _TAG + "seq":
                for index, item in enumerate(node.value):
                    self.lines[*path, index] = _line(item)
                return [self.value(item, (*path, i)) for i, item in enumerate(node.value)]
            case ScalarNode() if str(node.tag).startswith(_TAG):
                return self._scalar(node, path)
        self.refuse(path, f"the tag {quoted(str(node.tag))} is not known here; remove it")
        return None

    def _mapping(self, node: MappingNode, path: KeyPath) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in node.value:
            if not isinstance(key, ScalarNode) or key.tag not in _TEXTS:
                shown = quoted(key.value) if isinstance(key, ScalarNode) else "a list or block"
                self.refuse(path, f"a key must be text, not {shown}; put quotes around", _line(key))
                continue
            here = (*path, key.value)
            if key.value in found:
                first = self.lines[here]
                self.refuse(here, f"written twice, first on line {first}; keep one", _line(key))
                continue
            self.lines[here] = _line(key)
            found[key.value] = self.value(value, here)
        return found

    def _scalar(self, node: ScalarNode, path: KeyPath) -> Any:
        kind, text = node.tag, node.value
        if kind in _TEXTS:
            if _UNSTORABLE.search(text):
                self.refuse(path, "the text holds a character that cannot be stored; remove it")
            return text
        if kind == _TAG + "int" and _INTEGER.fullmatch(text):
            return int(text)
        if kind == _TAG + "float" and _DECIMAL.fullmatch(text):
            return float(text)
        if kind == _TAG + "bool" and text.lower() in ("true", "false"):
            return text.lower() == "true"
        if kind == _TAG + "null":
            told = "write a value, {} for a block of defaults, or remove the key"
            self.refuse(path, f"nothing is written here; {told}")
        elif kind in (_TAG + "int", _TAG + "float"):
            self.refuse(
                path, f"write the number {quoted(text)} with plain digits, such as 5 or 0.5"
            )
        else:
            self.refuse(path, f"the tag {quoted(str(kind))} does not fit; remove it")
        return None


def _composed(text: str, needs: str) -> Node:
    if len(text.encode("utf-8", "surrogatepass")) > LONGEST_BYTES:
        raise _UnreadableError(f"the file is larger than {LONGEST_BYTES // 1024} KiB")
    yaml = YAML(typ="safe", pure=True)
    yaml.max_depth = DEEPEST
    yaml.Composer = _BoundedComposer
    # Using an anchor's name again is legal YAML and no matter for a warning on stderr.
    yaml.composer.warn_double_anchors = False
    try:
        node: Node | None = yaml.compose(text)
    except MarkedYAMLError as error:
        raise _syntax(error) from error
    except (YAMLError, ValueError, OverflowError) as error:
        raise _UnreadableError("the file holds characters that YAML does not allow") from error
    if node is None:
        raise _UnreadableError(f"the file is empty; it needs {needs}")
    return node


def _limit(values: int) -> None:
    if values > MOST_VALUES:
        raise _UnreadableError(
            f"it holds more than {MOST_VALUES} values, aliases counted each time"
        )


def _line(node: Node) -> int:
    return int(node.start_mark.line) + 1


def _syntax(error: MarkedYAMLError) -> _UnreadableError:
    mark = error.problem_mark or error.context_mark
    line = mark.line + 1 if mark else 1
    if isinstance(error, MaxDepthExceededError):
        return _UnreadableError(_TOO_DEEP, line)
    told = str(error.problem or error.context)
    if "'\\t'" in told:
        return _UnreadableError("a tab stands where YAML allows only spaces; use spaces", line)
    if error.context and error.problem:
        begun = f", begun on line {error.context_mark.line + 1}" if error.context_mark else ""
        told += f" ({error.context}{begun})"
    shown = "".join(sign if sign.isprintable() else " " for sign in told)
    return _UnreadableError(f"not YAML: {shown[:200]}", line)
