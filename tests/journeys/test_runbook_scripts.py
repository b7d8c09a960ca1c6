"""Do the runbook's own scripts do what they are for, with our address in the place of Supabase's?

They lie in `runbook/` word for word. Replaced are the address and, where a function asks for one,
the token, as a header from a file. `sleep`, the commands that deploy, and those that look for
vulnerabilities stand aside: they are not what is tried here.
"""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from journeys.app import BREAKS_LATER, SCORE, App
from journeys.configurations import at_once
from journeys.stand import Stand, until
from journeys.users import users_of
from webhook_stand import Receiver

SCRIPTS = Path(__file__).parent / "runbook"
NEEDED = ("bash", "curl", "jq", "bc")
ASIDE = ("sleep", "swa", "supabase", "npm", "az", "semgrep", "gitleaks")
THEIRS = re.compile(
    r'("?)(?:https://etretluugvclmydzlfte\.supabase\.co|http://localhost:54321)'
    r'(/functions/v1/(?P<function>[\w$-]+))("?)'
)
MISSING = [name for name in NEEDED if shutil.which(name) is None]
RATE, SECONDS = 30, 10
pytestmark = pytest.mark.skipif(
    bool(MISSING), reason=f"this machine has no {', '.join(MISSING)}, which the scripts need"
)


def in_production(app: str, ports: list[int]) -> dict[str, Any]:
    """Return an app whose only place is called as the runbook calls it."""
    told = at_once(app, ports, watch={"unhealthy": "tell"})
    place = told["environments"].pop("live") | {"production": False}
    told["environments"]["production"] = place
    return told | {"pipeline": [{"stage": "deployment", "deploy": "production"}]}


