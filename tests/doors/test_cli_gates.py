"""Do gates run on a working tree as they would in the pipeline, and say what they found?"""

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from typer.testing import CliRunner

from fairlead.cli.exits import Exit
from fairlead.cli.main import app as cli
from fairlead.providers.scanners.code import semgrep

APP: dict[str, Any] = {
    "version": 1,
    "app": "shop",
    "components": {"site": {"kind": "static", "path": "dist"}},
    "environments": {"live": {"listen": "127.0.0.1:8081"}},
}
JUNIT = (
    '<testsuite tests="{0}"><testcase classname="a" name="b" time="0.5">{1}</testcase></testsuite>'
)
GOOD, BAD = JUNIT.format(1, ""), JUNIT.format(1, "<failure message='it broke'/>")
NONE = '<testsuite tests="0"></testsuite>'


def sarif(*rules: str, level: str = "error", **more: Any) -> str:
    results = [{"ruleId": rule, "level": level, "message": {"text": "it is bad"}} for rule in rules]
    run = {"tool": {"driver": {"name": "lint"}}, "results": results, **more}
    return json.dumps({"version": "2.1.0", "runs": [run]})


def app(folder: Path, gates: Mapping[str, Any], before: list[str] | None = None) -> None:
    stages: list[dict[str, Any]] = [{"stage": "checks", "gates": before or [*gates]}]
    after: list[dict[str, Any]] = [{"stage": "deployment", "deploy": "live"}]
    if rest := [name for name in gates if before and name not in before]:
        after.append({"stage": "proof", "gates": rest})
    told = APP | {"gates": gates, "pipeline": [*stages, *after]}
    (folder / "fairlead.yaml").write_text(json.dumps(told))


