"""How is a scanner called so that it can neither hang, nor flood us, nor learn a secret?"""

import os
import selectors
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from fairlead.errors import Permanent, Temporary

MOST_BYTES = 16 * 1024 * 1024
_CHUNK_BYTES = 64 * 1024
# Nothing of our own environment: it may hold addresses and tokens.
_ENVIRONMENT = {"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"}
NOTHING_MORE: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Answer:
    """How a scanner ended: its exit status, and what it wrote for programs and for people."""

    status: int
    output: bytes
    told: bytes


def ask(
    argv: Sequence[str], folder: Path, limit_s: float, env: Mapping[str, str] = NOTHING_MORE
) -> Answer:
    """Run a scanner in `folder`, whatever its exit status; `env` is all that it learns beside PATH.

    Errors: `Permanent` when it cannot be started or writes more than 16 MB, `Temporary` when it
    takes longer than the limit; it is ended then, with every process of its group.
    """
    try:
        running = subprocess.Popen(
            [*argv],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=folder,
            env={**_ENVIRONMENT, **env},
            start_new_session=True,
        )
    except OSError as error:
        raise Permanent(f"it cannot be started: {error.strerror}") from error
    deadline = time.monotonic() + limit_s
    with running:
        try:
            output, told = _heard(running, deadline)
            return Answer(running.wait(max(0.1, deadline - time.monotonic())), output, told)
        except (TimeoutError, subprocess.TimeoutExpired) as error:
            raise Temporary(f"it did not end within {limit_s:g} s") from error
        finally:
            if running.returncode is None:
                with suppress(ProcessLookupError):
                    os.killpg(running.pid, signal.SIGKILL)


def _heard(running: "subprocess.Popen[bytes]", deadline: float) -> tuple[bytes, bytes]:
    """Return all that it writes on both pipes until it closes them."""
    assert running.stdout is not None
    assert running.stderr is not None
    heard = {running.stdout.fileno(): bytearray(), running.stderr.fileno(): bytearray()}
    with selectors.DefaultSelector() as open_ones:
        for pipe in heard:
            open_ones.register(pipe, selectors.EVENT_READ)
        while open_ones.get_map():
            ready = open_ones.select(max(0.0, deadline - time.monotonic()))
            if not ready:
                raise TimeoutError
            for key, _ in ready:
                data = os.read(key.fd, _CHUNK_BYTES)
                heard[key.fd] += data
                if not data:
                    open_ones.unregister(key.fd)
            if sum(map(len, heard.values())) > MOST_BYTES:
                raise Permanent(f"it wrote more than {MOST_BYTES >> 20} MB")
    output, told = heard.values()
    return bytes(output), bytes(told)
