"""Can a command take the machine away from everybody else?"""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from fairlead.gates.job import JobEnd
from fairlead.providers.commands import room
from fairlead.providers.commands.room import Room
from fairlead.providers.commands.runner import ProcessRunner
from providers.commands_stand import alive, ended, shell

# Like a fork bomb, but one that ends by itself at 8,191 processes.
BOMB = "b() { [ $1 -gt 0 ] && { b $(($1-1)) & b $(($1-1)) & }; sleep 4711.9; }; b 12"


def test_a_fork_bomb_is_ended_with_everything_it_started(tmp_path: Path) -> None:
    runner = ProcessRunner(tmp_path / "jobs")
    result = ended(runner, shell(BOMB, tmp_path, 60))
    assert (result.end, result.passed) == (JobEnd.OVERRUN, False)
    assert result.because == "was ended: it ran more than 500 processes at once"
    assert alive("4711.9") == []
    assert result.took_s < 30
    assert ended(runner, shell("echo fine # afterwards", tmp_path, 60)).passed


def test_many_processes_one_after_the_other_are_fine(tmp_path: Path) -> None:
    runner = ProcessRunner(tmp_path / "jobs")
    script = "i=0; while [ $i -lt 1500 ]; do /bin/true; i=$((i+1)); done"
    assert ended(runner, shell(script, tmp_path, 60)).passed


@pytest.mark.parametrize("megabytes", [1, 300])
def test_who_holds_the_memory_that_is_short_has_to_go(
    monkeypatch: pytest.MonkeyPatch, megabytes: int
) -> None:
    total, _ = room._memory()
    monkeypatch.setattr(room, "LEAST_LEFT", 1.0)
    monkeypatch.setattr(room, "MOST_HELD", 150 * 1024 / total)
    script = f"held = bytearray({megabytes} << 20); print(len(held), flush=True); input()"
    words = [sys.executable, "-c", script]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        child.stdout.readline()
        told = Room().overrun()
        child.kill()
    assert ("almost none left" in told) == (megabytes == 300)


def test_it_looks_now_and_then_only() -> None:
    looking = Room()
    began = time.monotonic()
    for _ in range(1000):
        assert looking.overrun() == ""
    assert time.monotonic() - began < 1
