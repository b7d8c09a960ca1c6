"""Do our rules find what they are for, and is what semgrep could not read unknown?

Another program in semgrep's place says what no semgrep says at will.
"""

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from fairlead.gates.finding import Scan
from fairlead.providers.scanners.code import scan
from fairlead.providers.scanners.code import semgrep as asking
from providers.secrets_stand import WorkingCopy

EXAMPLES = YAML(typ="safe").load(Path(__file__).with_name("code_examples.yaml"))
RULES = [one["id"] for one in YAML(typ="safe").load(asking.RULES)["rules"]]
RESULT = {
    "ruleId": "js-code-from-text",
    "level": "error",
    "message": {"text": "Text is run as code.\nRead data with JSON.parse."},
    "suppressions": [{"kind": "inSource"}],
    "locations": [
        {
            "physicalLocation": {
                "artifactLocation": {"uri": "000001.ts", "uriBaseId": "%SRCROOT%"},
                "region": {"startLine": 2, "startColumn": 3, "endLine": 2, "endColumn": 9},
            }
        }
    ],
}
needs_semgrep = pytest.mark.skipif(
    not asking.PROGRAM.is_file(), reason="semgrep is not installed: run `make semgrep`"
)


@pytest.fixture
def app(tmp_path: Path) -> WorkingCopy:
    made = WorkingCopy(tmp_path / "app")
    made.commit(**{"a.ts": "let a;\n", "src/b.ts": "let b;\neval(b); // nosemgrep\n"})
    return made


