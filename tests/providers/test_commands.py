"""Does a runner keep what the port `Runner` promises while everything goes well or badly?"""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from fairlead.errors import Temporary
from fairlead.gates.job import Job, JobEnd, Runner
from fairlead.providers.commands.runner import ProcessRunner
from providers.commands_stand import PATH, alive, ended, shell


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    return ProcessRunner(tmp_path / "jobs")


def until_file(path: Path) -> None:
    give_up = time.monotonic() + 10
    while not path.exists() and time.monotonic() < give_up:
        time.sleep(0.005)
    assert path.exists()


def test_status_zero_is_the_only_pass(runner: Runner, tmp_path: Path) -> None:
    good, bad = (
        ended(runner, shell("echo fine", tmp_path)),
        ended(runner, shell("exit 3", tmp_path)),
    )
    assert (good.end, good.status, good.tail, good.passed) == (JobEnd.EXITED, 0, "fine", True)
    assert (bad.end, bad.status, bad.passed) == (JobEnd.EXITED, 3, False)
    assert "status 3" in bad.because


def test_a_command_ended_by_a_signal_failed(runner: Runner, tmp_path: Path) -> None:
    result = ended(runner, shell("kill -9 $$", tmp_path))
    assert (result.end, result.status, result.passed) == (JobEnd.EXITED, 137, False)
    assert "signal 9" in result.because


