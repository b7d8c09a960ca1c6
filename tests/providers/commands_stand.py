"""A command to run, its end, and what is left of it."""

import itertools
from pathlib import Path

from fairlead.gates.job import Job, JobResult, Runner

PATH = "/usr/local/bin:/usr/bin:/bin"
numbers = itertools.count()


def shell(script: str, folder: Path, timeout_s: float = 20.0) -> Job:
    name = f"run-1/gates/unit {next(numbers)}"
    return Job(name, ("sh", "-c", script), folder, timeout_s, {"PATH": PATH})


def ended(runner: Runner, job: Job) -> JobResult:
    runner.start(job)
    runner.wait((job.id,), 20)
    result = runner.result(job.id)
    assert result is not None
    return result


def alive(marker: str) -> list[int]:
    """Find processes by a word of their command line."""
    found = []
    for words in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if marker.encode() in words.read_bytes():
                found.append(int(words.parent.name))
        except OSError:
            continue
    return found
