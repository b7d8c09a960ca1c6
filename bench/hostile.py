"""What can a hostile repository do to the server? Bounded time, memory and logs, and a sentence.

Each release is bad in another way: links out of the repository, a file of a gigabyte, a fork bomb
in a test command, a gigabyte of output, and names with line breaks and escape codes. Each run has
to fail, or to pass, with a clear sentence, and the server has to answer all the time.
"""

import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from fairlead.demo.sample import free_ports
from stand import App, Stand, finish, follow, limit, say, say_load, standing

GIGABYTE = 1 << 30
LONGEST_S, LONGEST_ANSWER_S = 120.0, 5.0
MOST_SERVER_MB, MOST_LOG_MB = 250.0, 10.0


@dataclass(frozen=True, slots=True)
class Trick:
    """What is committed, the gate that meets it, how the run has to end and what it has to say."""

    name: str
    put: Callable[[Path], None]
    gate: dict[str, Any]
    status: str
    says: str


def _links(folder: Path) -> None:
    (folder / "frontend" / "passwords").symlink_to("/etc/passwd")
    (folder / "outside").symlink_to("/")


def _gigabyte(folder: Path) -> None:
    with (folder / "huge.bin").open("wb") as file:
        file.write(b"a line of text\n" * 1000)
        file.truncate(GIGABYTE)


def _names(folder: Path) -> None:
    for name in ("a\nb.txt", "\x1b[31mred\x1b[0m.txt", "\u202egnp.exe", "--help", "$(reboot)"):
        (folder / name).write_text("PASSWORD=hunter2hunter2hunter2\n")


def _nothing(_: Path) -> None:
    """Commit nothing more."""


BOMB = "set -e; b() { b | b & }; b; sleep 4711.4; test -f fairlead.yaml"
LOUD = "head -c 1073741824 /dev/zero | tr '\\0' 'x' && test -f fairlead.yaml"
SECRETS = {"check": "secrets"}
TRICKS = (
    Trick("links", _links, SECRETS, "failed", "link"),
    Trick("gigabyte", _gigabyte, SECRETS, "succeeded", ""),
    Trick("bomb", _nothing, {"run": BOMB}, "failed", "more than 500 processes"),
    Trick("loud", _nothing, {"run": ["bash", "-eo", "pipefail", "-c", LOUD]}, "succeeded", ""),
    Trick("names", _names, SECRETS, "failed", "finding"),
)


def configuration(app: str, port: int, gate: dict[str, Any]) -> dict[str, Any]:
    """Return an app of one place with one gate before it."""
    return {
        "version": 1,
        "app": app,
        "components": {"frontend": {"kind": "static", "path": "frontend"}},
        "gates": {"trap": {"timeout": "60s", **gate}},
        "environments": {"live": {"listen": f"127.0.0.1:{port}", "drain": "0s"}},
        "pipeline": [{"stage": "checks", "gates": ["trap"]}, {"stage": "go", "deploy": "live"}],
    }


class Watching:
    """Asks the server all the time, and keeps its slowest answer and its most memory."""

    def __init__(self, stand: Stand) -> None:
        self._stand, self._over = stand, threading.Event()
        self.slowest_s, self.most_mb, self.unanswered = 0.0, 0.0, 0
        self._server = next(
            one
            for one in psutil.process_iter(["cmdline", "environ"])
            if "fairlead.server" in (one.info["cmdline"] or ())
            and (one.info["environ"] or {}).get("FAIRLEAD_HOME") == str(stand.settings.home)
        )
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while not self._over.wait(0.2):
            began = time.monotonic()
            try:
                self._stand.api.get("/status", timeout=LONGEST_ANSWER_S).raise_for_status()
            except Exception:  # noqa: BLE001 - whatever it was, nobody was served
                self.unanswered += 1
            self.slowest_s = max(self.slowest_s, time.monotonic() - began)
            self.most_mb = max(self.most_mb, self._server.memory_info().rss / 1e6)

    def end(self) -> None:
        """Look no longer."""
        self._over.set()
        self._thread.join()


def tried(stand: Stand, trick: Trick) -> float:
    """Release it, and return the seconds; a wrong end stops the bench."""
    app = App(stand.folder / trick.name, configuration(trick.name, free_ports(1)[0], trick.gate))
    trick.put(app.folder)
    app.commit(f"\x1b[2J{trick.name}\x07")
    began = time.monotonic()
    run = follow(stand, stand.ana.deploy(str(app.folder), "main"), LONGEST_S)
    took_s = time.monotonic() - began
    told = run["because"]
    say(f"{trick.name}: {run['status']} after {took_s:.1f} s: {told[:160]!r}")
    wrong = run["status"] != trick.status or trick.says not in told or "\x1b" in told
    if wrong:
        raise SystemExit(f"{trick.name} did not end as it has to: {told!r}")
    return took_s


def _log_mb(home: Path) -> float:
    logs = (path.stat().st_size for path in (home / "jobs").rglob("output.log"))
    return max(logs, default=0) / 1e6


def main() -> None:
    """Try every trick on one installation."""
    limit(600)
    with standing() as stand:
        watching = Watching(stand)
        longest_s = max(tried(stand, trick) for trick in TRICKS)
        watching.end()
        log_mb = _log_mb(stand.settings.home)
        left = [one.pid for one in psutil.process_iter(["cmdline"]) if _is_left(one)]
    say_load()
    figures = {
        "longest_s": round(longest_s, 1),
        "server_mb": round(watching.most_mb, 1),
        "log_mb": round(log_mb, 1),
        "slowest_answer_s": round(watching.slowest_s, 2),
        "unanswered": watching.unanswered,
        "left_processes": len(left),
    }
    too_much = watching.most_mb > MOST_SERVER_MB or log_mb > MOST_LOG_MB or left
    if too_much or watching.unanswered:
        raise SystemExit(f"the server was harmed: {figures}")
    finish(figures)


def _is_left(process: psutil.Process) -> bool:
    return process.pid != os.getpid() and "4711.4" in (process.info["cmdline"] or ())


if __name__ == "__main__":
    main()
