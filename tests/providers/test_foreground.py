"""Does what runs while somebody waits end as a job does, and never stay behind?"""

import contextlib
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from fairlead.providers.commands import command as commands
from fairlead.providers.commands import foreground, living
from fairlead.providers.commands.foreground import Ended, Foreground, branch, command
from providers.commands_stand import alive
from providers.test_commands_room import BOMB

STARTS = {
    "command": lambda script: command(["sh", "-c", script], os.environ),
    "branch": lambda script: branch(lambda: os.waitstatus_to_exitcode(os.system(script))),
}
both = pytest.mark.parametrize("kind", STARTS)


def says(status: int) -> int:
    print("from the branch", flush=True)
    os.write(2, b"and past Python\n")
    return status


def breaks() -> int:
    raise ValueError("something broke")


def is_there(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def gone(pid: int) -> bool:
    give_up = time.monotonic() + 10
    while is_there(pid) and time.monotonic() < give_up:
        time.sleep(0.01)
    return not is_there(pid)


def number(file: Path) -> int:
    give_up = time.monotonic() + 10
    while time.monotonic() < give_up:
        with contextlib.suppress(OSError, ValueError):
            return int(file.read_text())
        time.sleep(0.01)
    raise AssertionError(f"nobody wrote a number into {file}")


def test_one_that_a_list_of_processes_missed_is_ended_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    missed = iter(range(3))
    monkeypatch.setattr(
        commands, "processes", lambda: living.processes() if next(missed, None) is None else {}
    )
    script = f"setsid sleep 60 & echo $! > {tmp_path}/child; exit 0"
    assert (
        Foreground(command(["sh", "-c", script], os.environ), 10, tmp_path / "log").wait()[0] == 0
    )
    assert not is_there(number(tmp_path / "child"))


def test_who_lost_its_parent_while_processes_are_listed_is_seen_with_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reads: list[int] = []
    real = living.process

    def process(pid: int) -> living.Seen | None:
        reads.append(pid)
        seen = real(pid)
        lost = seen is not None and pid == os.getpid() and reads.count(pid) == 1
        return seen._replace(parent=2**22 + 1) if seen and lost else seen

    monkeypatch.setattr(living, "process", process)
    assert living.processes()[os.getpid()].parent == os.getppid()


@pytest.mark.parametrize("status", [0, 3])
def test_its_status_and_all_that_it_says_are_told(tmp_path: Path, status: int) -> None:
    log = tmp_path / "log"
    ended = Foreground(branch(lambda: says(status)), 10, log).wait()
    assert ended.status == status
    assert ended.because.startswith(f"ended with status {status} after ")
    assert log.read_text() == "from the branch\nand past Python\n"


def test_what_breaks_in_it_is_no_success_and_says_why(tmp_path: Path) -> None:
    log = tmp_path / "log"
    assert Foreground(branch(breaks), 10, log).wait().status == 1
    assert "ValueError: something broke" in log.read_text()


@both
def test_what_takes_too_long_ends_with_all_that_it_started(tmp_path: Path, kind: str) -> None:
    child = tmp_path / "child"
    script = f"setsid sleep 60 & echo $! > {child}; sleep 60"
    ended = Foreground(STARTS[kind](script), 1, tmp_path / "log").wait()
    assert ended == Ended(None, "was ended: it took longer than its limit of 1 s")
    assert gone(number(child))


@both
def test_what_takes_the_machine_from_others_ends(tmp_path: Path, kind: str) -> None:
    bomb = BOMB.replace("4711.9", "4741.8")
    ended = Foreground(STARTS[kind](bomb), 60, tmp_path / "log").wait()
    assert ended == Ended(None, "was ended: it ran more than 500 processes at once")
    assert alive("4741.8") == []


def test_what_it_leaves_behind_goes_whatever_session_it_is_in(tmp_path: Path) -> None:
    child = tmp_path / "child"
    script = f"setsid sh -c 'echo $$ > {child}; exec sleep 60' & until test -s {child}; do :; done"
    ended = Foreground(STARTS["command"](script), 20, tmp_path / "log").wait()
    assert ended.status == 0
    assert gone(number(child))


def test_it_does_nothing_before_it_begins_and_goes_with_who_made_it(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    made = (
        "import os, pathlib\n"
        "from fairlead.providers.commands.foreground import Foreground, branch\n"
        f"mark = pathlib.Path({str(mark)!r})\n"
        "two = [Foreground(branch(mark.touch), 10, mark.with_name('log')) for _ in range(2)]\n"
        "print(*(one._process.pid for one in two), flush=True); os._exit(9)"
    )
    told = subprocess.run([sys.executable, "-c", made], stdout=subprocess.PIPE, check=False)
    assert told.returncode == 9
    assert all(gone(int(pid)) for pid in told.stdout.split())
    assert not mark.exists()


def test_it_ends_when_who_waits_is_killed(tmp_path: Path) -> None:
    child = tmp_path / "child"
    made = (
        "import os, pathlib\n"
        "from fairlead.providers.commands.foreground import Foreground, command\n"
        f"script = 'echo $$ > {child}; exec sleep 60'\n"
        f"log = pathlib.Path({str(tmp_path / 'log')!r})\n"
        "Foreground(command(['sh', '-c', script], os.environ), 60, log).wait()"
    )
    with subprocess.Popen([sys.executable, "-c", made]) as waiting:
        pid = number(child)
        waiting.kill()
    assert gone(pid)


def test_it_ends_when_it_is_stopped(tmp_path: Path) -> None:
    child = tmp_path / "child"
    script = f"echo $$ > {child}; exec sleep 60"
    running = Foreground(STARTS["command"](script), 60, tmp_path / "log")
    told: list[Ended] = []
    waits = threading.Thread(target=lambda: told.append(running.wait()))
    waits.start()
    pid = number(child)
    running.stop()
    waits.join(10)
    assert gone(pid)
    assert [one.status for one in told] == [None]


@pytest.mark.parametrize("log", ["log", "no/log"])
def test_what_cannot_begin_says_why_and_leaves_nothing(tmp_path: Path, log: str) -> None:
    words = ["no-such-tool"] if log == "log" else ["sleep", "4741.7"]
    ended = Foreground(command(words, os.environ), 10, tmp_path / log).wait()
    why = "'no-such-tool' is not on this machine" if log == "log" else "No such file or directory"
    assert (ended.status, why in ended.because) == (None, True), ended.because
    assert alive("4741.7") == []


@both
def test_who_stops_its_keeper_is_ended_all_the_same(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(foreground, "ENDING_S", 0.5)
    above = "$PPID" if kind == "command" else "$(ps -o ppid= -p $PPID)"
    script = f"kill -STOP {above}; exec sleep 4741.2"
    ended = Foreground(STARTS[kind](script), 1, tmp_path / "log").wait()
    assert ended == Ended(None, "was ended together with what kept it")
    assert alive("4741.2") == []
