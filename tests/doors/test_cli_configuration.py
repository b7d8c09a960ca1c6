"""What do `check`, `plan` and `schema` tell, without any server?"""

import json
import subprocess
from pathlib import Path

import pytest
from typer.testing import Result

from doors.canned_fairlead import NOBODY_ANSWERS, Answer, canned_fairlead, problem, say

EXAMPLE = Path(__file__).parent.parent.parent / "examples" / "agentic" / "fairlead.yaml"


def tell(home: Path, *words: str) -> Result:
    return say(home, NOBODY_ANSWERS, *words)


def test_the_example_is_sound(tmp_path: Path) -> None:
    result = tell(tmp_path, "check", str(EXAMPLE))
    assert result.exit_code == 0
    assert "is sound: agentic goes through 14 stages" in result.stdout


def test_all_problems_are_told_at_once_each_on_its_own_line(tmp_path: Path) -> None:
    path = tmp_path / "fairlead.yaml"
    path.write_text("version: 2\napp: Shop\nwings: 2\n")
    result = tell(tmp_path, "check", str(path))
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith("refused: ")
    told = result.stderr.splitlines()
    for line, key in ((1, "version"), (2, "app"), (3, "wings")):
        assert any(problem.startswith(f"  {path}:{line}: {key}") for problem in told)


def test_problems_are_told_as_json_too(tmp_path: Path) -> None:
    path = tmp_path / "fairlead.yaml"
    path.write_text("version: 1\n")
    result = tell(tmp_path, "check", str(path), "--json")
    assert result.exit_code == 2
    told = json.loads(result.stdout)
    assert told["ok"] is False
    assert len(told["problems"]) >= 3


def test_a_file_that_is_not_there_or_no_text_is_refused_with_the_remedy(tmp_path: Path) -> None:
    missing = tell(tmp_path, "check", str(tmp_path / "none.yaml"))
    assert missing.exit_code == 2
    assert "there is no" in missing.stderr
    assert tell(tmp_path, "check", str(tmp_path)).exit_code == 2
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    assert "UTF-8" in tell(tmp_path, "check", str(tmp_path / "binary")).stderr


def test_hostile_values_do_not_reach_the_terminal(tmp_path: Path) -> None:
    path = tmp_path / "fairlead.yaml"
    path.write_text('"\\e[31mkey": 1\napp: "\\e]0;owned\\a"\n')
    assert "\x1b" not in tell(tmp_path, "check", str(path)).output


def test_the_plan_tells_every_stage_in_order(tmp_path: Path) -> None:
    result = tell(tmp_path, "plan", "--repo", str(EXAMPLE.parent), "--json")
    told = json.loads(result.stdout)
    assert [stage["index"] for stage in told["stages"]] == list(range(14))
    canary = next(stage for stage in told["stages"] if stage["kind"] == "canary")
    assert canary["does"] == "production: canary 5% → 25% → 50%, each held 5m"
    assert canary["holds"] == "production"
    approval = next(stage for stage in told["stages"] if stage["kind"] == "approve")
    assert approval["does"].startswith("an approver, neither author nor submitter")
    assert approval["holds"] == ""


def test_the_plan_says_where_nobody_applies_migrations(tmp_path: Path) -> None:
    result = tell(tmp_path, "plan", "--repo", str(EXAMPLE.parent))
    assert result.exit_code == 0
    told = " ".join(result.stdout.split())
    assert "nobody applies them in development: name a database" in told


def test_the_plan_tells_the_guardrails(tmp_path: Path) -> None:
    told = tell(tmp_path, "plan", "--repo", str(EXAMPLE.parent)).stdout
    assert (
        "Guard-rail tail: back if p99_ms > 1500 or error_rate > 3 * stable.error_rate + 0.1 for 2 "
        "windows running, of a component with 50 requests or more in each; UNKNOWN holds."
    ) in " ".join(told.split())


def test_the_plan_fits_eighty_columns_and_has_no_trailing_spaces(tmp_path: Path) -> None:
    lines = tell(tmp_path, "plan", "--repo", str(EXAMPLE.parent)).stdout.splitlines()
    assert max(map(len, lines)) <= 80
    assert [line for line in lines if line != line.rstrip()] == []


def test_the_plan_of_a_commit_is_that_of_the_commit(tmp_path: Path) -> None:
    git = ["git", "-C", str(tmp_path), "-c", "user.name=a", "-c", "user.email=a@b.c"]
    subprocess.run([*git, "init", "-q", "-b", "main"], check=True)
    (tmp_path / "fairlead.yaml").write_bytes(EXAMPLE.read_bytes())
    subprocess.run([*git, "add", "."], check=True)
    subprocess.run([*git, "commit", "-q", "-m", "one"], check=True)
    (tmp_path / "fairlead.yaml").write_text("broken: [")
    assert tell(tmp_path, "plan", "--repo", str(tmp_path)).exit_code == 2
    told = tell(tmp_path, "plan", "main", "--repo", str(tmp_path), "--json")
    assert told.exit_code == 0
    assert json.loads(told.stdout)["source"].endswith(":fairlead.yaml")


@pytest.mark.parametrize("ref", ["nowhere", "--upload-pack=x", "HEAD~1"])
def test_a_plan_of_no_commit_is_refused(tmp_path: Path, ref: str) -> None:
    subprocess.run(["git", "-C", str(tmp_path), "init", "-q"], check=True)
    result = tell(tmp_path, "plan", "--repo", str(tmp_path), "--", ref)
    assert result.exit_code == 2
    assert "names no commit" in result.stderr


def test_the_schema_is_json(tmp_path: Path) -> None:
    told = json.loads(tell(tmp_path, "schema").stdout)
    assert told["title"] == "fairlead.yaml"


def test_a_plan_tells_what_was_measured_where_a_server_knows(tmp_path: Path) -> None:
    usual = {"requests": 9000, "requests_per_second": 2.5, "error_rate": 0.03, "phi": 4.1}
    words = ("plan", "--repo", str(EXAMPLE.parent))
    with canned_fairlead() as fairlead:
        told = {"production": usual, "staging": None}
        fairlead.on("GET apps/agentic/traffic", Answer({"environments": told}))
        seen = " ".join(say(tmp_path, fairlead.url, *words).stdout.split())
        data = json.loads(say(tmp_path, fairlead.url, *words, "--json").stdout)
        fairlead.on("GET apps/agentic/traffic", problem(503, "not now"))
        without = say(tmp_path, fairlead.url, *words)
    assert "At 2.5 requests/s and 5%" in seen
    assert "The bad answers arrive in bursts of about 4: proof takes 4 times as long" in seen
    assert "2.5 were measured in the last hour: write what is usual" in seen
    measured = {there["name"]: there["measured"] for there in data["environments"]}
    assert measured["production"] == usual
    assert measured["staging"] is None
    assert without.exit_code == 0
    assert without.stdout == tell(tmp_path, *words).stdout
