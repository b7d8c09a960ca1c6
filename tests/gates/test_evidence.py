"""Is a recorded pass reused only while everything the gate reads is unchanged?"""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairlead.gates.evidence import inputs_digest, is_fresh

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
COMMAND = ("deno", "task", "scan")
BLOBS = {"src/app.ts": "a1", "src/deep/er/db.ts": "b2", "docs/app.md": "c3", ".env.example": "d4"}
law = settings(deadline=None, max_examples=60)


def digest(*globs: str, blobs: dict[str, str] | None = None) -> str | None:
    return inputs_digest(COMMAND, {"CI": "1"}, globs, BLOBS if blobs is None else blobs)


def reads(glob: str, path: str) -> bool:
    return digest(glob, blobs={path: "a1"}) is not None


def test_unchanged_inputs_give_the_same_digest_in_any_order() -> None:
    turned = dict(reversed(BLOBS.items()))
    assert digest("**") == digest("**", blobs=turned)
    assert inputs_digest(COMMAND, {"A": "1", "B": "2"}, ["**"], BLOBS) == inputs_digest(
        COMMAND, {"B": "2", "A": "1"}, ["**"], BLOBS
    )


@law
@given(st.sampled_from(sorted(BLOBS)), st.text("0123456789abcdef", min_size=3))
def test_any_changed_byte_of_a_file_it_reads_changes_the_digest(path: str, blob: str) -> None:
    assert digest("**", blobs=BLOBS | {path: blob}) != digest("**")


def test_an_added_or_a_removed_file_changes_the_digest() -> None:
    fewer = {path: blob for path, blob in BLOBS.items() if path != "docs/app.md"}
    assert (
        len({digest("**"), digest("**", blobs=fewer), digest("**", blobs=BLOBS | {"x": ""})}) == 3
    )


def test_two_files_that_swap_their_content_change_the_digest() -> None:
    swapped = BLOBS | {"src/app.ts": "c3", "docs/app.md": "a1"}
    assert digest("**", blobs=swapped) != digest("**")


def test_files_it_does_not_read_change_nothing() -> None:
    assert digest("src/**", blobs=BLOBS | {"docs/app.md": "changed"}) == digest("src/**")


@pytest.mark.parametrize(
    ("command", "env", "globs"),
    [
        (("deno", "task scan"), {"CI": "1"}, ["**"]),
        (("deno", "task"), {"CI": "1"}, ["**"]),
        (COMMAND, {"CI": "2"}, ["**"]),
        (COMMAND, {"C": "I1"}, ["**"]),
        (COMMAND, {}, ["**"]),
        (COMMAND, {"CI": "1"}, ["**", "src/**"]),
    ],
)
def test_another_command_variable_or_glob_changes_the_digest(
    command: tuple[str, ...], env: dict[str, str], globs: list[str]
) -> None:
    assert inputs_digest(command, env, globs, BLOBS) != digest("**")


def test_a_gate_without_inputs_always_runs() -> None:
    assert digest() is None


@pytest.mark.parametrize("globs", [("lib/**",), ("srcs/**", "docs/**"), ("[a-z]*", "**")])
def test_a_glob_that_matches_nothing_makes_the_gate_always_run(globs: tuple[str, ...]) -> None:
    assert digest(*globs) is None


def test_an_empty_commit_gives_no_pass_to_reuse() -> None:
    assert digest("**", blobs={}) is None


@pytest.mark.parametrize(
    ("glob", "path"),
    [
        ("**", "a"),
        ("**", "a/b/.c"),
        ("**/*.ts", "app.ts"),
        ("**/*.ts", "a/b/app.ts"),
        ("src/**", "src/a/b"),
        ("src/**/db.ts", "src/db.ts"),
        ("src/**/db.ts", "src/a/b/db.ts"),
        ("*", "a.b"),
        ("*", ".hidden"),
        ("?.ts", "a.ts"),
        ("a+(b).ts", "a+(b).ts"),
        ("src/*", "src/a\nb"),
        ("**", "a\nb/c"),
    ],
)
def test_a_glob_reads_what_it_names(glob: str, path: str) -> None:
    assert reads(glob, path)


@pytest.mark.parametrize(
    ("glob", "path"),
    [
        ("*", "a/b"),
        ("*.ts", "src/app.ts"),
        ("?.ts", ".ts"),
        ("a?b", "a/b"),
        ("src/**", "src"),
        ("src/**", "other/src/a"),
        ("**/db.ts", "a/xdb.ts"),
        ("x**/b", "xb"),
        ("a.ts", "abts"),
        ("src/app.t", "src/app.ts"),
        ("App.ts", "app.ts"),
    ],
)
def test_a_glob_reads_nothing_else(glob: str, path: str) -> None:
    assert not reads(glob, path)


def test_a_path_that_is_not_text_is_read_all_the_same() -> None:
    path = b"src/\xff.ts".decode("utf-8", "surrogateescape")
    assert digest("**", blobs={path: "a1"}) != digest("**", blobs={path: "b2"})


@pytest.mark.parametrize(
    ("age_s", "fresh"), [(0, True), (3600, True), (3600.1, False), (-0.1, False), (-9e6, False)]
)
def test_only_a_young_pass_is_fresh_and_one_of_the_future_never(age_s: float, fresh: bool) -> None:
    assert is_fresh(NOW - timedelta(seconds=age_s), 3600, NOW) is fresh
