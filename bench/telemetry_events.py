"""How many single error events a second are acknowledged on disk? One HTTP request for each.

Run by itself, it brings an installation up, ships an app and sends for a while. The senders are
a process of their own: each keeps one connection, and sends its next event when the last was
answered.
"""

import asyncio
import json
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import httpx

from fairlead.demo.sample import free_ports
from stand import App, Stand, finish, follow, limit, say, say_load, standing

LINES = 256
SECONDS = 15.0
FAULTS = 50
NAME = "error-tracking"
_HEAD = (
    "POST /functions/v1/error-tracking HTTP/1.1\r\nhost: {host}\r\n"
    "authorization: Bearer {token}\r\ncontent-type: application/json\r\n"
    "content-length: {length}\r\n\r\n{body}"
)
_STACK = """Traceback (most recent call last):
  File "/srv/shop/web.py", line 71, in handle
    return self.route(request)
  File "/srv/shop/orders.py", line 83, in FAULT
    charge(order, card)
  File "/srv/shop/cards.py", line 31, in charge
    raise CardRefused(order)
shop.cards.CardRefused: order NUMBER was refused"""
_BODY = json.dumps(
    {
        "action": "track_error",
        "error_message": "order NUMBER was refused",
        "component": "functions",
        "severity": "error",
        "release": "0a1b2c3d4e5f",
        "stack": _STACK,
        "metadata": {"order": "NUMBER", "region": "eu", "attempt": 2},
    }
)


@dataclass(frozen=True, slots=True)
class Plan:
    """Whom the senders ask, as whom, how many of them there are, and for how many seconds."""

    host: str
    port: int
    token: str
    lines: int = LINES
    seconds: float = SECONDS


@dataclass(slots=True)
class Sent:
    """What came of it: answers by their kind, how long they took (ms), and in how many seconds."""

    acknowledged: int = 0
    refused: int = 0
    failed: int = 0
    seconds: float = 0.0
    p50_ms: float = 0.0
    p99_ms: float = 0.0


class Line(asyncio.Protocol):
    """One connection: an event, its answer, the next event."""

    numbers = 0

    def __init__(self, plan: Plan, sent: Sent, times: list[float], ends: float) -> None:
        self._plan, self._sent, self._times, self._ends = plan, sent, times, ends
        self._began = 0.0
        self._got = b""
        self.over: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._next()

    def data_received(self, data: bytes) -> None:
        self._got += data
        head, found, body = self._got.partition(b"\r\n\r\n")
        if not found or len(body) < _length(head):
            return
        self._times.append(time.perf_counter() - self._began)
        match head[9:12]:
            case b"200":
                self._sent.acknowledged += 1
            case b"429":
                self._sent.refused += 1
            case _:
                self._sent.failed += 1
        self._got = b""
        self._next()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.over.done():
            self._sent.failed += 1
            self.over.set_result(None)

    def _next(self) -> None:
        self._began = time.perf_counter()
        if self._began >= self._ends:
            self.over.set_result(None)
            self._transport.close()
            return
        Line.numbers += 1
        self._transport.write(request(self._plan, Line.numbers))


def request(plan: Plan, number: int) -> bytes:
    """Return the request that tells event `number`; each is one of `FAULTS` faults."""
    fault = number % FAULTS
    body = _BODY.replace("FAULT", f"fault_{fault}").replace("NUMBER", str(number))
    where = f"{plan.host}:{plan.port}"
    return _HEAD.format(host=where, token=plan.token, length=len(body), body=body).encode()


def _length(head: bytes) -> int:
    at = head.lower().find(b"content-length:")
    return int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0


async def send(plan: Plan) -> Sent:
    """Send until the time is over; every event that was sent is answered."""
    sent = Sent()
    times: list[float] = []
    loop = asyncio.get_running_loop()
    began = time.perf_counter()
    ends = began + plan.seconds
    lines = []
    for _ in range(plan.lines):
        _, line = await loop.create_connection(
            lambda: Line(plan, sent, times, ends), plan.host, plan.port
        )
        lines.append(line.over)
    await asyncio.gather(*lines)
    sent.seconds = time.perf_counter() - began
    times.sort()
    if times:
        sent.p50_ms, sent.p99_ms = (times[int(len(times) * q)] * 1000 for q in (0.5, 0.99))
    return sent


def counted(plan: Plan) -> int:
    """Return how many events Fairlead tells of, in all."""
    headers = {"Authorization": f"Bearer {plan.token}"}
    asked = {"action": "list_errors", "limit": 1000}
    url = f"http://{plan.host}:{plan.port}/functions/v1/{NAME}"
    told = httpx.post(url, json=asked, headers=headers, timeout=60).json()
    return sum(error["events"] for error in told["result"]["errors"])


def events_per_s(plan: Plan) -> dict[str, Any]:
    """Send for a while from a process of its own.

    Return `events_per_s` (acknowledged, a second), `lost` (acknowledged and not kept), and what
    `Sent` tells.
    """
    before = counted(plan)
    # The token travels by the pipe: other users may read a command line.
    done = subprocess.run(
        [sys.executable, str(Path(__file__))],
        input=json.dumps(asdict(plan)),
        capture_output=True,
        text=True,
        check=True,
    )
    sent = Sent(**json.loads(done.stdout))
    lost = before + sent.acknowledged - counted(plan)
    rate = sent.acknowledged / sent.seconds
    return {"events_per_s": round(rate), "lost": max(0, lost)} | asdict(sent)


def configuration(listen: list[int]) -> dict[str, Any]:
    """Return an app of one place that a commit goes to at once."""
    return {
        "version": 1,
        "app": "edge",
        "components": {"frontend": {"kind": "static", "path": "frontend"}},
        "environments": {"live": {"listen": f"127.0.0.1:{listen[0]}"}},
        "pipeline": [{"stage": "deploy", "deploy": "live"}],
    }


def shipped(stand: Stand) -> Plan:
    """Ship an app, and return how it would report its errors."""
    app = App(stand.folder / "app", configuration(free_ports(1)))
    app.commit("first")
    run = follow(stand, stand.ana.deploy(str(app.folder), "main"))
    if run["status"] != "succeeded":
        raise SystemExit(run["because"])
    token = stand.api.headers["authorization"].partition(" ")[2]
    return Plan(stand.settings.host, stand.settings.port, token)


def main() -> None:
    """Measure, and tell the figures."""
    limit(300)
    with standing() as stand:
        plan = shipped(stand)
        say_load()
        say(f"{plan.lines} connections send single events for {plan.seconds:.0f} s")
        figures = events_per_s(plan)
        say_load()
    finish(figures)


if __name__ == "__main__":
    if sys.stdin.isatty() or not (told := sys.stdin.read()):
        main()
    else:
        print(json.dumps(asdict(asyncio.run(send(Plan(**json.loads(told)))))))
