"""Does a glob name the files that it says, quickly whatever it holds?"""

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairlead.gates.file_glob import is_glob, matches


@pytest.mark.parametrize(
    ("glob", "path"),
    [
        ("**", "a/b/.c"),
        ("**/*.ts", "app.ts"),
        ("**/*.ts", "a/b/app.ts"),
        ("src/**", "src/a/b"),
        ("src/**/db.ts", "src/db.ts"),
        ("src/**/db.ts", "src/a/b/db.ts"),
        ("src/**/gen/**/x", "src/gen/a/gen/b/x"),
        ("a*b*c", "aXbYbZc"),
        ("a?c", "a\nc"),
        ("a+(b).ts", "a+(b).ts"),
    ],
)
def test_a_glob_names_a_file(glob: str, path: str) -> None:
    assert matches(glob, path)


@pytest.mark.parametrize(
    ("glob", "path"),
    [
        ("*.ts", "src/app.ts"),
        ("a?b", "a/b"),
        ("src/**", "src"),
        ("src/**", "other/src/a"),
        ("**/db.ts", "a/xdb.ts"),
        ("a*b*c", "acb"),
        ("a.ts", "abts"),
        ("", "a"),
    ],
)
def test_a_glob_names_nothing_else(glob: str, path: str) -> None:
    assert not matches(glob, path)


def _as_pattern(glob: str) -> str:
    signs = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    parts = re.split(r"((?:^|(?<=/))\*\*/|\*\*|\*|\?)", glob)
    return "".join(signs.get(part, re.escape(part)) for part in parts)


@settings(deadline=None, max_examples=500)
@given(
    st.lists(st.text("ab*?", min_size=1, max_size=4) | st.just("**"), min_size=1, max_size=4),
    st.lists(st.text("ab", min_size=1, max_size=4), min_size=1, max_size=4),
)
def test_a_glob_says_the_same_as_its_regular_expression(glob: list[str], path: list[str]) -> None:
    told = "/".join(glob)
    if is_glob(told):
        expected = re.fullmatch(_as_pattern(told), "/".join(path)) is not None
        assert matches(told, "/".join(path)) is expected


def test_no_glob_takes_long() -> None:
    begun = time.perf_counter()
    assert not matches("**/" * 60 + "*a" * 60 + "b", "/".join(["a" * 200] * 20))
    assert time.perf_counter() - begun < 2


@pytest.mark.parametrize("text", ["", "a**/b", "src/**.ts"])
def test_stars_for_folders_stand_alone(text: str) -> None:
    assert not is_glob(text)