def say(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Say it in that folder; gates that are judged run in processes of their own all the same."""
    env = {name: None for name in os.environ if name.startswith("FAIRLEAD_")} | {"COLUMNS": "99"}
    with contextlib.chdir(folder), patch.dict(os.environ):
        told = CliRunner(env=env).invoke(cli, ["gates", *words], catch_exceptions=False)
    return subprocess.CompletedProcess(words, told.exit_code, told.stdout, told.stderr)


def ran(folder: Path, *words: str) -> dict[str, dict[str, Any]]:
    told = json.loads(say(folder, "run", "--json", *words).stdout)
    return {one["gate"]: one for one in told["gates"]}


def leaves(folder: Path, name: str, text: str, status: int = 0) -> str:
    """Return a command that leaves a file with this text, and ends with a status."""
    (folder / f"{name}.text").write_text(text)
    return f"set -e; cp {name}.text {name}; test {status} -eq 0"


def test_a_judged_gate_whose_command_is_missing_is_unknown_and_says_so(tmp_path: Path) -> None:
    app(tmp_path, {"unit": {"run": ["no-such-tool"], "junit": ["report.xml"]}})
    told = say(tmp_path, "judge", "unit")
    assert told.returncode == 2
    assert "the command no-such-tool cannot be started: No such file or directory" in told.stderr
    (found,) = ran(tmp_path).values()
    assert found["status"] == "unknown"
    assert "no-such-tool cannot be started" in found["because"]


@pytest.mark.parametrize("words", [["run", "unit"], ["judge", "unit"]], ids=lambda words: words[0])
def test_a_gate_finds_the_tools_that_fairlead_brings(tmp_path: Path, words: list[str]) -> None:
    app(tmp_path, {"unit": {"run": ["deno", "--version"], "retries": 1}})
    env = os.environ | {"PATH": "/usr/bin:/bin"}
    told = subprocess.run(
        [sys.executable, "-m", "fairlead.cli.main", "gates", *words],
        cwd=tmp_path,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stderr


def test_gates_run_side_by_side_and_the_worst_decides(tmp_path: Path) -> None:
    app(
        tmp_path,
        {"good": {"run": "sleep 1; test 1 -eq 1"}, "bad": {"run": "sleep 1; test 1 -eq 2"}},
    )
    told = say(tmp_path, "run")
    assert told.returncode == 1
    assert "✓  good" in told.stdout
    assert "✗  bad" in told.stdout
    assert "1 passed, 1 failed in 1" in told.stdout


def test_results_are_no_part_of_the_working_tree(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    app(tmp_path, {"good": {"run": ["test", "1"]}})
    ran(tmp_path)
    told = ["git", "-C", str(tmp_path), "status", "--porcelain"]
    seen = subprocess.run(told, capture_output=True, text=True, check=True).stdout
    assert (tmp_path / ".fairlead" / "gates" / "good.log").is_file()
    assert seen.split() == ["??", "fairlead.yaml"]


def test_only_what_comes_before_the_first_deployment_runs_unless_named(tmp_path: Path) -> None:
    gates = {"first": {"run": ["test", "1"]}, "later": {"run": ["test", "1"]}}
    app(tmp_path, gates, before=["first"])
    assert [*ran(tmp_path)] == ["first"]
    assert [*ran(tmp_path, "later")] == ["later"]
    assert [*ran(tmp_path, "--stage", "proof")] == ["later"]
    unknown = say(tmp_path, "run", "lint")
    assert (unknown.returncode, "there are first, later" in unknown.stderr) == (2, True)


@pytest.mark.parametrize(
    ("text", "status", "comes_to", "because"),
    [
        (GOOD, 0, "passed", "1 test passed"),
        (BAD, 1, "failed", "1 of 1 test failed: a › b; the gate's command ended with status 1"),
        (BAD, 0, "failed", "1 of 1 test failed"),
        (GOOD, 1, "failed", "1 test passed; the gate's command ended with status 1"),
        (NONE, 0, "unknown", "the tests are unknown: no test ran"),
        ("<testsuite", 0, "unknown", "cannot be read"),
    ],
)
def test_tests_decide_with_the_status(
    tmp_path: Path, text: str, status: int, comes_to: str, because: str
) -> None:
    command = leaves(tmp_path, "unit.xml", text, status)
    app(tmp_path, {"unit": {"run": command, "junit": ["unit.xml"]}})
    told = ran(tmp_path)["unit"]
    assert (told["status"], because in told["because"]) == (comes_to, True), told["because"]


def test_a_report_that_lay_there_before_is_not_believed(tmp_path: Path) -> None:
    (tmp_path / "unit.xml").write_text(GOOD)
    app(tmp_path, {"unit": {"run": ["test", "1"], "junit": ["unit.xml"]}})
    told = ran(tmp_path)["unit"]
    assert (told["status"], "it left no unit.xml" in told["because"]) == ("unknown", True)


def test_a_report_that_is_a_link_out_of_the_repository_is_not_read(tmp_path: Path) -> None:
    outside = tmp_path / "outside.xml"
    outside.write_text(GOOD)
    folder = tmp_path / "app"
    folder.mkdir()
    app(folder, {"unit": {"run": f"ln -s {outside} unit.xml && test 1", "junit": ["unit.xml"]}})
    told = ran(folder)["unit"]
    assert (told["status"], "no file of its own" in told["because"]) == ("unknown", True)


def test_a_test_that_passes_when_it_is_run_again_is_flaky(tmp_path: Path) -> None:
    for name, text in (("first", BAD), ("second", GOOD)):
        (tmp_path / name).write_text(text)
    script = (
        "set -e; if test -e tried; then cp second unit.xml; "
        "else touch tried; cp first unit.xml; test 1 -eq 2; fi"
    )
    app(tmp_path, {"unit": {"run": script, "junit": ["unit.xml"], "retries": 1}})
    told = say(tmp_path, "judge", "unit")
    assert told.returncode == 0
    assert "flaky: a › b failed, and passed when it was run again" in told.stdout
    assert "slow: a › b took 0.5 s" in told.stdout


@pytest.mark.parametrize(
    ("text", "policy", "comes_to"),
    [
        (sarif("no-eval"), {}, "failed"),
        (sarif("no-eval", level="warning"), {}, "passed"),
        (sarif("no-eval", level="warning"), {"fail_at": "moderate"}, "failed"),
        (sarif(), {}, "passed"),
        (sarif(invocations=[{"executionSuccessful": False}]), {}, "unknown"),
        ("{", {}, "unknown"),
    ],
)
def test_findings_decide_by_their_severity(
    tmp_path: Path, text: str, policy: dict[str, Any], comes_to: str
) -> None:
    command = leaves(tmp_path, "a.sarif", text)
    app(tmp_path, {"lint": {"run": command, "sarif": ["a.sarif"], **policy}})
    assert ran(tmp_path)["lint"]["status"] == comes_to


def test_what_a_tool_suppresses_by_itself_counts_all_the_same(tmp_path: Path) -> None:
    told = json.loads(sarif("no-eval"))
    told["runs"][0]["results"][0]["suppressions"] = [{"kind": "inSource", "status": "accepted"}]
    command = leaves(tmp_path, "a.sarif", json.dumps(told))
    app(tmp_path, {"lint": {"run": command, "sarif": ["a.sarif"]}})
    assert ran(tmp_path)["lint"]["status"] == "failed"


def test_what_the_live_release_has_too_can_be_let_pass(tmp_path: Path) -> None:
    old, new = tmp_path / "old.sarif", tmp_path / "new.sarif"
    gate = {"sarif": ["a.sarif"], "new_only": True}
    app(tmp_path, {"lint": {"run": leaves(tmp_path, "a.sarif", sarif("a")), **gate}})
    assert say(tmp_path, "judge", "lint", "--sarif", str(old)).returncode == 1
    assert say(tmp_path, "judge", "lint", "--before", str(old)).returncode == 0
    leaves(tmp_path, "a.sarif", sarif("a", "b"))
    worse = say(tmp_path, "judge", "lint", "--before", str(old), "--sarif", str(new))
    assert (worse.returncode, "1 new" in worse.stdout) == (1, True)
    (run,) = json.loads(new.read_text())["runs"]
    assert [one["baselineState"] for one in run["results"]] == ["unchanged", "new"]


def test_a_finding_is_explained_and_can_be_left_out_until_a_day(tmp_path: Path) -> None:
    command = leaves(tmp_path, "a.sarif", sarif("no-eval"))
    app(tmp_path, {"lint": {"run": command, "sarif": ["a.sarif"]}})
    ran(tmp_path)
    (result,) = json.loads((tmp_path / ".fairlead/gates/lint.sarif").read_text())["runs"][0][
        "results"
    ]
    (name,) = result["partialFingerprints"].values()
    told = say(tmp_path, "explain", name[:8])
    assert told.returncode == 0
    assert "no-eval, high" in told.stdout
    assert f"finding: {name}" in told.stdout
    entry = {"finding": name, "reason": "generated", "owner": "ana", "until": "2999-01-01"}
    file = tmp_path / "suppressions.yaml"
    file.write_text(json.dumps({"version": 1, "suppressions": [entry]}))
    assert ran(tmp_path)["lint"]["status"] == "passed"
    assert "suppressed: generated (ana, until 2999-01-01)" in say(tmp_path, "explain", name).stdout
    file.write_text(json.dumps({"version": 1, "suppressions": [entry | {"until": "2020-01-01"}]}))
    expired = ran(tmp_path)["lint"]
    assert (expired["status"], "expired on 2020-01-01" in expired["because"]) == ("failed", True)
    file.write_text(json.dumps({"version": 1, "suppressions": [{"finding": name}]}))
    wrong = ran(tmp_path)["lint"]
    assert wrong["status"] == "unknown"
    assert "suppressions.yaml" in wrong["because"]
    stranger = say(tmp_path, "explain", "ffffffff")
    assert (stranger.returncode, "has no finding ffffffff" in stranger.stderr) == (2, True)
    assert say(tmp_path, "explain", "ff").returncode == 2


def test_a_finding_is_explained_with_the_patch_that_would_mend_it(tmp_path: Path) -> None:
    told = json.loads(sarif("old-package"))
    told["runs"][0]["results"][0]["properties"] = {"fix": "-lodash==4.17.20\n+lodash==4.17.21\n"}
    command = leaves(tmp_path, "a.sarif", json.dumps(told))
    app(tmp_path, {"lint": {"run": command, "sarif": ["a.sarif"]}})
    ran(tmp_path)
    kept = json.loads((tmp_path / ".fairlead/gates/lint.sarif").read_text())
    (name,) = kept["runs"][0]["results"][0]["partialFingerprints"].values()
    explained = say(tmp_path, "explain", name).stdout
    assert "This would mend it; nothing was changed:" in explained
    assert [line.strip() for line in explained.splitlines() if "lodash" in line] == [
        "-lodash==4.17.20",
        "+lodash==4.17.21",
    ]


def test_the_packages_of_a_working_tree_are_told_and_what_changed(tmp_path: Path) -> None:
    app(tmp_path, {"lint": {"run": ["test", "1"]}})
    lock = tmp_path / "package-lock.json"
    package = {"version": "1.0.0", "resolved": "https://registry.npmjs.org/a.tgz"}

    def locked(**packages: Any) -> None:
        nodes = {"": {"name": "shop"}} | {f"node_modules/{k}": v for k, v in packages.items()}
        told = {"name": "shop", "lockfileVersion": 3, "packages": nodes}
        lock.write_text(json.dumps(told))

    locked(left=package)
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "first"]):
        who = ["-c", "user.name=ana", "-c", "user.email=ana@example.org"]
        subprocess.run(["git", "-C", str(tmp_path), *who, *words], check=True)
    bill = say(tmp_path, "sbom").stdout
    assert [one["purl"] for one in json.loads(bill)["components"]] == ["pkg:npm/left@1.0.0"]
    assert say(tmp_path, "sbom").stdout == bill
    (tmp_path / "before.json").write_text(bill)
    locked(right=package, left=package | {"version": "1.1.0"})
    told = say(tmp_path, "sbom", "--before", "before.json").stdout
    assert "npm/right" in told
    assert "npm/left 1.0.0 → 1.1.0" in told


def test_functions_are_not_called_where_there_are_none(tmp_path: Path) -> None:
    app(tmp_path, {"first": {"run": ["test", "1"]}, "answers": {"check": "functions"}}, ["first"])
    told = say(tmp_path, "run", "answers")
    assert told.returncode == 2
    assert "functions calls functions, but no component is of kind functions" in told.stderr


def test_source_that_nobody_looked_at_is_unknown_with_the_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(semgrep, "PROGRAM", tmp_path / "nowhere")
    app(tmp_path, {"mistakes": {"check": "code"}})
    told = say(tmp_path, "judge", "mistakes")
    assert told.returncode == Exit.NO_ANSWER
    assert "semgrep is not installed: run `make semgrep`" in told.stdout
