"""Does anybody get cut off? Streams and sockets that somebody holds open while traffic moves."""

import http.client
import threading
import time
from collections.abc import Callable
from contextlib import suppress

from websockets.exceptions import WebSocketException
from websockets.sync.client import connect

SILENCE_S = 5.0
SAY_EVERY_S = 0.1
OPENED_WITHIN_S = 15.0


class Held:
    """One server-sent-event stream and one WebSocket, open until `close`."""

    def __init__(self, port: int, path: str) -> None:
        self._port, self._path = port, path
        self._closing = threading.Event()
        self._heard: dict[str, float] = {}
        self._cut: set[str] = set()
        listening = {"events": self._events, "socket": self._socket}
        self._open = {name: threading.Event() for name in listening}
        for name, listen in listening.items():
            threading.Thread(target=self._hold, args=(name, listen), daemon=True).start()
        for name, is_open in self._open.items():
            if not is_open.wait(OPENED_WITHIN_S):
                self._cut.add(name)

    def close(self) -> int:
        """Hang up; return how many of the two had been cut, or were silent."""
        now = time.monotonic()
        heard = (name for name in self._open if now - self._heard.get(name, 0.0) <= SILENCE_S)
        silent = set(self._open) - set(heard)
        self._closing.set()
        return len(self._cut | silent)

    def _hold(self, name: str, listen: Callable[[], None]) -> None:
        with suppress(OSError, http.client.HTTPException, WebSocketException):
            listen()
        if not self._closing.is_set():
            self._cut.add(name)

    def _hear(self, name: str) -> None:
        self._heard[name] = time.monotonic()
        self._open[name].set()

    def _events(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=SILENCE_S)
        try:
            connection.request("GET", f"{self._path}/events")
            answer = connection.getresponse()
            while not self._closing.is_set() and answer.readline():
                self._hear("events")
        finally:
            connection.close()

    def _socket(self) -> None:
        url = f"ws://127.0.0.1:{self._port}{self._path}/socket"
        with connect(url, open_timeout=OPENED_WITHIN_S, close_timeout=2) as socket:
            while not self._closing.wait(SAY_EVERY_S):
                socket.send("still there?")
                socket.recv(timeout=SILENCE_S)
                self._hear("socket")
