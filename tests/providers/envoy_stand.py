"""What stands around a router under test? A real Envoy, real upstreams, and people who ask."""

import contextlib
import shutil
import socket
import socketserver
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

from fairlead.providers.traffic.envoy import Envoy
from fairlead.rollout.slot import Arm, Edge, Endpoint
from providers.envoy_processes import PlainProcesses

COOKIE = "fairlead-shop-production"


@dataclass(frozen=True, slots=True)
class Stand:
    """One Envoy with two releases of an app behind it, reached at `listen`."""

    home: Path
    run: Path
    processes: PlainProcesses
    router: Envoy
    new: "Upstream"
    old: "Upstream"
    listen: str

    def edge(self, weight: int, old_weight: int | None = None) -> Edge:
        """Return an edge that gives the new release so much, and the old one the rest."""
        arms = (
            arm("new", weight, self.new),
            arm("old", 100 - weight if old_weight is None else old_weight, self.old),
        )
        return Edge("shop", "production", self.listen, arms)


def arm(release: str, weight: int, upstream: "Upstream") -> Arm:
    """Return an arm whose only unit answers every path."""
    return Arm(release, weight, (Endpoint("frontend", "site", upstream.address, "/"),))


@contextlib.contextmanager
def standing() -> Iterator[Stand]:
    """Start Envoy and two upstreams, route nothing yet, and stop everything at the end."""
    home = Path(tempfile.mkdtemp(dir="/tmp", prefix="fle"))
    run = home / "run"
    run.mkdir(mode=0o700)
    processes = PlainProcesses()
    router = Envoy(home, run, processes)
    new, old = Upstream(run, "new"), Upstream(run, "old")
    try:
        router.up()
        yield Stand(home, run, processes, router, new, old, f"127.0.0.1:{free_port()}")
    finally:
        new.close()
        old.close()
        processes.stop_all()
        shutil.rmtree(home)


class Upstream(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    """A release's unit on a unix socket: says its name at every path, and does as it is told.

    `/status/500` answers that, `/sleep/0.2` so late, `/stream/3` three events 50 ms apart, `/die`
    closes the connection without an answer, `/half` in the middle of one, `/echo` is a websocket.
    """

    daemon_threads = True
    request_queue_size = 1024

    def __init__(self, folder: Path, name: str) -> None:
        self.name, self.path = name, str(folder / f"{name}.sock")
        self.asked: list[dict[str, str]] = []
        self._open: list[socket.socket] = []
        self._closed = False
        super().__init__(self.path, _Answers)
        self._thread = threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    @property
    def address(self) -> str:
        return f"unix:{self.path}"

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, _ = super().get_request()
        self._open.append(connection)
        return connection, ("", 0)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: connections end when they are told to."""

    def close(self) -> None:
        """Die: accept nothing and cut every connection; nothing happens when it is dead."""
        if self._closed:
            return
        self._closed = True
        self.shutdown()
        self.server_close()
        Path(self.path).unlink(missing_ok=True)
        for connection in self._open:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self._thread.join(5)


class _Answers(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Upstream

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        self.server.asked.append({k.lower(): v for k, v in self.headers.items()})
        match self.path.split("/")[1:]:
            case ["die"]:
                self._cut()
            case ["half"]:
                self._begin(200, 1000)
                self.wfile.write(b"half")
                self.wfile.flush()
                time.sleep(0.05)
                self._cut()
            case ["stream", events]:
                self._stream(int(events))
            case ["status", code]:
                self._whole(int(code))
            case ["sleep", seconds]:
                time.sleep(float(seconds))
                self._whole(200)
            case ["echo"]:
                self._echo()
            case _:
                self._whole(200)

    do_POST = do_GET  # noqa: N815 - the library's name

    def _whole(self, status: int) -> None:
        length = int(self.headers.get("content-length") or 0)
        self.rfile.read(length)
        body = self.server.name.encode()
        self._begin(status, len(body))
        self.wfile.write(body)

    def _begin(self, status: int, length: int) -> None:
        self.send_response(status)
        self.send_header("content-length", str(length))
        self.end_headers()

    def _stream(self, events: int) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("connection", "close")
        self.end_headers()
        for event in range(events):
            self.wfile.write(f"data: {self.server.name} {event}\n\n".encode())
            self.wfile.flush()
            time.sleep(0.05)

    def _echo(self) -> None:
        self.close_connection = True
        self.send_response(101)
        self.send_header("upgrade", "websocket")
        self.send_header("connection", "upgrade")
        self.end_headers()
        while word := self.connection.recv(100):
            self.connection.sendall(f"{self.server.name}: ".encode() + word)

    def _cut(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)


def free_port() -> int:
    """Return a port of the loopback address that nobody has now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def asking(listen: str, path: str, headers: dict[str, str] | None = None) -> Iterator[HTTPResponse]:
    """Ask once on a new connection; the answer may still be read inside."""
    connection = HTTPConnection(listen, timeout=10)
    try:
        connection.request("GET", path, headers=headers or {})
        yield connection.getresponse()
    finally:
        connection.close()


def ask(
    listen: str, path: str = "/", headers: dict[str, str] | None = None
) -> tuple[int, str, dict[str, str]]:
    """Return status, body and headers (small letters) of one answer."""
    with asking(listen, path, headers) as answer:
        body = answer.read().decode()
        return answer.status, body, {k.lower(): v for k, v in answer.getheaders()}


def eventually(true: Callable[[], bool], within_s: float = 3.0) -> bool:
    """Say whether it becomes true in time."""
    deadline = time.monotonic() + within_s
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True
