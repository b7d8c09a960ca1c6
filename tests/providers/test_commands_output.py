"""Is a job's output bounded on disk, and its tail safe to show?"""

from pathlib import Path

import pytest

from fairlead.gates.job import Job, JobEnd, JobResult, Runner
from fairlead.providers.commands.runner import ProcessRunner
from fairlead.providers.commands.tail import last_lines

PATH = "/usr/local/bin:/usr/bin:/bin"


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    return ProcessRunner(tmp_path / "jobs")


def shell(script: str, folder: Path, timeout_s: float = 20.0) -> Job:
    return Job("loud", ("sh", "-c", script), folder, timeout_s, {"PATH": PATH})


def ended(runner: Runner, job: Job) -> JobResult:
    runner.start(job)
    runner.wait((job.id,), 60)
    result = runner.result(job.id)
    assert result is not None
    return result


def test_a_gigabyte_of_output_is_bounded_and_its_end_is_kept(
    runner: Runner, tmp_path: Path
) -> None:
    job = shell("head -c 1000000000 /dev/zero; echo; echo the end", tmp_path, 60)
    result = ended(runner, job)
    assert result.passed
    assert result.tail.endswith("the end")
    assert runner.log(job.id).stat().st_size < 9 * 1024 * 1024
    assert result.took_s < 20


def test_endless_output_does_not_outrun_the_limit(runner: Runner, tmp_path: Path) -> None:
    job = shell("yes & yes", tmp_path, 0.4)
    result = ended(runner, job)
    assert result.end is JobEnd.TIMED_OUT
    assert result.took_s < 1.5
    assert runner.log(job.id).stat().st_size < 9 * 1024 * 1024


def test_the_tail_is_safe_for_terminals(runner: Runner, tmp_path: Path) -> None:
    script = r"printf '10%%\r100%%\n\033[31mred\033[0m\033]0;title\007 \342\200\256x\000\377\n'"
    assert ended(runner, shell(script, tmp_path)).tail == "100%\nred x\ufffd"


@pytest.mark.parametrize("output", [b"", b"\n\n", b"\x1b", b"\x1b]0;never ends", b"\x9b31m\x85a"])
def test_no_tail_holds_a_control_character(output: bytes) -> None:
    assert all(it.isprintable() or it == "\ufffd" for it in last_lines(output))


def test_the_tail_is_short_however_long_the_lines() -> None:
    tail = last_lines("\n".join(f"{n} {'é' * 900}" for n in range(99)).encode())
    assert len(tail.encode()) <= 4096
    assert last_lines(b"a\n" * 99).count("a") == 20
