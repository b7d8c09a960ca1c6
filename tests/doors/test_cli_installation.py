"""What is told about the installation itself, and what about the command as a whole?"""

import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from doors.canned_fairlead import NOBODY_ANSWERS, say
from fairlead.cli.clock_face import duration, full, short
from fairlead.cli.exits import Exit
from fairlead.cli.installation import exposure, whereabouts
from fairlead.cli.main import app
from fairlead.settings import Settings

INSTALLATION = ("up", "down", "demo")
CONFIGURATION = ("check", "plan", "schema", "gates")
DEPLOYING = ("deploy", "watch", "approve", "reject", "stop", "rollback")
MONITORING = ("metrics", "health")
TELLING = ("status", "history", "logs", "journal", "explain", "analysis", "people")
COMMANDS = (*INSTALLATION, *CONFIGURATION, *DEPLOYING, *TELLING, *MONITORING)


def test_every_command_is_there_and_its_help_runs_nothing(tmp_path: Path) -> None:
    told = say(tmp_path, NOBODY_ANSWERS, "--help").stdout
    for command in COMMANDS:
        assert f"\n  {command} " in told
        help_of = say(tmp_path, NOBODY_ANSWERS, command, "--help")
        assert help_of.exit_code == 0
        assert "Usage: " in help_of.stdout


def test_the_help_waits_for_nothing_that_is_slow_to_load() -> None:
    words = "import sys, fairlead.cli.main; print(*sys.modules)"
    told = subprocess.run([sys.executable, "-c", words], check=True, capture_output=True, text=True)
    assert {"httpx", "pydantic", "psycopg", "rich", "yaml"} & {*told.stdout.split()} == set()


def test_the_help_tells_every_status() -> None:
    told = CliRunner().invoke(app, ["--help"]).stdout
    for code in Exit:
        assert f"\n    {code.value} " in told


def test_the_page_about_the_command_tells_every_command_and_status() -> None:
    told = (Path(__file__).parent.parent.parent / "docs" / "cli.md").read_text("utf-8")
    assert [name for name in COMMANDS if f"| `{name}" not in told] == []
    assert [code for code in Exit if f"| {code.value} |" not in told] == []


def test_a_command_that_is_none_is_a_usage_error(tmp_path: Path) -> None:
    assert say(tmp_path, NOBODY_ANSWERS, "deplo").exit_code == 2


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.2", "::", "deploy.example.org"])
def test_an_address_that_others_reach_is_warned_of(host: str) -> None:
    assert exposure(host).startswith("WARNING")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
def test_loopback_is_not_warned_of(host: str) -> None:
    assert exposure(host) == ""


def test_where_things_are_is_told_with_what_other_commands_need(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FAIRLEAD_HOME", raising=False)
    told = "\n".join(whereabouts(Settings(tmp_path, "127.0.0.1", 9000, "")))
    for seen in (
        "http://127.0.0.1:9000/api/v1",
        "/openapi.json",
        str(tmp_path / "logs"),
        "admin.token",
    ):
        assert seen in told
    assert told.endswith(f"find it with FAIRLEAD_HOME={tmp_path} in their environment.")
    monkeypatch.setenv("FAIRLEAD_HOME", str(tmp_path))
    assert "Other commands" not in "\n".join(whereabouts(Settings(tmp_path, "127.0.0.1", 9000, "")))


def test_a_port_that_is_none_is_refused(tmp_path: Path) -> None:
    env = {"FAIRLEAD_HOME": str(tmp_path), "FAIRLEAD_PORT": "many", "FAIRLEAD_TOKEN": None}
    result = CliRunner(env=env).invoke(app, ["status"])
    assert result.exit_code == 2
    assert "FAIRLEAD_PORT='many' is no port" in result.stderr


def test_options_may_stand_before_and_after_the_command(tmp_path: Path) -> None:
    runner = CliRunner(env={"FAIRLEAD_HOME": str(tmp_path), "FAIRLEAD_TOKEN": None})
    before = runner.invoke(app, ["--url", NOBODY_ANSWERS, "status"])
    after = runner.invoke(app, ["--url", "http://127.0.0.1:2", "status", "--url", NOBODY_ANSWERS])
    assert (before.exit_code, before.stderr) == (after.exit_code, after.stderr) == (4, after.stderr)
    assert NOBODY_ANSWERS in after.stderr


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (-1.0, "0.0 s"),
        (0.34, "0.3 s"),
        (42.4, "42 s"),
        (125.0, "2m 05s"),
        (28799.0, "7h 59m"),
        (273600.0, "3d 4h"),
    ],
)
def test_durations_are_told_as_people_say_them(seconds: float, told: str) -> None:
    assert duration(seconds) == told


def test_moments_are_told_in_utc_wherever_they_were_written() -> None:
    assert full("2026-01-31T13:00:00+01:00") == "2026-01-31 12:00:00 UTC"
    assert short("2026-01-31T12:00:00Z") == "01-31 12:00"
    assert full(None) == short(None) == "–"
