"""Which programs are kept up on this machine? One supervisord keeps them, whoever asked for it."""

import fcntl
import hashlib
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from fairlead.errors import Permanent, Temporary
from fairlead.providers.processes.daemon import launch, make_private
from fairlead.providers.processes.leftovers import Ending, end, has_ended, leftovers
from fairlead.providers.processes.program_files import ProgramFiles, refuse_impossible
from fairlead.providers.processes.rpc import (
    NO_SUCH_NAME,
    NOT_RUNNING,
    STILL_RUNNING,
    Rpc,
    ShuttingDown,
    Unreachable,
)
from fairlead.rollout.process import Process, Processes, ProcessState, Program

_LONGEST_STOP_S = 90.0
_KEEPER_ENDING = Ending(wait_s=60)
_STOPPING = 40
_RUNNING = 1
_KEPT = frozenset({ProcessState.STARTING, ProcessState.RUNNING, ProcessState.RESTARTING})
_STATES = {
    0: ProcessState.STOPPED,
    10: ProcessState.STARTING,
    20: ProcessState.RUNNING,
    30: ProcessState.RESTARTING,
    _STOPPING: ProcessState.STOPPED,
    100: ProcessState.RESTARTING,
    200: ProcessState.GIVEN_UP,
    1000: ProcessState.GIVEN_UP,
}