@dataclass(frozen=True, slots=True)
class Runbook:
    """An app that is live in production, and a place to run the scripts about it."""

    stand: Stand
    app: App
    folder: Path
    slack: Receiver

    def run(self, name: str, *words: str, typed: str = "", open_only: str = "") -> str:
        """Run a script to its end; return what it printed. It must end well.

        Functions called as `open_only` are asked without a token.
        """
        address = f"{self.stand.settings.url}/apps/{self.app.name}"
        token = f"-H @{self.folder}/token"

        def ours(found: re.Match[str]) -> str:
            header = "" if found["function"] == open_only else f" {token}"
            return f"{found[1]}{address}{found[2]}{found[4]}{header}"

        script = THEIRS.sub(ours, (SCRIPTS / f"{name}.sh").read_text("utf-8"))
        assert "supabase.co" not in script
        self.slack.got.clear()
        done = subprocess.run(
            ["bash", "-c", script, name, *words],
            cwd=self.folder,
            env=self._environment(),
            input=typed,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def _environment(self) -> dict[str, str]:
        hooks = {"SLACK_WEBHOOK_URL": self.slack.url, "SLACK_EMERGENCY_WEBHOOK": self.slack.url}
        production = {"PROD_SUPABASE_URL": "x", "PROD_SUPABASE_ANON_KEY": "x"}
        return {"PATH": f"{self.folder}/aside:{os.environ['PATH']}"} | hooks | production

    def said(self) -> list[str]:
        """Return the text of every message that the script before told."""
        return [json.loads(got.body)["text"] for got in self.slack.got]

    def measured(self) -> bool:
        """Tell whether it has been for so long that a late second makes nothing unknown."""
        told = self.asked("production-monitoring", action="performance_metrics", time_window="5m")
        return told["avg_response_time"] is not None and told["samples"] >= SECONDS * RATE

    def asked(self, function: str, **body: Any) -> dict[str, Any]:
        """Return what a function tells."""
        path = f"{self.stand.settings.url}/apps/{self.app.name}/functions/v1/{function}"
        answer = self.stand.vic.api.post(path, json=body)
        assert answer.status_code == 200, answer.text
        return dict(answer.json()["result"])


@pytest.fixture(scope="module")
def runbook(stand: Stand, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runbook]:
    folder = tmp_path_factory.mktemp("runbook")
    for name in ASIDE:
        command = folder / "aside" / name
        command.parent.mkdir(exist_ok=True)
        command.write_text("#!/bin/sh\nexec /bin/sleep 0.1\n")
        command.chmod(0o755)
    back = folder / ".azure/scripts/rollback-scripts.ps1"
    back.parent.mkdir(parents=True)
    back.write_text('#!/bin/sh\necho "$@" > went-back\n')
    back.chmod(0o755)
    (folder / "token").write_text(f"Authorization: Bearer {stand.ana.token}\n")
    app = stand.app("scripted", in_production)
    app.commit("good", code=BREAKS_LATER)
    assert stand.ship(app)["status"] == "succeeded"
    with Receiver() as slack, users_of(app, "production", rate=RATE):
        there = Runbook(stand, app, folder, slack)
        until(there.measured, "it is measured")
        yield there


NUMBER = r"\d+(\.\d+)?(e-\d+)?"


def test_the_quality_gates_find_the_four_functions(runbook: Runbook) -> None:
    assert "All pre-deployment validations passed" in runbook.run("automated-quality-gates")


def test_the_production_script_reads_numbers_and_comes_to_its_end(runbook: Runbook) -> None:
    told = runbook.run("production-environment")
    lines = re.findall(r"Canary metrics - .*", told)
    good = re.compile(rf"Canary metrics - Error Rate: 0%, Response Time: {NUMBER}ms")
    assert len(lines) == 10
    assert [line for line in lines if not good.fullmatch(line)] == []
    for function in ("gdpr-compliance", "database-scalability", "error-tracking"):
        assert f"{function} validated successfully" in told
    begins = [found.start() for found in re.finditer(r'\{"success"', told)]
    answers = [json.JSONDecoder().raw_decode(told, at)[0] for at in begins]
    assert [answer["success"] for answer in answers] == [True] * 3
    status, report, compliance = (answer["result"] for answer in answers)
    assert status["status"] == "healthy"
    assert report["total"]["avg_response_time"] > 0
    assert compliance["report_type"] == "post_deployment"
    assert runbook.said() == ["🚀 Production deployment successful"]
    log = Path(re.findall(r"log saved to: (\S+)", told)[0])
    log.unlink()
    log.with_name(log.name.replace("production-deployment", "prod-backup")[:-3] + "sql").unlink()


def test_the_performance_tracking_reads_numbers(runbook: Runbook) -> None:
    told = runbook.run("deployment-performance-tracking", "2", "1")
    line = re.compile(rf"\[.*\] Response: {NUMBER}ms \| Error: 0% \| RPS: {NUMBER}")
    lines = [one for one in told.splitlines() if one.startswith("[")]
    assert lines
    assert all(line.fullmatch(one) for one in lines)
    assert all("RPS: 0" not in one or "RPS: 0." in one for one in lines)
    assert "No performance degradation detected" in told


def test_the_security_pipeline_finds_every_function_but_one_closed(runbook: Runbook) -> None:
    told = runbook.run("security-validation-pipeline", open_only="$func")
    assert told.count("Testing ") == 4
    assert "may be missing authentication" not in told
    assert '"report_type": "deployment"' in told


def test_notifications_are_on_record_and_the_compliance_report_counts_them(
    runbook: Runbook,
) -> None:
    for status, text in (
        ("started", "🚀 Deployment started"),
        ("success", "✅ Deployment successful"),
    ):
        told = runbook.run("deployment-notifications", "production", status, "20261129_120000")
        assert '"recorded": true' in told
        assert runbook.said() == [text]
    told = runbook.run("compliance-reporting")
    report = Path(re.findall(r"Compliance report generated: (\S+)", told)[0])
    text = report.read_text("utf-8")
    report.unlink()
    assert "### Production Deployments: 2\n" in text
    assert "### Rollbacks: 0\n" in text
    assert "### Success Rate: 100%\n" in text
    assert re.search(rf"### Average Deployment Time: {NUMBER} minutes", text)


def test_a_manual_rollback_is_tracked_with_its_reason(runbook: Runbook) -> None:
    told = runbook.run("manual-rollback-procedures", "previous", "prices are wrong", typed="yes\n")
    assert "Rollback successful - System healthy" in told
    assert runbook.said() == ["⏪ Manual rollback completed successfully"]
    (error,) = runbook.asked("error-tracking", action="list_errors")["errors"]
    assert (error["title"], error["severity"]) == ("Manual rollback executed", "warning")
    assert error["component"] == "deployment"


def test_the_rollback_triggers_send_a_failing_release_back_and_no_other(runbook: Runbook) -> None:
    runbook.app.ask("production", path=f"{SCORE}?break")
    told = runbook.run("automated-rollback-triggers")
    first, last = told.index("Current metrics"), told.index("Automatic rollback triggered!")
    assert first < last
    assert re.search(
        rf"Error Rate: {NUMBER}%, Response Time: {NUMBER}ms, Health Score: {NUMBER}%", told
    )
    assert "threshold exceeded" in told
    went = (runbook.folder / "went-back").read_text("utf-8")
    assert went == "-Environment production -RollbackTarget previous-stable\n"
    assert runbook.said() == ["🚨 Automatic rollback executed"]
