"""What does the CLI get from a server on loopback that answers what a test has prepared?"""

import json
import os
import pty
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from typer.testing import CliRunner, Result

from fairlead.cli.main import app

NOBODY_ANSWERS = "http://127.0.0.1:1"


@dataclass(frozen=True)
class Answer:
    """One prepared answer: plain data is sent as JSON, text and bytes as they are."""

    body: Any = None
    status: int = 200


@dataclass
class Canned:
    """The server: `answers` maps `GET runs/r1` to answers, the last of which stays."""

    url: str
    answers: dict[str, list[Answer]] = field(default_factory=dict)
    asked: list[tuple[str, str, Any, dict[str, str]]] = field(default_factory=list)

    def on(self, what: str, *answers: Answer) -> "Canned":
        self.answers[what] = [*answers]
        return self

    def next(self, what: str) -> Answer:
        prepared = self.answers.get(what)
        if not prepared:
            return problem(404, f"nothing is prepared for {what}")
        return prepared.pop(0) if len(prepared) > 1 else prepared[0]

    def posted(self) -> list[tuple[str, Any]]:
        return [(path, body) for method, path, body, _ in self.asked if method == "POST"]


def problem(status: int, detail: str, *problems: str) -> Answer:
    """Return an answer in the shape of RFC 9457, as our API gives it."""
    told = {"type": "about:blank", "title": "No", "status": status, "detail": detail}
    return Answer(told | {"problems": [*problems]}, status)


class _Handler(BaseHTTPRequestHandler):
    canned: Canned

    def _reply(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        body = json.loads(self.rfile.read(length)) if length else None
        address = urlsplit(self.path)
        path = address.path.removeprefix("/api/v1/")
        asked = f"{path}?{address.query}" if address.query else path
        self.canned.asked.append((self.command, asked, body, dict(self.headers)))
        answer = self.canned.next(f"{self.command} {path}")
        raw = isinstance(answer.body, bytes)
        data = answer.body if raw else json.dumps(answer.body).encode()
        self.send_response(answer.status)
        if answer.status != 204:
            self.send_header("Content-Type", "text/plain" if raw else "application/json")
            self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if answer.status != 204:
            self.wfile.write(data)

    do_GET = do_POST = do_DELETE = _reply  # noqa: N815 - the library looks for these

    def log_message(self, format: str, *args: Any) -> None:
        """Keep quiet."""


@contextmanager
def canned_fairlead() -> Iterator[Canned]:
    """Serve on a free port of loopback until the block ends."""
    handler = type("Handler", (_Handler,), {})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    handler.canned = Canned(f"http://127.0.0.1:{server.server_port}")  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield handler.canned  # type: ignore[attr-defined]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def say(home: Path, url: str, *words: str) -> Result:
    """Run the command in this process, away from the developer's own installation."""
    env = {
        "FAIRLEAD_HOME": str(home),
        "FAIRLEAD_HOST": None,
        "FAIRLEAD_PORT": None,
        "FAIRLEAD_TOKEN": None,
        "COLUMNS": "80",
        "NO_COLOR": "1",
    }
    return CliRunner(env=env).invoke(app, ["--url", url, *words], catch_exceptions=False)


def at_a_terminal(url: str, home: Path, keys: bytes, *words: str) -> tuple[int, str]:
    """Run the command with a terminal of its own; return its status and what was on it."""
    ours, theirs = pty.openpty()
    env = os.environ | {"FAIRLEAD_HOME": str(home), "NO_COLOR": "1", "TERM": "xterm"}
    command = [sys.executable, "-m", "fairlead.cli.main", "--url", url, *words]
    process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=env)
    os.close(theirs)
    os.write(ours, keys)
    told = b""
    try:
        while part := os.read(ours, 4096):
            told += part
    except OSError:  # the terminal closes with its last user
        pass
    os.close(ours)
    return process.wait(timeout=30), told.decode()