class Supervisor(Processes):
    """Programs under one supervisord: its files are in `folder`, its socket in `run`, both private.

    A program's environment is its own `env` and, below it, PATH, HOME, locale, TMPDIR and TZ as
    they were for whoever started supervisord, and FAIRLEAD_PROGRAM, by which it is found again.
    What must outlive the house drops that variable or leads a session of its own.
    """

    def __init__(self, folder: Path, run: Path) -> None:
        self._folder, self._run = folder, run
        self._socket = run / "supervisor.sock"
        self._rpc = Rpc(self._socket)
        self._mark = hashlib.sha256(str(folder.absolute()).encode()).hexdigest()[:16]
        self._files = ProgramFiles(folder, self._mark)

    def up(self) -> None:
        """Start supervisord with all programs it kept before, or find it running.

        When supervisord was killed, its programs run on without a keeper and would be in the way of
        their new copies: they are ended first, as gently as each asks for. A killed supervisord so
        costs its programs a restart, and requests may be lost until they answer again.
        """
        with self._alone():
            if self._answers():
                return
            self._files.prepare()
            self._end_leftovers()
            launch(self._folder, self._socket, self._mark)
            _until(self.alive, 10, "supervisord started but does not answer")

    def down(self) -> None:
        """Stop every program, the latest first, then supervisord; `up` brings all of them back."""
        with self._alone():
            pid = self._rpc.ask("getPID") if self.alive() else 0
            if pid:
                self._rpc.ask("shutdown")
                # Asking wakes supervisord, which else looks after its children once a second.
                _until(self._is_unreachable, _LONGEST_STOP_S, "supervisord is still stopping")
                _until(lambda: has_ended(pid), _LONGEST_STOP_S, "supervisord is still stopping")
            self._end_leftovers()

    def alive(self) -> bool:
        """Tell whether supervisord answers and is not about to end."""
        try:
            return bool(self._rpc.ask("getState")["statecode"] == _RUNNING)
        except Temporary:
            return False

    def start(self, *programs: Program) -> None:
        """Keep programs up; one of that name that is kept up already stays as it is.

        One that was given up or is being stopped is started anew, with what it is told now.
        """
        for program in programs:
            refuse_impossible(program)
        told = f"{', '.join(program.name for program in programs)} cannot start: still stopping"
        _until(lambda: self._are_started(programs), _LONGEST_STOP_S, told)

    def stop(self, name: str) -> None:
        """Stop a program and forget it; nothing happens when there is none."""
        with self._alone():
            self._end(name)
        _until(lambda: self._is_gone(name), _LONGEST_STOP_S, f"{name} is still stopping")

    def dismiss(self, name: str) -> None:
        """Stop a program as `stop` does, without waiting for its end.

        It is forgotten when it has ended, or when anything is started or stopped after that.
        """
        with self._alone():
            self._end(name)
        threading.Thread(target=self._see_off, args=(name,), daemon=True).start()

    def look(self) -> dict[str, Process]:
        """Return every program that is kept up, by name."""
        return {told["name"]: _process(told) for told in self._rpc.ask("getAllProcessInfo")}

    def _are_started(self, programs: tuple[Program, ...]) -> bool:
        with self._alone():
            kept = self.look()
            ending = [p for p in programs if p.name in kept and kept[p.name].state not in _KEPT]
            for program in ending:
                self._end(program.name)
            missing = [program for program in programs if program.name not in kept]
            if missing:
                self._files.prepare()
            for program in missing:
                program.log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                self._files.write(program)
            if missing:
                self._add(*(program.name for program in missing))
            return not ending

    def _is_gone(self, name: str) -> bool:
        """Tell whether a program that was stopped has ended, or was started anew meanwhile."""
        with self._alone():
            self._forget_ended()
            return name not in self.look() or self._files.has(name)

    def _see_off(self, name: str) -> None:
        with suppress(Temporary):
            _until(lambda: self._is_gone(name), _LONGEST_STOP_S, f"{name} is still stopping")

    def _add(self, *names: str) -> None:
        try:
            self._rpc.ask_all(("reloadConfig",), *(("addProcessGroup", name) for name in names))
        except Permanent:
            # One form it cannot read would keep supervisord from reading all others, too.
            for name in names:
                self._files.remove(name)
            raise

    def _end(self, name: str) -> None:
        # The files first: what is half stopped must not come back with the next supervisord.
        self._files.remove(name)
        self._rpc.ask("stopProcess", name, False, unless=(NOT_RUNNING, NO_SUCH_NAME))
        self._forget_ended()

    def _forget_ended(self) -> None:
        """Let supervisord forget what was to stop and has ended; what still runs stays known."""
        for name in self.look():
            if not self._files.has(name):
                self._rpc.ask("removeProcessGroup", name, unless=(STILL_RUNNING, NO_SUCH_NAME))

    def _answers(self) -> bool:
        """Tell whether a supervisord is there to stay; wait for the end of one that is leaving."""
        try:
            self._rpc.ask("getState")
        except Unreachable:
            return False
        except ShuttingDown:
            _until(self._is_unreachable, _LONGEST_STOP_S, "supervisord is still stopping")
            return False
        return True

    def _is_unreachable(self) -> bool:
        try:
            self._rpc.ask("getState")
        except Unreachable:
            return True
        except ShuttingDown:
            return False
        return False

    def _end_leftovers(self) -> None:
        found = leftovers(self._mark)
        # A supervisord that lost its socket still stops its own programs properly.
        end([one for one in found if not one.program], lambda _: _KEEPER_ENDING)
        end(leftovers(self._mark), self._files.ending)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        try:
            make_private(self._folder)
            make_private(self._run)
            with (self._folder / "lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                yield
        except OSError as error:
            raise Temporary(
                f"programs cannot be kept up now: {error}; free disk space, or let Fairlead write "
                "there"
            ) from error


def _until(done: Callable[[], bool], seconds: float, otherwise: str) -> None:
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            raise Temporary(f"{otherwise} after {seconds:.0f} s")
        time.sleep(0.02)


def _process(told: dict[str, Any]) -> Process:
    state = _STATES[told["state"]]
    if state is ProcessState.STOPPED and not told["start"]:
        state = ProcessState.STARTING
    is_up = state in (ProcessState.STARTING, ProcessState.RUNNING)
    return Process(
        name=told["name"],
        state=state,
        pid=told["pid"],
        up_s=float(max(0, told["now"] - told["start"])) if is_up and told["start"] else 0.0,
        told=told["description"],
    )
