"""What do users meet, at a steady rate? Keep-alive requests from a process of its own.

Run as `python load.py PLAN RECORD`. PLAN is JSON: host, port, and a list of flows, each with a
name, a path, a rate a second and whether each request is a new user; otherwise some lines keep
their cookie. On SIGTERM the requests under way end, RECORD is written and so does the process. A
line of RECORD is one request as JSON: flow, when it was sent (nanoseconds of the monotonic clock,
which all processes of a machine share), how long it took (nanoseconds), its status (0: no whole
answer) and the release that answered.
"""

import asyncio
import gc
import json
import signal
import sys
import time
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from stand import python

ANSWER_S = 30.0
TICK_S = 0.001
LINES = 40
NO_ANSWER = 0
_END_OF_HEAD = b"\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Request:
    """One request as its user saw it; times in nanoseconds of the monotonic clock."""

    flow: str
    sent: int
    took: int
    status: int
    release: str

    @property
    def failed(self) -> bool:
        """Tell whether the user got anything but a good answer."""
        return self.status != 200


@dataclass(frozen=True, slots=True)
class Flow:
    """So many requests a second of one path; with `new_users` nobody asks twice."""

    name: str
    path: str
    rate: float
    new_users: bool = False


class Load:
    """Steady traffic against one address, from now until `stop`."""

    def __init__(self, port: int, flows: tuple[Flow, ...], folder: Path) -> None:
        plan, self._record = folder / "load.json", folder / "load.jsonl"
        told = [asdict(flow) for flow in flows]
        plan.write_text(json.dumps({"host": "127.0.0.1", "port": port, "flows": told}), "utf-8")
        self._process = python("load.py", str(plan), str(self._record))

    def stop(self) -> list[Request]:
        """End the traffic; return every request of it, in the order they were sent."""
        self._process.terminate()
        self._process.wait(ANSWER_S + 30)
        lines = self._record.read_text("utf-8").splitlines()
        return sorted((Request(*json.loads(line)) for line in lines), key=lambda r: r.sent)

    def alive(self) -> bool:
        """Tell whether it still runs."""
        return self._process.poll() is None


class Line(asyncio.Protocol):
    """One keep-alive connection, one request at a time. Every other line keeps its cookie."""

    def __init__(self, host: str, keeps_cookie: bool) -> None:
        self._host, self._keeps_cookie = host, keeps_cookie
        self._cookie = ""
        self._asked = 0
        self._got = bytearray()
        self._end = -1
        self._told: Callable[[int, str], None] | None = None
        self._transport: asyncio.Transport | None = None
        self._limit: asyncio.TimerHandle | None = None
        self.open = False

    def ask(self, path: str, told: Callable[[int, str], None]) -> int:
        """Send a request and return when; `told` gets the status and the release once."""
        self._told, self._end = told, -1
        self._asked += 1
        # Every other request is a new user: few lines with one cookie each would be few users, and
        # a canary might meet none of them.
        cookie = self._cookie if self._asked % 2 else ""
        text = f"GET {path} HTTP/1.1\r\nhost: {self._host}\r\n{cookie}\r\n".encode()
        loop = asyncio.get_running_loop()
        self._limit = loop.call_later(ANSWER_S, self._break)
        assert self._transport is not None
        sent = time.monotonic_ns()
        self._transport.write(text)
        return sent

    def hang_up(self) -> None:
        """Close the connection."""
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport, self.open = transport, True

    def data_received(self, data: bytes) -> None:
        self._got += data
        if self._end < 0:
            self._end = self._length()
        if 0 <= self._end <= len(self._got):
            self._answered()

    def connection_lost(self, exc: Exception | None) -> None:
        self.open = False
        self._tell(NO_ANSWER, "")

    def _length(self) -> int:
        """Return how long the whole answer is; -1 while its head is not there yet."""
        head, found, _ = bytes(self._got).partition(_END_OF_HEAD)
        if not found:
            return -1
        size = _field(head, b"content-length")
        if size is None:
            # Every answer of the benches' app has a length: one without is no good answer.
            self._break()
            return -1
        return len(head) + len(_END_OF_HEAD) + int(size)

    def _answered(self) -> None:
        head = bytes(self._got).partition(_END_OF_HEAD)[0]
        del self._got[: self._end]
        cookie = _field(head, b"set-cookie")
        if self._keeps_cookie and cookie:
            self._cookie = f"cookie: {cookie.partition(';')[0]}\r\n"
        if _field(head, b"connection") == "close":
            self.open = False
            self.hang_up()
        self._tell(int(head[9:12]), _field(head, b"x-fairlead-release") or "")

    def _break(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def _tell(self, status: int, release: str) -> None:
        told, self._told = self._told, None
        if self._limit is not None:
            self._limit.cancel()
        if told is not None:
            told(status, release)


def _field(head: bytes, name: bytes) -> str | None:
    at = head.lower().find(b"\r\n" + name + b": ")
    if at < 0:
        return None
    begin = at + len(name) + 4
    end = head.find(b"\r\n", begin)
    return head[begin : end if end >= 0 else None].decode("latin-1")


class Users:
    """All lines of one flow: a request goes out when it is due, on a free line or a new one."""

    def __init__(self, plan: dict[str, Any], flow: Flow, said: list[tuple[Any, ...]]) -> None:
        self._host, self._port = str(plan["host"]), int(plan["port"])
        self._flow, self._said = flow, said
        self._free: deque[Line] = deque()
        self._lines = 0
        self.under_way = 0

    async def run(self, stopping: asyncio.Event) -> None:
        """Send what is due every millisecond until it is time to stop."""
        began, sent = time.monotonic(), 0
        while not stopping.is_set():
            await asyncio.sleep(TICK_S)
            due = int((time.monotonic() - began) * self._flow.rate)
            for _ in range(due - sent):
                self.under_way += 1
                await self._send()
            sent = due
        while self.under_way:
            await asyncio.sleep(TICK_S)
        for line in self._free:
            line.hang_up()

    async def _send(self) -> None:
        # In turn: were it the line that was free last, the users of a slow release would be few.
        while self._free and self._lines >= LINES:
            line = self._free.popleft()
            if line.open:
                self._ask(line)
                return
        sent = time.monotonic_ns()
        self._lines += 1
        fresh = Line(self._host, self._lines % 2 == 0 and not self._flow.new_users)
        try:
            loop = asyncio.get_running_loop()
            await loop.create_connection(lambda: fresh, self._host, self._port)
        except OSError:
            self._note(sent, NO_ANSWER, "")
            return
        self._ask(fresh)

    def _ask(self, line: Line) -> None:
        sent = 0

        def told(status: int, release: str) -> None:
            self._note(sent, status, release)
            if line.open:
                self._free.append(line)

        sent = line.ask(self._flow.path, told)

    def _note(self, sent: int, status: int, release: str) -> None:
        self.under_way -= 1
        took = time.monotonic_ns() - sent
        self._said.append((self._flow.name, sent, took, status, release))


async def run(plan: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Send every flow until SIGTERM."""
    said: list[tuple[Any, ...]] = []
    stopping = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    every = [Users(plan, Flow(**told), said) for told in plan["flows"]]
    await asyncio.gather(*(users.run(stopping) for users in every))
    return said


def main(plan: str, record: str) -> None:
    """Run the load and keep its record."""
    # A collection over all that was said would hold every request up for tens of milliseconds.
    gc.disable()
    said = asyncio.run(run(json.loads(Path(plan).read_text("utf-8"))))
    Path(record).write_text("".join(f"{json.dumps(one)}\n" for one in said), "utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:3])