def test_the_environment_is_exactly_the_jobs(
    runner: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("A_SECRET_OF_THE_SERVER", "x")
    job = Job("env", ("/usr/bin/env",), tmp_path, 5, {"ONLY": "this\nand 'that'"})
    assert ended(runner, job).tail == "ONLY=this\nand 'that'"


def test_words_reach_the_program_unchanged(runner: Runner, tmp_path: Path) -> None:
    words = ("printf", "%s|", "a b", "$(id)", "*", "é", "", "-n", "'\"")
    assert ended(runner, Job("words", words, tmp_path, 5, {"PATH": PATH})).tail == "|".join(
        (*words[2:], "")
    )


def test_it_runs_in_its_folder_without_input(runner: Runner, tmp_path: Path) -> None:
    assert ended(runner, shell("pwd; cat; echo end", tmp_path)).tail == f"{tmp_path}\nend"


def test_both_outputs_are_kept_in_order(runner: Runner, tmp_path: Path) -> None:
    job = shell("echo 1; echo 2 >&2; echo 3", tmp_path)
    assert ended(runner, job).tail == "1\n2\n3"
    assert runner.log(job.id).read_text() == "1\n2\n3\n"


def test_starting_a_job_that_ended_does_nothing(runner: Runner, tmp_path: Path) -> None:
    job = shell("echo once >> effect", tmp_path)
    first = ended(runner, job)
    assert ended(runner, job) == first
    assert (tmp_path / "effect").read_text() == "once\n"


def test_started_at_once_by_many_it_runs_once(runner: Runner, tmp_path: Path) -> None:
    job = shell("echo once >> effect; sleep 0.2", tmp_path)
    with ThreadPoolExecutor(8) as many:
        list(many.map(runner.start, [job] * 8))
    assert ended(runner, job).passed
    assert (tmp_path / "effect").read_text() == "once\n"


def test_result_is_none_while_it_runs_and_for_strangers(runner: Runner, tmp_path: Path) -> None:
    job = shell("sleep 30", tmp_path)
    runner.start(job)
    assert runner.result(job.id) is None
    assert runner.result("nobody's") is None
    runner.stop(job.id)


def test_wait_returns_at_the_first_end_and_at_the_timeout(runner: Runner, tmp_path: Path) -> None:
    slow, quick = shell("sleep 30", tmp_path), shell("sleep 0.1", tmp_path)
    runner.start(slow)
    runner.start(quick)
    began = time.monotonic()
    runner.wait((slow.id, quick.id), 10)
    assert time.monotonic() - began < 2
    assert runner.result(quick.id) is not None
    began = time.monotonic()
    runner.wait((slow.id,), 0.2)
    assert 0.2 <= time.monotonic() - began < 1
    runner.stop(slow.id)


def test_its_limit_ends_children_and_grandchildren(runner: Runner, tmp_path: Path) -> None:
    script = "sleep 4721.1 & sh -c 'sleep 4721.1 & sleep 4721.1' & sleep 4721.1"
    result = ended(runner, shell(script, tmp_path, 0.3))
    assert (result.end, result.status, result.passed) == (JobEnd.TIMED_OUT, None, False)
    assert "limit of 0.3 s" in result.because
    assert 0.3 <= result.took_s < 1
    assert alive("4721.1") == []


def test_stop_ends_everything_even_what_hides_and_ignores_it(
    runner: Runner, tmp_path: Path
) -> None:
    hides = (
        "trap '' TERM; setsid sh -c \"trap '' TERM; touch hidden; while :; do sleep 4721.2; done\""
    )
    job = shell(f"({hides} &) ; sleep 4721.2", tmp_path)
    runner.start(job)
    until_file(tmp_path / "hidden")
    runner.stop(job.id)
    result = runner.result(job.id)
    assert result is not None
    assert (result.end, result.passed) == (JobEnd.STOPPED, False)
    assert alive("4721.2") == []


def test_stopping_twice_or_after_the_end_changes_nothing(runner: Runner, tmp_path: Path) -> None:
    job = shell("echo done", tmp_path)
    first = ended(runner, job)
    runner.stop(job.id)
    runner.stop(job.id)
    assert runner.result(job.id) == first
    runner.stop("nobody's")


def test_a_stopped_job_may_clean_up_first(runner: Runner, tmp_path: Path) -> None:
    job = shell("trap 'echo cleaned; exit 0' TERM; touch up; sleep 30 & wait", tmp_path)
    runner.start(job)
    until_file(tmp_path / "up")
    runner.stop(job.id)
    result = runner.result(job.id)
    assert result is not None
    assert (result.end, result.tail, result.passed) == (JobEnd.STOPPED, "cleaned", False)


def test_children_left_in_the_background_end_with_the_command(
    runner: Runner, tmp_path: Path
) -> None:
    script = "sleep 4721.3 & (setsid sleep 4721.3 &) ; sh -c 'sleep 4721.3 & exit 0'; exit 0"
    result = ended(runner, shell(script, tmp_path))
    assert result.passed
    assert result.took_s < 1
    assert alive("4721.3") == []


@pytest.mark.parametrize(
    ("argv", "sentence"),
    [
        (("no-such-program",), "'no-such-program' is not on this machine: install it"),
        (("./plain",), "'./plain' may not be run: make it executable"),
        (("./binary",), "'./binary' is not a program for this machine"),
        (("./odd",), "the interpreter that the first line of './odd' names"),
        (("printf", "a\0b"), "hold a NUL"),
        ((), "empty"),
    ],
)
def test_what_cannot_start_says_why_and_the_remedy(
    runner: Runner, tmp_path: Path, argv: tuple[str, ...], sentence: str
) -> None:
    for name, text, mode in (
        ("plain", "", 0o644),
        ("binary", "\1", 0o755),
        ("odd", "#!/no", 0o755),
    ):
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(mode)
    result = ended(runner, Job("cannot", argv, tmp_path, 5, {"PATH": PATH}))
    assert (result.end, result.status, result.passed) == (JobEnd.NOT_STARTED, None, False)
    assert sentence in result.because


def test_a_missing_folder_is_named(runner: Runner, tmp_path: Path) -> None:
    result = ended(runner, shell("true", tmp_path / "gone"))
    assert result.end is JobEnd.NOT_STARTED
    assert f"{tmp_path}/gone" in result.because


def test_ids_that_look_alike_or_like_paths_are_apart(runner: Runner, tmp_path: Path) -> None:
    ids = ("../../a", "a/b", "a b", "a-b", "..", "é" * 300)
    for job_id in ids:
        job = Job(job_id, ("printf", "%s", job_id), tmp_path, 5, {"PATH": PATH})
        assert ended(runner, job).tail == job_id
        assert runner.log(job_id).resolve().is_relative_to(tmp_path / "jobs")


def test_a_place_that_cannot_be_written_is_temporary(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Temporary, match="free disk space"):
        ProcessRunner(tmp_path / "file").start(shell("true", tmp_path))
