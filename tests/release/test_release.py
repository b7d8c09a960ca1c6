"""Is a release its bytes and nothing but its bytes, wherever its manifest is read?"""

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairlead.release.component import ComponentKind
from fairlead.release.release import Artifact, Commit, Release, canonical, release_id

COMMIT = Commit("0a1b2c3d4e5f60718293a4b5c6d7e8f901234567", "main", "Ana", "ana@example.org", "x")
FRONTEND = Artifact("frontend", ComponentKind.STATIC, "a" * 64, 512, ("site",))
FUNCTIONS = Artifact(
    "functions", ComponentKind.FUNCTIONS, "b" * 64, 2048, ("trust", "agents"), ("--allow-net",)
)
RELEASE = Release("agentic", COMMIT, (FRONTEND, FUNCTIONS))
law = settings(deadline=None, max_examples=60)

texts = st.text(max_size=20)
artifacts = st.builds(
    Artifact,
    texts,
    st.sampled_from(ComponentKind),
    st.text("0123456789abcdef", min_size=64, max_size=64),
    st.integers(0, 2**40),
    st.lists(texts, max_size=3).map(tuple),
    st.lists(texts, max_size=3).map(tuple),
)
commits = st.builds(Commit, texts, texts, texts, texts, texts)
releases = st.builds(Release, texts, commits, st.lists(artifacts, max_size=3).map(tuple))


@law
@given(releases)
def test_a_release_read_from_its_manifest_is_the_same_release(release: Release) -> None:
    told = json.loads(json.dumps(release.manifest()))
    assert Release.from_manifest(told) == release
    assert Release.from_manifest(told).digest == release.digest


@law
@given(st.integers(0, 1), st.integers(0, 63), st.sampled_from("0123456789abcdef"))
def test_any_other_byte_of_any_artifact_makes_another_release(
    number: int, place: int, digit: str
) -> None:
    artifact = RELEASE.artifacts[number]
    changed = artifact.digest[:place] + digit + artifact.digest[place + 1 :]
    others = list(RELEASE.artifacts)
    others[number] = replace(artifact, digest=changed)
    other = replace(RELEASE, artifacts=tuple(others))
    assert (other.digest == RELEASE.digest) == (changed == artifact.digest)


@pytest.mark.parametrize(
    "other",
    [
        replace(RELEASE, app="other"),
        replace(RELEASE, commit=replace(COMMIT, message="y")),
        replace(RELEASE, commit=replace(COMMIT, author_email="bo@example.org")),
        replace(RELEASE, artifacts=(FRONTEND,)),
        replace(RELEASE, artifacts=(FUNCTIONS, FRONTEND)),
        replace(RELEASE, artifacts=(FRONTEND, replace(FUNCTIONS, permissions=("--allow-all",)))),
        replace(RELEASE, artifacts=(FRONTEND, replace(FUNCTIONS, units=("trust",)))),
    ],
)
def test_whatever_else_differs_makes_another_release(other: Release) -> None:
    assert other.digest != RELEASE.digest


def test_a_release_is_named_by_the_first_twelve_digits_of_its_commit() -> None:
    assert RELEASE.id == release_id(COMMIT.sha) == "0a1b2c3d4e5f"


def test_digested_data_has_one_form_whatever_its_order() -> None:
    assert canonical({"b": [1, "é"], "a": None}) == '{"a":null,"b":[1,"é"]}'
