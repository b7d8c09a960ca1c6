"""What keeps Envoy up in these tests? Threads: when a program ends it is started anew at once."""

import os
import signal
import subprocess
import threading

from fairlead.rollout.process import Process, Processes, ProcessState, Program


class PlainProcesses(Processes):
    """Keeps programs up while this Python process lives, and stops them all when told to."""

    def __init__(self) -> None:
        self._kept: dict[str, subprocess.Popen[bytes]] = {}
        self._watchers: list[threading.Thread] = []
        self._lock = threading.Lock()

    def start(self, *programs: Program) -> None:
        for program in programs:
            self._start(program)

    def _start(self, program: Program) -> None:
        with self._lock:
            if program.name in self._kept:
                return
            self._kept[program.name] = _popen(program)
        watcher = threading.Thread(target=self._keep_up, args=(program,), daemon=True)
        self._watchers.append(watcher)
        watcher.start()

    def stop(self, name: str) -> None:
        with self._lock:
            process = self._kept.pop(name, None)
        if process is not None:
            process.kill()
            process.wait()

    def dismiss(self, name: str) -> None:
        self.stop(name)

    def look(self) -> dict[str, Process]:
        return {
            name: Process(name, ProcessState.RUNNING, process.pid, 0.0, "")
            for name, process in self._kept.items()
            if process.poll() is None
        }

    def kill(self, name: str) -> None:
        """Kill a program with SIGKILL; it is started anew."""
        os.kill(self._kept[name].pid, signal.SIGKILL)

    def stop_all(self) -> None:
        for name in [*self._kept]:
            self.stop(name)
        for watcher in self._watchers:
            watcher.join(5)

    def _keep_up(self, program: Program) -> None:
        while (process := self._kept.get(program.name)) is not None:
            process.wait()
            with self._lock:
                if program.name in self._kept:
                    self._kept[program.name] = _popen(program)


def _popen(program: Program) -> subprocess.Popen[bytes]:
    with program.log.open("ab") as log:
        return subprocess.Popen(program.argv, cwd=program.folder, stdout=log, stderr=log)
