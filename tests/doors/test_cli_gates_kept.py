"""Do gates on a working tree stay within bounds, and do no harm to who runs them?"""

import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from doors.test_cli_gates import app, leaves, ran, sarif, say
from fairlead.providers.commands.command import KEPT_BYTES, LAST_BYTES
from providers.commands_stand import alive
from providers.test_commands_room import BOMB


def test_a_gate_over_its_time_ends_with_everything_it_started(tmp_path: Path) -> None:
    app(
        tmp_path,
        {
            "slow": {
                "run": ["sh", "-c", "set -e; sleep 4731.5 & sleep 4731.5; test 1"],
                "timeout": "1s",
            }
        },
    )
    told = ran(tmp_path)["slow"]
    assert (told["status"], "longer than its limit of 1 s" in told["because"]) == ("failed", True)
    assert subprocess.run(["pgrep", "-f", "sleep 4731.5"], check=False).returncode == 1


def test_a_gate_that_floods_its_log_is_heard_to_its_end_and_keeps_little(tmp_path: Path) -> None:
    flood = "set -e; yes 'no end of it' | head -c 60000000; echo 'that was all'; test 1"
    app(tmp_path, {"loud": {"run": flood}})
    assert ran(tmp_path)["loud"]["status"] == "passed"
    log = tmp_path / ".fairlead" / "gates" / "loud.log"
    text = log.read_bytes()
    assert KEPT_BYTES < len(text) < KEPT_BYTES + LAST_BYTES + 100
    assert b"bytes of output were not kept]" in text
    assert text.endswith(b"that was all\n")


def test_what_a_gate_leaves_behind_in_a_session_of_its_own_is_ended_and_not_waited_for(
    tmp_path: Path,
) -> None:
    away = "setsid sh -c 'touch away; sleep 4731.6' & until test -e away; do sleep 0.05; done"
    app(tmp_path, {"left": {"run": f"set -e; {away}; test 1"}})
    told = ran(tmp_path)["left"]
    assert (told["status"], told["took_s"] < 10) == ("passed", True)
    assert alive("4731.6") == []


def test_a_gate_that_takes_the_machine_from_others_fails_with_its_reason(tmp_path: Path) -> None:
    bomb = f"set -e; {BOMB}; test 1".replace("4711.9", "4731.4")
    app(tmp_path, {"plain": {"run": bomb}, "tests": {"run": bomb, "junit": ["unit.xml"]}})
    told = ran(tmp_path)
    assert {one["status"] for one in told.values()} == {"failed"}
    why = "was ended: it ran more than 500 processes at once"
    assert {one["because"] for one in told.values()} == {why}
    assert alive("4731.4") == []


def test_who_has_had_enough_waits_for_no_gate(tmp_path: Path) -> None:
    slow = "set -e; touch {0}; sleep 4731.3; test 1"
    gates = {"plain": {"run": slow.format("one")}, "tests": {"run": slow.format("two")}}
    app(tmp_path, gates | {"tests": gates["tests"] | {"retries": 1}})
    words = [sys.executable, "-m", "fairlead.cli.main", "gates", "run"]
    with subprocess.Popen(words, cwd=tmp_path) as running:
        give_up = time.monotonic() + 20
        while not ((tmp_path / "one").exists() and (tmp_path / "two").exists()):
            assert time.monotonic() < give_up
            time.sleep(0.05)
        running.send_signal(signal.SIGINT)
        assert running.wait(10) == 130
    assert alive("4731.3") == []


def test_results_go_nowhere_else_whatever_links_a_repository_holds(tmp_path: Path) -> None:
    precious, folder = tmp_path / "precious", tmp_path / "app"
    precious.write_text("mine")
    results = folder / ".fairlead" / "gates"
    results.mkdir(parents=True)
    command = leaves(folder, "a.sarif", sarif("no-eval"))
    app(folder, {"lint": {"run": command, "sarif": ["a.sarif"]}})
    for name in ("lint.log", "lint.json", "lint.sarif", "lint.draft", "../.gitignore", "gone.log"):
        (results / name).symlink_to(precious)
    assert ran(folder)["lint"]["status"] == "failed"
    assert precious.read_text() == "mine"
    assert [path.name for path in folder.rglob("*") if path.is_symlink()] == []
    shutil.rmtree(folder / ".fairlead")
    (folder / ".fairlead").symlink_to(tmp_path / "elsewhere")
    told = say(folder, "run")
    assert (told.returncode, ".fairlead is a link" in told.stderr) == (2, True)
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "[]",
        '{"runs": null}',
        '{"runs": [{}]}',
        '{"runs": [{"results": [{}]}]}',
        '{"runs": [{"results": [{"partialFingerprints": {"a": "abcdef12"}}], "tool": {}}]}',
        "[" * 100_000,
    ],
    ids=lambda text: text[:40],
)
def test_what_was_not_left_by_a_run_of_gates_is_explained_to_nobody(
    tmp_path: Path, text: str
) -> None:
    app(tmp_path, {"lint": {"run": ["test", "1"]}})
    (tmp_path / ".fairlead" / "gates").mkdir(parents=True)
    (tmp_path / ".fairlead" / "gates" / "lint.sarif").write_text(text)
    told = say(tmp_path, "explain", "abcdef12")
    assert (told.returncode, "remove it and run the gates again" in told.stderr) == (2, True)
    ran(tmp_path)
    assert "has no finding abcdef12" in say(tmp_path, "explain", "abcdef12").stderr
