"""Who takes messages in the tests? A real HTTP server on the loopback that does as it is told."""

import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True, slots=True)
class Got:
    """One request that arrived."""

    path: str
    kind: str
    body: bytes


def free_port() -> int:
    """Return a port on which nobody listens."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


class Receiver:
    """A server; it answers with `answers` in turn, then with 200."""

    def __init__(self, port: int = 0) -> None:
        self.got: list[Got] = []
        self.answers: list[int] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", port), _handler(self._take))
        self.url = f"http://127.0.0.1:{self._server.server_port}/T0/B0/hidden"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> "Receiver":
        self._thread.start()
        return self

    def __exit__(self, *_: Any) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _take(self, got: Got) -> int:
        status = self.answers.pop(0) if self.answers else 200
        if status == 200:
            self.got.append(got)
        return status


def _handler(take: Callable[[Got], int]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            self.send_response(take(Got(self.path, self.headers["content-type"], body)))
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    return Handler
