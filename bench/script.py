"""How would a plain script deploy? The same commands and processes, one after another."""

import shlex
import sys
from dataclasses import dataclass
from pathlib import Path

from deno import find_deno_bin

from fairlead.providers.targets.unit import Places, program, socket_path
from fairlead.rollout.slot import FUNCTIONS, STATIC, Slot

_PERMISSIONS = ("--allow-net", "--allow-env")
_BEGINNING = """\
set -eu
trap 'kill $(jobs -p) 2>/dev/null || :; wait' EXIT
git clone --quiet {repository} {checkout}
cd {checkout}
git checkout --quiet {sha}
mkdir -p {sockets}
"""
# A socket is there when its process listens; the script does not even ask it anything.
_WAIT = "until [ -S {socket} ]; do sleep 0.01; done\n"
_CLOCK = "date +%s.%N >> {times}\n"


@dataclass(frozen=True, slots=True)
class Work:
    """What the script works with; it notes in `times` when each of its deployments began and ended.

    Its checkout and everything else of it is in `folder`.
    """

    folder: Path
    repository: Path
    sha: str

    @property
    def times(self) -> Path:
        """Return the file of begins and ends, in seconds."""
        return self.folder / "times"


def beginning(work: Work) -> str:
    """Return the script's first lines: a clean checkout; every process ends with the script."""
    words = {
        "repository": work.repository,
        "checkout": _checkout(work),
        "sha": work.sha,
        "sockets": _places(work).sockets,
    }
    return _BEGINNING.format(**{name: shlex.quote(str(value)) for name, value in words.items()})


def deployment(work: Work, environment: str) -> str:
    """Return the lines that start one release in an environment and wait until it listens."""
    clock = _CLOCK.format(times=shlex.quote(str(work.times)))
    site = Slot("edge", environment, work.sha[:12], "frontend", STATIC, ("site",))
    functions = Slot(
        "edge", environment, work.sha[:12], "functions", FUNCTIONS, ("edge",), _PERMISSIONS
    )
    both = [(site, "frontend"), (functions, "supabase/functions")]
    starts = "".join(_start(work, slot, path) for slot, path in both)
    sockets = [socket_path(_places(work).sockets, slot.id, slot.units[0]) for slot, _ in both]
    return clock + starts + "".join(_WAIT.format(socket=socket) for socket in sockets) + clock


def _start(work: Work, slot: Slot, path: str) -> str:
    """Return the line that starts what the local target would start."""
    one = program(slot, slot.units[0], work.repository / path, _places(work))
    # Made from the author's folder, which is there already, for the checkout, which is not.
    told = [word.replace(str(work.repository), str(_checkout(work))) for word in one.argv]
    variables = " ".join(f"{name}={shlex.quote(value)}" for name, value in one.env.items())
    return f"env {variables} {shlex.join(told)} >/dev/null 2>&1 &\n"


def _checkout(work: Work) -> Path:
    return work.folder / "checkout"


def _places(work: Work) -> Places:
    deno, here = Path(find_deno_bin()), Path(sys.executable)
    return Places(work.folder / "sockets", work.folder, deno, here)
