"""How is a stranger's server asked so that it can neither hang nor flood us?

The limit is for the whole request: whoever gives a byte now and then would outwait any limit on
single reads, so the connection is shut down at its end.
"""

import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from fairlead.gates.probing.answer import Answer, End
from fairlead.rollout.slot import RELEASE_HEADER

MOST_BYTES = 64 * 1024
_PIECE = b"x" * MOST_BYTES
_CONNECTED = (".connect_tcp.complete", ".connect_unix_socket.complete", ".start_tls.complete")


@dataclass(frozen=True, slots=True)
class Request:
    """One request; `padding` bytes are sent after `body`, piece by piece."""

    method: str
    url: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(default=b"", repr=False)
    padding: int = 0


def ask(client: httpx.Client, request: Request, limit_s: float) -> Answer:
    """Send a request and return how it was answered; nothing is raised.

    At most 64 kB of the answer are read; no redirect is followed.
    """
    cut = _Cut()
    clock = threading.Timer(limit_s, cut.fall)
    began = time.monotonic()
    clock.start()
    try:
        answer = _answer(client, request, cut, limit_s)
    except (httpx.HTTPError, ValueError, OSError) as error:
        answer = Answer(_end(error), 0)
    finally:
        clock.cancel()
    took_s = time.monotonic() - began
    end = End.HUNG if cut.has_fallen and answer.end is not End.UNREACHED else answer.end
    return Answer(
        end, took_s, answer.status, answer.headers, answer.body, answer.is_whole, answer.release
    )


def client(verify: ssl.SSLContext | bool = True) -> httpx.Client:
    """Return a client that trusts nothing of our surroundings: no proxy, no .netrc."""
    limits = httpx.Limits(max_keepalive_connections=0)
    return httpx.Client(verify=verify, trust_env=False, follow_redirects=False, limits=limits)


def client_of(place: Path) -> httpx.Client:
    """Return a client whose every request goes to the unix socket at `place`."""
    limits = httpx.Limits(max_keepalive_connections=0)
    way = httpx.HTTPTransport(uds=str(place), verify=False, trust_env=False, limits=limits)
    return httpx.Client(transport=way, trust_env=False, follow_redirects=False)


class _Cut:
    """Ends a connection from another thread; it learns its socket while it is made."""

    def __init__(self) -> None:
        self._socket: socket.socket | None = None
        self._lock = threading.Lock()
        self.has_fallen = False

    def learn(self, event: str, info: Mapping[str, Any]) -> None:
        """Take the socket of a connection that was just made; TLS makes another of it."""
        if event.endswith(_CONNECTED):
            with self._lock:
                self._socket = info["return_value"].get_extra_info("socket")
                self._shut()

    def fall(self) -> None:
        """End the connection, now or as soon as there is one."""
        with self._lock:
            self.has_fallen = True
            self._shut()

    def _shut(self) -> None:
        if self.has_fallen and self._socket is not None:
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)


def _answer(client: httpx.Client, request: Request, cut: _Cut, limit_s: float) -> Answer:
    sent = request.body if not request.padding else _padded(request.body, request.padding)
    streaming = client.stream(
        request.method,
        request.url,
        headers=dict(request.headers),
        content=sent,
        timeout=limit_s,
        extensions={"trace": cut.learn},
    )
    with streaming as response:
        body, is_whole = bytearray(), True
        for piece in response.iter_bytes(MOST_BYTES):
            body += piece
            if len(body) > MOST_BYTES:
                is_whole = False
                break
        headers = {name.lower(): value for name, value in response.headers.items()}
        release = headers.get(RELEASE_HEADER, "")
        kept = bytes(body[:MOST_BYTES])
        return Answer(End.ANSWERED, 0, response.status_code, headers, kept, is_whole, release)


def _padded(body: bytes, padding: int) -> Iterator[bytes]:
    yield body
    for _ in range(padding // len(_PIECE)):
        yield _PIECE
    yield b'"}'


def _end(error: Exception) -> End:
    because: BaseException | None = error
    while because is not None:
        if isinstance(because, ssl.SSLCertVerificationError):
            return End.NOT_TRUSTED
        because = because.__cause__ or because.__context__
    match error:
        case httpx.ConnectError() | httpx.ConnectTimeout() | httpx.UnsupportedProtocol():
            return End.UNREACHED
        case httpx.TimeoutException():
            return End.HUNG
        case _:
            return End.BROKE_OFF
