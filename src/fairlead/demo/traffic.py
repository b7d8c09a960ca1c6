"""What do users notice? Steady keep-alive requests from a process of its own, each one recorded.

Run as `python -m fairlead.demo.traffic URL RATE FILE`; on SIGTERM it writes FILE and ends. A line
of FILE is a request: when it was sent, seconds until its answer, status (0: none), release.
"""

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

CONNECTIONS = 32
ANSWER_S = 30.0
NO_ANSWER = 0


@dataclass(frozen=True, slots=True)
class Request:
    """One request as its user saw it; `sent_at` is wall-clock time in seconds."""

    sent_at: float
    took_s: float
    status: int
    release: str

    @property
    def failed(self) -> bool:
        """Tell whether the user got no answer or the server's fault for one."""
        return self.status == NO_ANSWER or self.status >= 500


class Traffic:
    """Requests at a steady rate against one URL, from `start` to `stop`."""

    def __init__(self, url: str, rate: float, record: Path) -> None:
        self._record = record
        command = [sys.executable, "-m", "fairlead.demo.traffic", url, str(rate), str(record)]
        self._process = subprocess.Popen(command, env=dict(os.environ))

    def stop(self) -> list[Request]:
        """End the traffic and return every request of it."""
        self._process.terminate()
        self._process.wait(ANSWER_S + 10)
        lines = self._record.read_text("utf-8").splitlines()
        return [Request(*json.loads(line)) for line in lines]


class User:
    """One keep-alive connection that asks, reads the whole answer, and asks again."""

    def __init__(self, url: str, said: list[Request]) -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "127.0.0.1", parts.port or 80
        self._path, self._said = parts.path or "/", said
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def ask(self) -> None:
        """Ask once and note what came of it."""
        began, clock = time.time(), time.monotonic()
        try:
            status, release = await asyncio.wait_for(self._exchange(), ANSWER_S)
        except (OSError, EOFError, ValueError, TimeoutError):
            status, release = NO_ANSWER, ""
            self.close()
        self._said.append(Request(began, time.monotonic() - clock, status, release))

    def close(self) -> None:
        """Hang up."""
        if self._writer is not None:
            self._writer.close()
        self._reader = self._writer = None

    async def _exchange(self) -> tuple[int, str]:
        if self._reader is None or self._writer is None:
            self._reader, self._writer = await asyncio.open_connection(self._host, self._port)
        body = json.dumps({"action": "score", "agent_id": f"live-{random.randrange(100):02}"})  # noqa: S311
        self._writer.write(
            f"POST {self._path} HTTP/1.1\r\nHost: {self._host}\r\n"
            "Content-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}".encode()
        )
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        fields = dict(line.split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line)
        if "content-length" in fields:
            await self._reader.readexactly(int(fields["content-length"]))
        else:
            await self._read_chunks(self._reader)
        if fields.get("connection") == "close":
            self.close()
        return int(head.split(" ", 2)[1]), fields.get("x-fairlead-release", "")

    @staticmethod
    async def _read_chunks(reader: asyncio.StreamReader) -> None:
        while size := int(await reader.readuntil(b"\r\n"), 16):
            await reader.readexactly(size + 2)
        await reader.readexactly(2)


async def run(url: str, rate: float) -> list[Request]:
    """Ask `rate` times a second until SIGTERM; a late answer does not slow the others down."""
    said: list[Request] = []
    stopping = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    free = [User(url, said) for _ in range(CONNECTIONS)]
    under_way: set[asyncio.Task[None]] = set()

    async def ask(user: User) -> None:
        await user.ask()
        free.append(user)

    due = time.monotonic()
    while not stopping.is_set():
        due += 1 / rate
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        user = free.pop() if free else User(url, said)
        task = asyncio.create_task(ask(user))
        under_way.add(task)
        task.add_done_callback(under_way.discard)
    await asyncio.gather(*under_way)
    for user in free:
        user.close()
    return said


def main(url: str, rate: str, record: str) -> None:
    """Run the traffic and keep its record."""
    said = asyncio.run(run(url, float(rate)))
    lines = (json.dumps([r.sent_at, r.took_s, r.status, r.release]) for r in said)
    Path(record).write_text("\n".join(lines), "utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:4])
