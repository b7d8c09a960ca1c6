"""Who keeps the next command? A keeper that waits with everything loaded: a gate begins at once.

An interpreter needs a tenth of a second and more to start and to load what a keeper needs, and a
release has a dozen gates one after another.
"""

import atexit
import os
import subprocess
import sys
import threading
from pathlib import Path

import fairlead

# As many as gates of one stage run side by side when the file does not say otherwise.
AT_HAND = 4
START = (
    "import sys; sys.path.append(sys.argv[1]); "
    "from fairlead.providers.commands.keeper import wait_for_work; sys.exit(wait_for_work())"
)

_waiting: list[subprocess.Popen[bytes]] = []
_one_at_a_time = threading.Lock()


def send(home: Path) -> subprocess.Popen[bytes]:
    """Send a keeper to the job in `home`; the process that is returned ends when one holds it."""
    with _one_at_a_time:
        alive = [keeper for keeper in _waiting if keeper.poll() is None]
        keeper = alive.pop() if alive else _start()
        _waiting[:] = alive
    (home / "keeper.log").open("wb").close()
    _tell(keeper, os.fsencode(home.absolute()))
    return keeper


def refill() -> None:
    """Start those that are missing; best while commands run and nobody waits for a keeper."""
    with _one_at_a_time:
        _waiting[:] = [keeper for keeper in _waiting if keeper.poll() is None]
        while len(_waiting) < AT_HAND:
            _waiting.append(_start())


@atexit.register
def dismiss() -> None:
    """Let the waiting ones go; those of a server that was killed see its end by themselves."""
    with _one_at_a_time:
        for keeper in _waiting:
            _tell(keeper, b"")
            keeper.wait()
        _waiting.clear()


def _start() -> subprocess.Popen[bytes]:
    package = str(Path(fairlead.__file__).parent.parent)
    # The keeper needs no more of our environment than the interpreter itself does.
    env = {name: os.environ[name] for name in ("LD_LIBRARY_PATH",) if name in os.environ}
    return subprocess.Popen(
        [sys.executable, "-I", "-S", "-X", "utf8", "-c", START, package],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
        env=env,
        start_new_session=True,
    )


def _tell(keeper: subprocess.Popen[bytes], words: bytes) -> None:
    assert keeper.stdin is not None
    try:
        keeper.stdin.write(words)
        keeper.stdin.close()
    except BrokenPipeError:
        # It died just now: its end, which is no success, says so to whoever waits for it.
        return