def run_of(**changes: Any) -> dict[str, Any]:
    """Return a run as the API tells it."""
    told: dict[str, Any] = {
        "id": "r1",
        "app": "shop",
        "kind": "deploy",
        "release": "aaaaaaaaaaaa",
        "commit": {
            "sha": "a" * 40,
            "branch": "main",
            "author_name": "Ada",
            "author_email": "ada@example.org",
            "message": "Round trust scores\n\nbody",
        },
        "status": "running",
        "because": "production-canary began",
        "stage": "production-canary",
        "submitted_by": "carol",
        "created_at": "2026-01-31T12:00:00Z",
        "finished_at": None,
        "stages": [],
        "gates": [],
        "rollouts": [],
        "packages": [],
        "question": None,
        "at_horizon": None,
    }
    return told | changes


def stage(index: int, name: str, status: str, **changes: Any) -> dict[str, Any]:
    """Return a stage as the API tells it."""
    told: dict[str, Any] = {
        "index": index,
        "name": name,
        "kind": "gates",
        "environment": "",
        "gates": [],
        "status": status,
        "started_at": None if status == "pending" else "2026-01-31T12:00:00Z",
        "finished_at": "2026-01-31T12:00:02Z" if status == "passed" else None,
        "because": "" if status == "pending" else f"{name} {status}",
    }
    return told | changes


def gate(name: str, in_stage: int, status: str) -> dict[str, Any]:
    """Return a gate's result as the API tells it."""
    ended = None if status == "running" else "2026-01-31T12:00:03Z"
    return {
        "run": "r1",
        "stage": in_stage,
        "gate": name,
        "status": status,
        "exit_status": None,
        "because": f"{name} {status}",
        "inputs_digest": None,
        "reused_from": None,
        "started_at": "2026-01-31T12:00:00Z",
        "finished_at": ended,
    }


def question_of(**changes: Any) -> dict[str, Any]:
    """Return a question as the API tells it."""
    told: dict[str, Any] = {
        "release": "aaaaaaaaaaaa",
        "environment": "production",
        "plan_hash": "abcdef123456" + "0" * 52,
        "role": "approver",
        "asked_at": "2026-01-31T12:00:00Z",
        "expires_at": "2026-01-31T20:00:00Z",
        "author_email": "ada@example.org",
        "submitter": "carol",
    }
    return told | changes


def at_horizon_of(**changes: Any) -> dict[str, Any]:
    """Return a canary that waits for a person, as the API tells it."""
    told: dict[str, Any] = {
        "run": "r1",
        "release": "aaaaaaaaaaaa",
        "environment": "production",
        "weight": 5,
        "since": "2026-01-31T12:30:00Z",
        "because": "not known yet: functions 0 of 90 answers bad",
        "role": "approver",
        "author_email": "ada@example.org",
        "submitter": "carol",
        "choices": [
            "fairlead promote r1 --reason TEXT",
            "fairlead rollback production --reason TEXT",
        ],
    }
    return told | changes


def place_of(**changes: Any) -> dict[str, Any]:
    """Return an environment as the API's status tells it."""
    told: dict[str, Any] = {
        "app": "shop",
        "name": "production",
        "url": "http://127.0.0.1:8080",
        "live": "bbbbbbbbbbbb",
        "previous": "cccccccccccc",
        "weights": {"bbbbbbbbbbbb": 100},
        "wanted_weights": {"bbbbbbbbbbbb": 100},
        "held_by": "",
        "releases": {"bbbbbbbbbbbb": {"slots": [slot("api", "HEALTHY")], "stops_at": None}},
    }
    return told | changes


def slot(component: str, verdict: str, because: str = "it answers") -> dict[str, str]:
    """Return a slot as the API's status tells it."""
    return {"component": component, "verdict": verdict, "because": because}


def status_of(*places: dict[str, Any], runs: Any = ()) -> Answer:
    """Return the API's status."""
    return Answer({"at": "2026-01-31T12:00:00Z", "environments": [*places], "runs": [*runs]})


def entry(seq: int, kind: str, because: str, **changes: Any) -> dict[str, Any]:
    """Return a journal entry as the API tells it."""
    told = {
        "seq": seq,
        "digest": "0" * 64,
        "at": "2026-01-31T12:00:00Z",
        "actor": "fairlead",
        "kind": kind,
        "because": because,
        "effect": f"r1/{seq}",
        "app": "shop",
        "run": "r1",
        "environment": "production",
        "release": "aaaaaaaaaaaa",
        "data": {},
    }
    return told | changes
