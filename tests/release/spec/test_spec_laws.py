"""Whatever is handed in: a specification comes out, or a refusal that people can read."""

import contextlib
import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from fairlead.errors import Refused
from fairlead.release.spec.document import document
from fairlead.release.spec.failing import why_it_cannot_fail
from fairlead.release.spec.gate import Gate
from fairlead.release.spec.model import Environment, Spec, Stage
from fairlead.release.spec.reading import decoded, load

WORDS = [
    *(*Spec.model_fields, *Environment.model_fields, *Gate.model_fields, *Stage.model_fields),
    *("live", "staging", "lint", "canary", "static", "5m", "2%", "127.0.0.1:80", "\x1b", "é"),
]
# Without a deadline: the machine may be busy with other tests.
calm = settings(max_examples=60, deadline=None)
SIGNS = st.sampled_from([*"\n -:[]{}&*!|>'\"#%@`,?\t\\~<\0", "\u2028", "\ud800", "true", "1.5"])
YAML_LIKE = st.lists(st.sampled_from(WORDS) | SIGNS, max_size=60).map("".join)
LEAVES = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(WORDS) | st.text()
)
SHELL = [
    *("|", "&", ";", "(", ")", "{", "}", "<", ">", "'", '"', "`", "$", "#", "!", "\\", "\n", " "),
    *("||", "&&", "true", "exit 0", "if", "fi", "for", "done", "$(", "set -e", "| tee log"),
]
TREES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(WORDS) | st.text(max_size=5), inner, max_size=5)
    ),
    max_leaves=25,
)


def paths(tree: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = tree.items() if isinstance(tree, dict) else enumerate(tree)
    found = []
    for key, value in inner:
        found.append((*here, key))
        if isinstance(value, dict | list):
            found += paths(value, (*here, key))
    return found


def is_read_or_refused(text: str) -> None:
    problems = None
    try:
        spec = load(text)
    except Refused as refused:
        problems = (str(refused), *refused.problems)
    if problems is None:
        assert Spec.model_validate(spec.model_dump(mode="json")) == spec
    else:
        assert len(problems) > 1
        assert all(told.startswith("fairlead.yaml") and told.isprintable() for told in problems)


@calm
@given(st.text() | YAML_LIKE)
def test_any_text_is_read_or_refused(text: str) -> None:
    is_read_or_refused(text)


@calm
@given(st.binary())
def test_any_bytes_are_text_or_refused(data: bytes) -> None:
    with contextlib.suppress(Refused):
        assert isinstance(decoded(data), str)


@calm
@given(TREES)
def test_any_tree_is_read_or_refused(tree: Any) -> None:
    is_read_or_refused(json.dumps(tree))


@calm
@given(st.data(), TREES)
def test_any_single_change_is_read_or_refused(sound: str, data: st.DataObject, value: Any) -> None:
    tree = document(sound).tree
    *way, last = data.draw(st.sampled_from(paths(tree)))
    block = tree
    for key in way:
        block = block[key]
    block[last] = value
    is_read_or_refused(json.dumps(tree))


@calm
@given(st.integers(0, 900), st.integers(0, 12), YAML_LIKE)
def test_any_slip_of_the_keyboard_is_read_or_refused(
    sound: str, at: int, lost: int, typed: str
) -> None:
    is_read_or_refused(sound[:at] + typed + sound[at + lost :])


@calm
@given(st.lists(st.sampled_from(SHELL), max_size=40).map("".join) | st.text())
def test_any_script_is_judged_without_an_accident(script: str) -> None:
    assert isinstance(why_it_cannot_fail(script), str)
