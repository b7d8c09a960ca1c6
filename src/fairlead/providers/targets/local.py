"""How do slots run on this machine? One process a unit, each on a unix socket of its own.

A socket's address follows from the slot alone: no port to run out of or to race for, nothing to
write down, and nobody but this account can reach it.
"""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from fairlead.analysis.verdict import Finding, Verdict, worst
from fairlead.errors import Temporary
from fairlead.providers.targets.answer import status
from fairlead.providers.targets.last_words import last_words
from fairlead.providers.targets.lives import Life, Lives
from fairlead.providers.targets.unit import (
    START_RETRIES,
    Places,
    endpoint,
    log_path,
    program,
    program_name,
    socket_path,
    unit_of,
)
from fairlead.rollout.ports import Target
from fairlead.rollout.process import Process, Processes, ProcessState
from fairlead.rollout.slot import STATIC, Endpoint, Slot

# So long a restart counts against a unit, and so long a first start may take to answer.
RESTART_COUNTS_S = 60.0
START_PATIENCE_S = 60.0
LISTENING_LOOK_S = 0.004
_OK, _BROKEN = 200, 500


class LocalTarget(Target):
    """Slots as programs under `processes`; sockets in `run`/slots, logs and caches in `folder`.

    `deno` and `python` are the interpreters; `python` must have Fairlead installed. A slot sees
    nothing of our environment but what its program is given.
    """

    def __init__(
        self, processes: Processes, run: Path, folder: Path, deno: Path, python: Path
    ) -> None:
        self._processes = processes
        self._places = Places(run / "slots", folder, deno, python)
        self._lives = Lives(folder / "lives")

    def start(self, wanted: Mapping[Slot, Path]) -> dict[Slot, tuple[Endpoint, ...]]:
        """Start each slot from its unpacked artifact, or adopt it when it already runs."""
        programs = [
            program(slot, unit, files, self._places)
            for slot, files in wanted.items()
            for unit in slot.units
        ]
        self._places.sockets.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._places.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._processes.start(*programs)
        return {
            slot: tuple(endpoint(self._places.sockets, slot, unit) for unit in slot.units)
            for slot in wanted
        }

    def health(self, *slots: Slot) -> Finding:
        """Say how slots are; the worst of their units decides."""
        kept = self._processes.look()
        return worst(
            self._unit(slot, unit, kept.get(program_name(slot.id, unit)))
            for slot in slots
            for unit in slot.units
        )

    def await_listening(self, slots: Sequence[Slot], timeout_s: float) -> None:
        """Return once the socket of every unit is there, or after `timeout_s`."""
        at = [socket_path(self._places.sockets, s.id, unit) for s in slots for unit in s.units]
        end = time.monotonic() + timeout_s
        while time.monotonic() < end and not all(socket.exists() for socket in at):
            time.sleep(LISTENING_LOOK_S)

    def stop(self, slot_id: str) -> None:
        """Let the slot of that id stop; nothing happens when it does not run. Its logs stay.

        It is not waited for: who holds an environment's edge meanwhile must not wait for seconds.
        """
        for name in self._processes.look():
            found = unit_of(name)
            if found is None or found[0] != slot_id:
                continue
            # Forgotten first: who starts it again, after whatever kill, begins with a clean record.
            self._lives.forget(name)
            self._processes.dismiss(name)
            socket_path(self._places.sockets, *found).unlink(missing_ok=True)

    def logs(self, slot: Slot) -> dict[str, Path]:
        """Return the file that holds what each unit prints."""
        folder = self._places.folder
        return {unit: log_path(folder, program_name(slot.id, unit)) for unit in slot.units}

    def running(self) -> frozenset[str]:
        """Return the ids of all slots of which a unit is kept up."""
        kept = self._processes.look().values()
        names = (one.name for one in kept if one.state is not ProcessState.STOPPED)
        return frozenset(found[0] for name in names if (found := unit_of(name)))

    def begin_anew(self) -> None:
        """Take every process for new: its keeper was started anew, which is no release's fault."""
        self._lives.forget_everything()

    def _unit(self, slot: Slot, unit: str, process: Process | None) -> Finding:
        told = _title(slot, unit)
        if process is None:
            return Finding(Verdict.UNHEALTHY, f"{told} does not run: nobody started it")
        words = self._words(process.name)
        life = self._lives.recall(process.name)
        match process.state:
            case ProcessState.RUNNING:
                return self._running(slot, unit, process, life)
            case ProcessState.STARTING if life is None or life.pid == process.pid:
                # The keeper calls it running after a second; what answers earlier is up earlier.
                return self._running(slot, unit, process, life)
            case ProcessState.GIVEN_UP:
                crashes = f"crashed {START_RETRIES + 1} times"
                return Finding(Verdict.UNHEALTHY, f"{told} {crashes} and was given up{words}")
            case ProcessState.STOPPED:
                return Finding(Verdict.UNHEALTHY, f"{told} was stopped{words}")
            case _:
                return Finding(
                    Verdict.UNHEALTHY, f"{told} crashed and is being started anew{words}"
                )

    def _running(self, slot: Slot, unit: str, process: Process, life: Life | None) -> Finding:
        told = _title(slot, unit)
        if life is not None and life.pid != process.pid and process.up_s < RESTART_COUNTS_S:
            return Finding(
                Verdict.UNHEALTHY,
                f"{told} crashed and was started anew {process.up_s:.0f} s ago, requests may have "
                f"been lost{self._words(process.name)}",
            )
        if life is None or life.pid != process.pid:
            life = Life(process.pid)
            self._lives.remember(process.name, life)
        finding = self._asked(slot, unit, late=life.answered or process.up_s >= START_PATIENCE_S)
        if finding.verdict is Verdict.HEALTHY and not life.answered:
            self._lives.remember(process.name, Life(process.pid, answered=True))
        return finding

    def _asked(self, slot: Slot, unit: str, late: bool) -> Finding:
        """Ask the unit itself; `late` says that silence can no longer mean it is still starting."""
        told, asked = _title(slot, unit), endpoint(self._places.sockets, slot, unit).prefix
        socket = socket_path(self._places.sockets, slot.id, unit)
        try:
            # Silence is heard twice when the unit has answered before: one slow second is no crash.
            found = _status_at_last(socket, asked) if late else status(socket, asked)
        except Temporary as silence:
            verdict = Verdict.UNHEALTHY if late else Verdict.UNKNOWN
            return Finding(verdict, f"{told} does not answer GET {asked}: {silence}")
        sentence = f"{told} answered GET {asked} with {found}"
        is_good = found == _OK if slot.kind == STATIC else found < _BROKEN
        return Finding(Verdict.HEALTHY if is_good else Verdict.UNHEALTHY, sentence)

    def _words(self, name: str) -> str:
        words = last_words(log_path(self._places.folder, name))
        return f"; last words: {words}" if words else ""


def _status_at_last(socket: Path, asked: str) -> int:
    try:
        return status(socket, asked)
    except Temporary:
        return status(socket, asked)


def _title(slot: Slot, unit: str) -> str:
    kind = "static site" if slot.kind == STATIC else "function"
    name = slot.component if slot.kind == STATIC else unit
    return f"{kind} {name} of release {slot.release}"
