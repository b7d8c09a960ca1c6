"""Who stays with a command until it ends, so that the controller may die and come back?

A program of its own that needs the standard library only. It finds `job.json` in its folder, holds
`lock` for as long as it lives (the proof of life), and leaves `output.log` and, by rename,
`result.json`. The file `stop` asks it to end the command. SIGTERM means that the machine goes down:
the command is ended and no result is left, so that the job is started anew.
"""

import fcntl
import hashlib
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from fairlead.providers.commands import guard, late
from fairlead.providers.commands.command import Command, NotStartedError, Output, launch
from fairlead.providers.commands.living import end_leftovers, remember

RESERVED_BYTES = 4096
MOST_STARTS = 5


def wait_for_work() -> int:
    """Keep the job whose folder we are told on our input; told nothing, we are not needed."""
    told = os.fsdecode(sys.stdin.buffer.read())
    if not told:
        return 0
    log = os.open(Path(told) / "keeper.log", os.O_WRONLY | os.O_APPEND)
    for number, file in ((0, os.open(os.devnull, os.O_RDONLY)), (1, log), (2, log)):
        os.dup2(file, number)
    return main(Path(told))


def main(folder: Path) -> int:
    """Keep the job in `folder`, unless another keeper does or it has ended.

    Returns once the lock is held by a process that stays behind; status 0 then, too.
    """
    lock = _hold(folder / "lock")
    if lock is None or (folder / "result.json").exists():
        return 0
    _reserve(folder / "result.part")
    starts = _count(folder / "starts")
    if os.fork():
        # Whoever sent us waits for our end: nothing of ours is worth tidying up.
        os._exit(0)
    late.sign(folder)
    wake = guard.prepare()
    end_leftovers(folder / "command.json")
    try:
        _keep(folder, starts, wake)
    except NotStartedError as error:
        _settle(folder, {"end": "not_started", "because": f"did not start: {error}"})
    if (folder / "ended.json").exists():
        (folder / "ended.json").rename(folder / "result.json")
        _sync(folder)
    return 0


def _keep(folder: Path, starts: int, wake: int) -> None:
    if (folder / "ended.json").exists():
        return
    if (folder / "stop").exists():
        because = (folder / "stop").read_text() or "was stopped"
        _settle(folder, {"end": "stopped", "because": because})
        return
    if starts > MOST_STARTS:
        raise NotStartedError(f"its keeper was killed {MOST_STARTS} times; look for who kills it")
    job = json.loads((folder / "job.json").read_text())
    log = Output(folder / "output.log")
    pid, pipe = launch(job, lambda pid: remember(folder / "command.json", pid))
    command = Command(pid, pipe, wake, log)
    told = guard.watch(command, job["timeout_s"], (folder / "stop").exists)
    if told["end"] != guard.GOING_DOWN:
        _settle(folder, told)
    if not command.end_all() and told["end"] != guard.GOING_DOWN:
        told["because"] += "; some of its processes could not be ended: look for them"
        _settle(folder, told)
    command.drain()


def _settle(folder: Path, told: dict[str, Any]) -> None:
    """Write how it ended, complete or not at all, into the room that was reserved for it.

    From here on the command is never started again. It becomes the result when everything that the
    command left behind is gone, by this keeper or the next.
    """
    body = json.dumps({"status": None, "took_s": 0.0} | told)
    text = f"{body}\n{hashlib.sha256(body.encode()).hexdigest()}\n".encode()
    part = folder / "result.part"
    file = os.open(part, os.O_WRONLY | os.O_CREAT, 0o600)
    os.pwrite(file, text, 0)
    os.ftruncate(file, len(text))
    os.fsync(file)
    os.close(file)
    part.rename(folder / "ended.json")


def _hold(path: Path) -> int | None:
    """Take the lock; None when another keeper has it. Those who only ask hold it for an instant."""
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    for _ in range(10):
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(0.02)
        else:
            return file
    return None


def _reserve(path: Path) -> None:
    """Take the room that the result needs: how it ended is never lost to a full disk."""
    with path.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, RESERVED_BYTES)


def _count(path: Path) -> int:
    """Count this start. A command that kills its keeper would otherwise be started for ever."""
    with path.open("ab") as file:
        file.write(b".")
    return path.stat().st_size


def _sync(folder: Path) -> None:
    file = os.open(folder, os.O_RDONLY)
    os.fsync(file)
    os.close(file)