class Program:
    """A program in semgrep's place that leaves what it is told to leave."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.file = folder, folder / "semgrep"
        folder.mkdir()
        self.tells()

    def tells(self, *results: Any, script: str = "", **report: Any) -> None:
        run = {"tool": {"driver": {"name": "Semgrep OSS", "semanticVersion": "1.0"}}}
        sarif = {"version": "2.1.0", "runs": [run | {"results": results}]}
        every = {"results": results, "errors": [], "paths": {"scanned": ["000000.ts", "000001.ts"]}}
        (self.folder / "sarif").write_text(json.dumps(sarif))
        (self.folder / "json").write_text(json.dumps(every | report))
        text = f"cp {self.folder}/sarif ../.home/found.sarif\ncat {self.folder}/json\n{script}\n"
        self.file.write_text(f"#!/bin/sh\n{text}")
        self.file.chmod(0o755)


@pytest.fixture
def other(tmp_path: Path) -> Program:
    return Program(tmp_path / "other")


def test_without_semgrep_the_source_is_unknown_with_the_remedy(app: WorkingCopy) -> None:
    found = scan(app.folder, program=app.folder / "nowhere" / "semgrep")
    assert found.findings == ()
    assert found.unknown == (
        "semgrep is not installed: run `make semgrep` where Fairlead was installed"
    )


def test_a_finding_is_told_in_the_projects_own_file(app: WorkingCopy, other: Program) -> None:
    other.tells(RESULT)
    found = scan(app.folder, program=other.file)
    (one,) = found.findings
    assert (found.unknown, found.tool, found.version) == ("", "semgrep", "1.0")
    assert one.place
    assert (one.place.file, one.place.line, one.place.column) == ("src/b.ts", 2, 3)
    assert (one.severity.value, one.sentence) == ("high", "Text is run as code.")
    assert (one.help, one.dismissed) == ("Read data with JSON.parse.", "")


@pytest.mark.parametrize(
    ("says", "why"),
    [
        ({"script": "echo 'rule is broken' >&2; exit 7"}, "ended with status 7: rule is broken"),
        ({"script": "exit 1"}, "ended with status 1: it did not say why"),
        ({"script": "rm ../.home/found.sarif"}, "its SARIF cannot be read"),
        ({"script": "echo '{' > ../.home/found.sarif"}, "its SARIF cannot be read"),
        ({"script": "echo more"}, "its report cannot be read"),
        ({"results": [{}]}, "its two reports do not agree"),
        ({"paths": {"scanned": ["000000.ts"]}}, "1 of 2 files not read: src/b.ts (left out)"),
        (
            {"errors": [{"type": "Syntax error", "path": "000001.ts"}]},
            "1 of 2 files not read: src/b.ts (Syntax error)",
        ),
    ],
)
def test_what_semgrep_did_not_do_to_the_end_is_unknown(
    app: WorkingCopy, other: Program, says: dict[str, Any], why: str
) -> None:
    other.tells(**says)
    assert why in scan(app.folder, program=other.file).unknown


def test_a_place_that_was_not_given_is_not_believed(app: WorkingCopy, other: Program) -> None:
    other.tells(json.loads(json.dumps(RESULT).replace("000001.ts", "../../etc/passwd")))
    assert "a place that it was not given" in scan(app.folder, program=other.file).unknown


def test_semgrep_learns_nothing_of_our_environment_and_sees_copies_only(
    app: WorkingCopy, other: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("A_TOKEN", "pristine")
    app.commit(**{".semgrepignore": "*\n", "notes.md": "none\n"})
    (app.folder / "link.ts").symlink_to("/etc/passwd")
    app.git("add", "--all")
    (app.folder / "untracked.ts").write_text("eval(a);\n")
    seen = other.folder / "seen"
    other.tells(script=f'env > {seen}.env; ls -A > {seen}; echo "$@" > {seen}.words')
    assert scan(app.folder, program=other.file).unknown == ""
    assert seen.read_text().split() == ["000000.ts", "000001.ts"]
    assert "pristine" not in seen.with_suffix(".env").read_text()
    words = seen.with_suffix(".words").read_text()
    assert "--metrics=off --disable-version-check" in words
    assert str(app.folder) not in words


def test_files_that_lie_apart_from_their_history_are_read(
    app: WorkingCopy, other: Program, tmp_path: Path
) -> None:
    sha = app.commit()
    bare, checkout = tmp_path / "bare.git", tmp_path / "checkout"
    app.git("clone", "--quiet", "--bare", str(app.folder), str(bare))
    shutil.copytree(app.folder, checkout, ignore=shutil.ignore_patterns(".git"))
    assert scan(checkout, bare, sha, other.file).unknown == ""
    assert "is no commit here" in scan(checkout, program=other.file).unknown


def test_what_nobody_can_judge_is_unknown(other: Program, tmp_path: Path) -> None:
    bare = WorkingCopy(tmp_path / "go")
    assert "is no commit here" in scan(bare.folder, program=other.file).unknown
    bare.commit(**{"main.go": "package main\n"})
    assert "let another tool judge" in scan(bare.folder, program=other.file).unknown
    with (bare.folder / "large.ts").open("wb") as file:
        os.truncate(file.fileno(), 1024**3)
    bare.git("update-index", "--add", "--cacheinfo", f"100644,{'1' * 40},large.ts")
    assert "large.ts has more than 8 MB" in scan(bare.folder, program=other.file).unknown


def test_every_rule_has_a_bad_and_a_good_example() -> None:
    assert [*EXAMPLES] == RULES
    assert all(told["bad"] and told["good"] for told in EXAMPLES.values())


def example_files() -> Iterator[tuple[str, str, str]]:
    """Yield a file's name, its text, and the rule that finds something in it, or nothing."""
    for rule, told in EXAMPLES.items():
        for kind in ("bad", "good"):
            for number, text in enumerate(told[kind]):
                name = f"{rule}.{kind}.{number}.{told['kind']}"
                yield name, f"{text}\n", rule if kind == "bad" else ""


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> Scan:
    made = WorkingCopy(tmp_path_factory.mktemp("examples"))
    made.commit(**{name: text for name, text, _ in example_files()})
    return scan(made.folder)


@needs_semgrep
@pytest.mark.parametrize("rule", RULES)
def test_a_rule_finds_its_bad_examples_and_nothing_else(rule: str, examples: Scan) -> None:
    assert examples.unknown == ""
    mine = {name: wanted for name, _, wanted in example_files() if name.startswith(f"{rule}.")}
    found = {(one.place.file, one.rule) for one in examples.findings if one.place}
    seen = {(file, name) for file, name in found if file in mine}
    assert seen == {(file, wanted) for file, wanted in mine.items() if wanted}


@needs_semgrep
def test_what_semgrep_cannot_read_is_told_by_its_name(tmp_path: Path) -> None:
    app = WorkingCopy(tmp_path)
    app.commit(
        **{
            "tests/part.ts": "const a = 1;\nfunction g() { return @@@ ; }\nconst b = eval(a);\n",
            "dist/odd\nname.min.js": "eval(a); // nosemgrep\n",
        }
    )
    found = scan(app.folder)
    told = {(one.rule, one.place.file, one.place.line) for one in found.findings if one.place}
    assert found.unknown == ""
    assert told == {
        ("partly-read", "tests/part.ts", 2),
        ("js-code-from-text", "tests/part.ts", 3),
        ("js-code-from-text", "dist/odd\nname.min.js", 1),
    }
    app.commit(**{"broken.ts": "eval(x\n"})
    assert scan(app.folder).unknown == "1 of 3 files not read: broken.ts (Syntax error)"
