"""How do functions run for one gate alone, where there is no environment yet?

They run as in every slot of this machine: the same command, on unix sockets, from an artifact.
"""

import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from fairlead.errors import Permanent
from fairlead.gates.probing.private_slot import PrivateSlot
from fairlead.providers.targets.companions import Companion, Companions
from fairlead.providers.targets.last_words import words_of
from fairlead.providers.targets.unit import Places, program, socket_path
from fairlead.rollout.slot import Slot

START_S = 20.0
_LOOK_S = 0.005
_LISTEN_S = 1.0


@dataclass(frozen=True, slots=True)
class Wanted:
    """A slot to run from `files`, an unpacked artifact, by the interpreter `deno`.

    `env` is what its functions are given beside what every slot has; it may hold secrets.
    """

    slot: Slot
    files: Path
    deno: Path
    env: Mapping[str, str] = field(repr=False)


def run(wanted: Wanted, companions: Companions, start_s: float = START_S) -> PrivateSlot:
    """Start every function among the companions, and return when each listens or never will.

    A function that ends, or does not listen after `start_s`, is named as failed. Errors:
    `Permanent` without Deno or in a folder of too long a name, `Temporary` without room.
    """
    if not wanted.deno.is_file():
        raise Permanent(f"Deno is not at {wanted.deno}: install Fairlead anew")
    folder = companions.folder
    places = Places(folder / "sockets", folder, wanted.deno, wanted.deno)
    places.sockets.mkdir(mode=0o700)
    try:
        at = {unit: socket_path(places.sockets, wanted.slot.id, unit) for unit in wanted.slot.units}
    except Permanent as error:
        raise Permanent(f"{folder} is too long a name: set TMPDIR to a shorter folder") from error
    running, failed = _started(wanted, companions, places)
    failed |= _awaited(running, at, start_s)
    return PrivateSlot({unit: at[unit] for unit in at if unit not in failed}, failed)


def _started(
    wanted: Wanted, companions: Companions, places: Places
) -> tuple[dict[str, Companion], dict[str, str]]:
    running, failed = {}, {}
    for unit in wanted.slot.units:
        try:
            it = program(wanted.slot, unit, wanted.files, places)
        except Permanent as error:
            failed[unit] = str(error)
        else:
            running[unit] = companions.start(unit, it.argv, it.folder, {**it.env, **wanted.env})
    return running, failed


def _awaited(
    running: Mapping[str, Companion], at: Mapping[str, Path], start_s: float
) -> dict[str, str]:
    """Wait until each listens or has ended; return why those that do not listen do not."""
    failed: dict[str, str] = {}
    waiting = dict(running)
    give_up = time.monotonic() + start_s
    while waiting:
        is_late = time.monotonic() >= give_up
        for unit, companion in [*waiting.items()]:
            status = companion.status
            if status is not None:
                failed[unit] = f"{_ended(status)} before it listened{_words(companion)}"
            elif is_late:
                failed[unit] = f"it did not listen within {start_s:g} s{_words(companion)}"
            if unit in failed or _listens(at[unit]):
                del waiting[unit]
        time.sleep(_LOOK_S)
    return failed


def _ended(status: int) -> str:
    return f"it was ended by signal {-status}" if status < 0 else f"it ended with status {status}"


def _words(companion: Companion) -> str:
    words = words_of(companion.last_output())
    return f"; last words: {words}" if words else ""


def _listens(place: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        line.settimeout(_LISTEN_S)
        try:
            line.connect(str(place))
        except OSError:
            return False
    return True
