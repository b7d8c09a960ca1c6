"""Functions that answer as badly as one likes, behind an edge that says which release they are."""

import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

RELEASE = "0a1b2c3d4e5f"
HEALTHY = b'{"success": true, "result": {"status": "healthy"}}'


class Call(BaseHTTPRequestHandler):
    """One request to a function, and ways to answer it."""

    protocol_version = "HTTP/1.1"
    server: "Functions"

    def handle_one_request(self) -> None:
        """Answer one request with the behaviour of the function that it names."""
        with suppress(ConnectionError):
            super().handle_one_request()

    def __getattr__(self, name: str) -> Callable[[], None]:
        if not name.startswith("do_"):
            raise AttributeError(name)
        return self._answer

    def _answer(self) -> None:
        self.close_connection = True
        self.server.asked.append((self.command, self.path, dict(self.headers)))
        self.server.behaviours[self.path.removeprefix("/functions/v1/")](self)

    def read(self, most: int = 1 << 30) -> bytes:
        """Return the request's body, up to `most` bytes and a chunk."""
        if "chunked" not in self.headers.get("transfer-encoding", ""):
            return self.rfile.read(int(self.headers.get("content-length", 0)))
        found = bytearray()
        while (size := int(self.rfile.readline(), 16)) and len(found) <= most:
            found += self.rfile.read(size)
            self.rfile.readline()
        return bytes(found)

    def say(self, status: int, body: bytes = HEALTHY, **headers: str) -> None:
        """Answer as the release that the stand stands for."""
        self.send_response(status)
        self.send_header("x-fairlead-release", self.server.release)
        self.send_header("x-content-type-options", "nosniff")
        self.send_header("content-length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Keep silent."""


Behaviour = Callable[[Call], None]


class Functions(ThreadingHTTPServer):
    """A server of functions by their names; `asked` holds what was asked of it."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, behaviours: Mapping[str, Behaviour], release: str) -> None:
        super().__init__(("127.0.0.1", 0), Call)
        self.behaviours, self.release = behaviours, release
        self.asked: list[tuple[str, str, dict[str, str]]] = []

    @property
    def url(self) -> str:
        """Return where it answers."""
        return f"http://127.0.0.1:{self.server_port}"


@contextmanager
def serving(release: str = RELEASE, **behaviours: Behaviour) -> Iterator[Functions]:
    """Serve functions, by their names, while the block runs."""
    with Functions(behaviours, release) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def careful(call: Call) -> None:
    """Answer as a function should that anybody may call."""
    if call.command == "OPTIONS":
        return call.say(204, b"")
    if call.command != "POST":
        return call.say(405)
    body = call.read(1 << 20)
    if len(body) > 1 << 20:
        return call.say(413)
    is_call = body.startswith(b'{"action": "') and body.endswith(b'"}') and body.isascii()
    return call.say(200 if is_call else 400)


def careless(call: Call) -> None:
    """Answer 200 to everything, and let every origin in."""
    call.read()
    origin = call.headers.get("origin", "*")
    call.say(
        200,
        access_control_allow_origin=origin,
        access_control_allow_credentials="true",
    )


def closed_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])
