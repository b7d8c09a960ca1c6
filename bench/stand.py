"""Where does a bench run? In a folder of its own, on free ports, and nothing is left behind."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

import httpx
import psutil

from fairlead import installation
from fairlead.demo.people import Somebody
from fairlead.demo.sample import AUTHOR, free_ports, git_environment
from fairlead.errors import Refused
from fairlead.settings import Settings

APPS = Path(__file__).parent / "apps"
LOOK_S = 0.2
_BEGAN = time.monotonic()


@dataclass(frozen=True, slots=True)
class Stand:
    """A running installation; ana writes and deploys, bob approves; `api` is ana's, too."""

    folder: Path
    settings: Settings
    ana: Somebody
    bob: Somebody
    api: httpx.Client


def say(line: str) -> None:
    """Tell people how far the bench is."""
    print(f"{time.monotonic() - _BEGAN:7.1f} s  {line}", flush=True)


def say_load() -> None:
    """Tell how busy the machine is: a neighbour's work is in every figure."""
    one, five, _ = os.getloadavg()
    say(f"load of the machine: {one:.1f} (1 min), {five:.1f} (5 min) on {os.cpu_count()} cores")


def finish(figures: dict[str, Any]) -> None:
    """Print the bench's last line."""
    print(json.dumps(figures), flush=True)


@contextmanager
def folder_of_its_own() -> Iterator[Path]:
    """Give a folder; at the end every process that names it is ended and the folder removed."""
    signal.signal(signal.SIGTERM, _leave)
    folder = Path(tempfile.mkdtemp(prefix="fairlead-bench-", dir="/tmp"))
    try:
        yield folder
    finally:
        # A second Ctrl-C must not leave half of it behind.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        _end_everything_of(folder)
        shutil.rmtree(folder, ignore_errors=True)
        signal.signal(signal.SIGINT, signal.default_int_handler)


@contextmanager
def standing() -> Iterator[Stand]:
    """Give a whole installation, and take it down at the end."""
    with folder_of_its_own() as folder:
        settings = Settings(folder / "home", "127.0.0.1", free_ports(1)[0], "")
        try:
            installation.up(settings, say)
            admin = Somebody(settings.url, settings.admin_token.read_text("utf-8").strip())
            token = admin.let_in("ana", AUTHOR[1], "deployer")
            bob = Somebody(settings.url, admin.let_in("bob", "bob@example.org", "approver"))
            headers = {"Authorization": f"Bearer {token}"}
            with httpx.Client(base_url=f"{settings.url}/api/v1", headers=headers) as api:
                yield Stand(folder, settings, Somebody(settings.url, token), bob, api)
        finally:
            installation.down(settings, say)


class App:
    """A git repository with the benches' app and a configuration, committed by its author."""

    def __init__(self, folder: Path, configuration: dict[str, Any]) -> None:
        self.folder = folder
        shutil.copytree(APPS / "edge", folder)
        # JSON is YAML, and needs no quoting rules.
        (folder / "fairlead.yaml").write_text(json.dumps(configuration, indent=1), "utf-8")
        self._git("init", "--quiet", "--initial-branch=main")

    def commit(self, message: str, delay_ms: int = 0, failing: float = 0.0) -> str:
        """Commit one more release; return the commit's full name.

        Its quick answers take `delay_ms` longer, and this share of them (0 to 1) fails.
        """
        (self.folder / "frontend" / "release.txt").write_text(f"{message}\n", "utf-8")
        delay = self.folder / "supabase" / "functions" / "edge" / "delay.json"
        delay.write_text(json.dumps({"ms": delay_ms, "failing": failing}) + "\n", "utf-8")
        self._git("add", "--all")
        self._git("commit", "--quiet", f"--message={message}")
        return self._git("rev-parse", "HEAD").strip()

    def _git(self, *words: str) -> str:
        env = git_environment(self.folder.parent, AUTHOR)
        command = ["git", "-C", str(self.folder), *words]
        return subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout


def follow(stand: Stand, run: str, patience_s: float = 120.0) -> dict[str, Any]:
    """Approve what the run asks as soon as it asks, and return the run when it has ended.

    A server that is just coming back is asked again.
    """
    end = time.monotonic() + patience_s
    while time.monotonic() < end:
        state = stand.ana.run(run)
        if state["finished_at"]:
            return state
        if state["question"]:
            with suppress(httpx.TransportError, Refused):
                stand.bob.approve(run, state["question"]["plan_hash"])
        time.sleep(LOOK_S)
    raise SystemExit(f"run {run} has not ended within {patience_s:.0f} s: {state['because']}")


def wait_until(done: Callable[[], bool], patience_s: float, what: str) -> None:
    """Look every few milliseconds; end the bench when it takes longer than `patience_s`."""
    end = time.monotonic() + patience_s
    while not done():
        if time.monotonic() > end:
            raise SystemExit(f"{what}: not within {patience_s:.0f} s")
        time.sleep(0.02)


def wait_for_answer(url: str, patience_s: float = 30.0) -> None:
    """Return when the address gives its first good answer."""

    def answers() -> bool:
        try:
            return httpx.get(url, timeout=2).status_code == 200
        except httpx.HTTPError:
            return False

    wait_until(answers, patience_s, f"an answer at {url}")


def python(script: str, *words: str) -> subprocess.Popen[bytes]:
    """Start a script of this folder in a session of its own: our Ctrl-C is not its Ctrl-C."""
    command = [sys.executable, str(Path(__file__).parent / script), *words]
    return subprocess.Popen(command, start_new_session=True)


def limit(seconds: float) -> None:
    """End the bench as SIGTERM would when it runs longer than this."""
    timer = threading.Timer(seconds, os.kill, (os.getpid(), signal.SIGTERM))
    timer.daemon = True
    timer.start()


def _leave(number: int, _frame: FrameType | None) -> None:
    signal.signal(number, signal.SIG_IGN)
    raise SystemExit(f"ended by {signal.Signals(number).name}")


def _end_everything_of(folder: Path) -> None:
    """End what an interrupted bench left: commands outlive the server on purpose."""
    left = [p for p in psutil.process_iter() if p.pid != os.getpid() and _names(p, str(folder))]
    for process in left:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(left, timeout=5)


def _names(process: psutil.Process, folder: str) -> bool:
    try:
        told = [process.cwd(), *process.cmdline(), *process.environ().values()]
    except (psutil.Error, OSError):
        return False
    return any(folder in text for text in told)
