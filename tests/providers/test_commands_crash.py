"""Does a job survive the death of whoever started it, and end once whatever dies?"""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from fairlead.errors import Temporary
from fairlead.gates.job import Job, JobEnd, JobResult
from fairlead.providers.commands import late
from fairlead.providers.commands import runner as runners
from fairlead.providers.commands.living import processes
from fairlead.providers.commands.runner import ProcessRunner
from providers.commands_stand import alive

PATH = "/usr/local/bin:/usr/bin:/bin"


@pytest.fixture
def runner(tmp_path: Path) -> ProcessRunner:
    return ProcessRunner(tmp_path / "jobs")


def shell(script: str, folder: Path) -> Job:
    return Job("crash", ("sh", "-c", script), folder, 20.0, {"PATH": PATH})


def until_file(path: Path) -> None:
    give_up = time.monotonic() + 10
    while not path.exists() and time.monotonic() < give_up:
        time.sleep(0.005)
    assert path.exists()


def carry_on(runner: ProcessRunner, job: Job) -> JobResult:
    """Ask turn by turn, as the pipeline does: a keeper that dies right now still holds its lock."""
    for _ in range(10):
        runner.start(job)
        runner.wait((job.id,), 2)
        if (result := runner.result(job.id)) is not None:
            return result
    raise AssertionError("the job never ended")


def leader(runner: ProcessRunner, job: Job) -> int:
    note = runner.log(job.id).with_name("command.json")
    until_file(note)
    return int(json.loads(note.read_text())["pid"])


def keeper(runner: ProcessRunner, job: Job) -> int:
    stat = Path(f"/proc/{leader(runner, job)}/stat").read_text()
    return int(stat.rpartition(")")[2].split()[1])


def gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def until_gone(pid: int) -> None:
    give_up = time.monotonic() + 10
    while not gone(pid) and time.monotonic() < give_up:
        time.sleep(0.005)
    assert gone(pid)


def test_a_killed_controller_loses_nothing(runner: ProcessRunner, tmp_path: Path) -> None:
    job = shell("echo ran >> effect; until [ -e go ]; do sleep 0.01; done", tmp_path)
    code = (
        "import os, signal, sys; from pathlib import Path\n"
        "from fairlead.gates.job import Job\n"
        "from fairlead.providers.commands.runner import ProcessRunner\n"
        "home, job = Path(sys.argv[1]), eval(sys.argv[2], {'Job': Job, 'PosixPath': Path})\n"
        "ProcessRunner(home).start(job); os.killpg(os.getpid(), signal.SIGKILL)\n"
    )
    argv = [sys.executable, "-c", code, str(runner.folder), repr(job)]
    died = subprocess.run(argv, start_new_session=True, timeout=20, check=False)
    assert died.returncode == -signal.SIGKILL
    until_file(tmp_path / "effect")
    runner.start(job)
    (tmp_path / "go").touch()
    runner.wait((job.id,), 10)
    result = runner.result(job.id)
    assert result is not None
    assert result.passed
    assert (tmp_path / "effect").read_text() == "ran\n"


def test_a_killed_keeper_gives_no_result_and_the_job_is_started_anew(
    runner: ProcessRunner, tmp_path: Path
) -> None:
    job = shell("echo ran >> effect; sleep 30 & [ -e go ] || wait", tmp_path)
    runner.start(job)
    until_file(tmp_path / "effect")
    first = leader(runner, job)
    os.kill(keeper(runner, job), signal.SIGKILL)
    began = time.monotonic()
    runner.wait((job.id,), 10)
    assert time.monotonic() - began < 3
    assert runner.result(job.id) is None
    (tmp_path / "go").touch()
    assert carry_on(runner, job).passed
    assert gone(first)
    assert (tmp_path / "effect").read_text() == "ran\nran\n"


