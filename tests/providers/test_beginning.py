"""Does work of ours in a branch end as a command does, and never stay behind?"""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from fairlead.providers.commands import foreground
from fairlead.providers.commands.beginning import Branch, Command


def says(status: int) -> int:
    print("from the branch", flush=True)
    os.write(2, b"and past Python\n")
    return status


def waits(pid_file: Path) -> int:
    pid_file.write_text(str(subprocess.Popen(["sleep", "60"]).pid))
    time.sleep(60)
    return 0


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


@pytest.mark.parametrize("status", [0, 3])
def test_its_status_and_all_that_it_says_are_told(tmp_path: Path, status: int) -> None:
    log = tmp_path / "log"
    branch = Branch(lambda: says(status))
    assert foreground.run(branch.begin(), 10, log) == status
    assert log.read_text() == "from the branch\nand past Python\n"


def test_what_breaks_in_it_is_no_success_and_says_why(tmp_path: Path) -> None:
    log = tmp_path / "log"
    assert foreground.run(Branch(breaks).begin(), 10, log) == 1
    assert "ValueError: something broke" in log.read_text()


def test_what_takes_too_long_ends_with_all_that_it_started(tmp_path: Path) -> None:
    child = tmp_path / "child"
    branch = Branch(lambda: waits(child))
    assert foreground.run(branch.begin(), 1, tmp_path / "log") is None
    assert gone(branch.pid)
    assert gone(int(child.read_text()))


def test_it_does_nothing_before_it_begins_and_goes_with_who_made_it(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    made = (
        "import os, pathlib; from fairlead.providers.commands.beginning import Branch\n"
        f"one, two = (Branch(pathlib.Path({str(mark)!r}).touch) for _ in range(2))\n"
        "print(one.pid, two.pid, flush=True); os._exit(9)"
    )
    told = subprocess.run([sys.executable, "-c", made], stdout=subprocess.PIPE, check=False)
    assert told.returncode == 9
    assert all(gone(int(pid)) for pid in told.stdout.split())
    assert not mark.exists()


def test_without_room_for_a_log_nothing_stays_behind(tmp_path: Path) -> None:
    process = Command(["sleep", "60"], os.environ)
    with pytest.raises(FileNotFoundError):
        foreground.run(process, 10, tmp_path / "no" / "log")
    assert gone(process.pid)