def test_what_a_dead_keeper_left_is_gone_before_the_job_runs_again(
    runner: ProcessRunner, tmp_path: Path
) -> None:
    again = (
        "[ -e left ] && { grep -Eqs '^State:.[RSD]' /proc/$(cat left)/status && exit 9; exit 0; }"
    )
    script = "sleep 60 & echo $! > left; touch up; kill -9 $PPID; exit 0"
    job = shell(f"{again}; {script}", tmp_path)
    runner.start(job)
    until_file(tmp_path / "up")
    until_gone(leader(runner, job))
    assert not gone(int((tmp_path / "left").read_text()))
    assert carry_on(runner, job).status == 0


def test_a_command_that_kills_its_keeper_is_not_started_for_ever(
    runner: ProcessRunner, tmp_path: Path
) -> None:
    job = shell("echo ran >> effect; kill -9 $PPID; sleep 30", tmp_path)
    for _ in range(20):
        runner.start(job)
        runner.wait((job.id,), 0.05)
        if (result := runner.result(job.id)) is not None:
            break
    assert result is not None
    assert result.end is JobEnd.NOT_STARTED
    assert "keeper was killed 5 times" in result.because
    assert (tmp_path / "effect").read_text().count("ran") == 5


def test_a_command_that_stops_its_keeper_is_ended_when_its_time_is_over(
    runner: ProcessRunner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(late, "ENDING_S", 0.5)
    words = ("sh", "-c", "kill -STOP $PPID; exec sleep 4712.4")
    job = Job("crash", words, tmp_path, 1.0, {"PATH": PATH})
    result = carry_on(runner, job)
    assert (result.end, result.passed) == (JobEnd.STOPPED, False)
    told = "was ended: it took longer than its limit of 1 s, and stopped its keeper"
    assert result.because == told
    assert alive("4712.4") == []


def test_a_job_whose_keeper_is_long_gone_runs_anew_as_after_a_down(
    runner: ProcessRunner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(late, "ENDING_S", 0.0)
    script = f"test -f {tmp_path}/again || exec sleep 4712.6"
    job = Job("crash", ("sh", "-c", script), tmp_path, 1.0, {"PATH": PATH})
    runner.start(job)
    os.kill(keeper(runner, job), signal.SIGKILL)
    time.sleep(1.2)
    (tmp_path / "again").touch()
    result = carry_on(runner, job)
    assert (result.end, result.passed) == (JobEnd.EXITED, True)
    assert alive("4712.6") == []


def test_a_command_that_stopped_its_keeper_can_be_stopped(
    runner: ProcessRunner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runners, "STOP_S", 1.0)
    job = shell(f"kill -STOP $PPID; touch {tmp_path}/done; exec sleep 4712.5", tmp_path)
    runner.start(job)
    until_file(tmp_path / "done")
    with pytest.raises(Temporary, match="has not ended 1 s after it was told to stop: ask again"):
        runner.stop(job.id)
    monkeypatch.undo()
    runner.stop(job.id)
    result = runner.result(job.id)
    assert result is not None
    assert result.because == "was stopped, and its keeper did not answer any more"
    assert alive("4712.5") == []


def test_stop_ends_what_a_dead_keeper_left(runner: ProcessRunner, tmp_path: Path) -> None:
    job = shell("touch up; sleep 60", tmp_path)
    runner.start(job)
    until_file(tmp_path / "up")
    pid = leader(runner, job)
    os.kill(keeper(runner, job), signal.SIGKILL)
    runner.stop(job.id)
    result = runner.result(job.id)
    assert result is not None
    assert result.end is JobEnd.STOPPED
    assert gone(pid)


def test_a_machine_that_goes_down_leaves_no_result(runner: ProcessRunner, tmp_path: Path) -> None:
    job = shell("touch up; sleep 60", tmp_path)
    runner.start(job)
    until_file(tmp_path / "up")
    pid, its_keeper = leader(runner, job), keeper(runner, job)
    os.kill(its_keeper, signal.SIGTERM)
    until_gone(its_keeper)
    assert gone(pid)
    assert runner.result(job.id) is None


@pytest.mark.parametrize("boot", ["this one", "another"])
def test_the_number_of_another_process_is_left_alone(
    runner: ProcessRunner, tmp_path: Path, boot: str
) -> None:
    this = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    job = shell("true", tmp_path)
    home = runner.log(job.id).parent
    home.mkdir(parents=True)
    with subprocess.Popen(["sleep", "60"], start_new_session=True) as bystander:
        stat = Path(f"/proc/{bystander.pid}/stat").read_text().rpartition(")")[2].split()
        told = {"pid": bystander.pid, "boot": boot, "started": int(stat[19])}
        if boot == "this one":
            told |= {"boot": this, "started": 1}
        (home / "command.json").write_text(json.dumps(told))
        runner.start(job)
        runner.wait((job.id,), 10)
        left_alone = bystander.poll() is None
        bystander.kill()
    assert left_alone
    assert runner.result(job.id) is not None


@pytest.mark.parametrize("damage", ["", "{}", "null\n", '{"end": "exited", "status": 0}\n', "\xff"])
def test_a_damaged_result_is_never_a_pass(
    runner: ProcessRunner, tmp_path: Path, damage: str
) -> None:
    job = shell("exit 1", tmp_path)
    runner.start(job)
    runner.wait((job.id,), 10)
    record = runner.log(job.id).with_name("result.json")
    record.write_text(damage, encoding="latin-1")
    result = runner.result(job.id)
    assert result is not None
    assert not result.passed
    assert "damaged" in result.because


def test_one_changed_digit_in_a_result_is_found(runner: ProcessRunner, tmp_path: Path) -> None:
    job = shell("exit 1", tmp_path)
    runner.start(job)
    runner.wait((job.id,), 10)
    record = runner.log(job.id).with_name("result.json")
    record.write_text(record.read_text().replace('"status": 1', '"status": 0'))
    result = runner.result(job.id)
    assert result is not None
    assert not result.passed


def test_a_full_disk_under_the_log_does_not_lose_the_end(
    runner: ProcessRunner, tmp_path: Path
) -> None:
    """The file size limit stands for a full disk: the keeper's writes beyond 64 KiB fail."""
    code = (
        "import resource, sys; from pathlib import Path\n"
        "from fairlead.gates.job import Job\n"
        "from fairlead.providers.commands.runner import ProcessRunner\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (65536, 65536))\n"
        "r = ProcessRunner(Path(sys.argv[1])); argv = ('sh', '-c', 'head -c 999999 /dev/zero')\n"
        "r.start(Job('full', argv, Path('/'), 10, {'PATH': sys.argv[2]})); r.wait(('full',), 10)\n"
    )
    subprocess.run([sys.executable, "-c", code, str(runner.folder), PATH], timeout=20, check=True)
    result = runner.result("full")
    assert result is not None
    assert result.passed
    assert runner.log("full").stat().st_size == 65536


def test_an_end_that_was_seen_is_never_run_again(runner: ProcessRunner, tmp_path: Path) -> None:
    """The keeper dies while it still ends what the command left behind."""
    stays = "(trap '' TERM; echo $$ > left; while :; do sleep 0.05; done) &"
    job = shell(
        f"echo ran >> effect; {stays} until [ -e go ]; do sleep 0.01; done; exit 7", tmp_path
    )
    runner.start(job)
    until_file(tmp_path / "left")
    group, its_keeper = leader(runner, job), keeper(runner, job)
    (tmp_path / "go").touch()
    until_file(runner.log(job.id).with_name("ended.json"))
    os.kill(its_keeper, signal.SIGKILL)
    assert runner.result(job.id) is None
    assert carry_on(runner, job).status == 7
    assert not any(it.group == group for it in processes().values())
    assert (tmp_path / "effect").read_text() == "ran\n"
