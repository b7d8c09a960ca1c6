"""What do applications tell? Keep-alive clients in a process of their own; each waits for answers.

Run as `python telemetry_clients.py PLAN RECORD`. PLAN is a `Plan` as JSON. The record is a `Told`
as JSON: what was acknowledged, what was sent away and how, and how long answers took.

A client that is sent away comes again when it was told to, with the same batch. One that got no
answer does not know whether it was heard: it never sends that batch again.
"""

import asyncio
import gc
import json
import random
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from uuid import UUID

from stand import python

ANSWER_S = 30.0
AWAY_S = 0.2
FULL = 429
SAMPLES, ERRORS = "production-monitoring", "error-tracking"


@dataclass(frozen=True, slots=True)
class Plan:
    """Who tells what for so many seconds: `batch` samples each time, single errors where it is 0.

    With a `pace` a client waits so many seconds between two batches. With `apart` each client is a
    component of its own and each of its batches a second of its own, so that it can be found again.
    Between `flood` seconds after the start every fourth client hands in `backlog` samples at once.
    """

    port: int
    token: str
    release: str
    clients: int
    batch: int
    seconds: float
    pace: float = 0.0
    apart: bool = False
    first: float = 0.0
    flood: tuple[float, float] = (0.0, 0.0)
    backlog: int = 0


@dataclass(slots=True)
class Told:
    """What became of it. `acknowledged` are (component, second, samples), or ids of errors."""

    batches: int = 0
    samples: int = 0
    refused: int = 0
    without_retry_after: int = 0
    failed: dict[str, int] = field(default_factory=dict)
    unanswered: int = 0
    seconds: float = 0.0
    took_ms: list[float] = field(default_factory=list)
    acknowledged: list[list[object]] = field(default_factory=list)


class Clients:
    """Clients that tell, from now until their time is over."""

    def __init__(self, plan: Plan, folder: Path, name: str) -> None:
        file, self._record = folder / f"{name}.json", folder / f"{name}.told.json"
        file.write_text(json.dumps(asdict(plan)), "utf-8")
        self._longest = plan.seconds + ANSWER_S + 10
        self._process = python("telemetry_clients.py", str(file), str(self._record))

    def told(self) -> Told:
        """Wait until their time is over; return what became of it."""
        if self._process.wait(self._longest):
            raise SystemExit("the clients have failed")
        return Told(**json.loads(self._record.read_text("utf-8")))

    def work(self) -> bool:
        """Tell whether their time is not over yet."""
        return self._process.poll() is None


class Client:
    """One application: it makes batches, sends each, and notes what it was answered."""

    def __init__(self, plan: Plan, number: int, told: Told) -> None:
        self._plan, self._number, self._told = plan, number, told
        self._chance = random.Random(number)
        self._component = f"c{number:03}" if plan.apart else "api"
        self._path = SAMPLES if plan.batch else ERRORS
        self._batches = self._made()

    async def run(self, began: float) -> None:
        """Tell until the time is over; who is not there is tried again a moment later."""
        end = began + self._plan.seconds
        await asyncio.sleep(self._chance.uniform(0, self._plan.pace))
        while time.monotonic() < end:
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", self._plan.port)
            except OSError:
                await asyncio.sleep(AWAY_S)
                continue
            try:
                await self._tell(reader, writer, end)
            except (OSError, EOFError, TimeoutError):
                self._told.unanswered += 1
            finally:
                writer.close()

    async def _tell(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, end: float
    ) -> None:
        while time.monotonic() < end:
            identity, size, body = next(self._batches)
            while (status := await self._ask(reader, writer, body)) == FULL:
                if time.monotonic() > end:
                    return
            if status == 200:
                self._told.batches += 1
                self._told.samples += size
                if self._plan.apart:
                    self._told.acknowledged.append(identity)
            else:
                self._told.failed[str(status)] = self._told.failed.get(str(status), 0) + 1
            if self._plan.pace:
                await asyncio.sleep(self._plan.pace)

    async def _ask(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, body: bytes
    ) -> int:
        """Send a body and return the status; who is sent away waits as long as it was told to."""
        sent = time.monotonic()
        writer.write(self._head(len(body)) + body)
        async with asyncio.timeout(ANSWER_S):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
            await reader.readexactly(int(_field(head, "content-length")))
        status = int(head[9:12])
        if status == FULL:
            self._told.refused += 1
            after = _field(head, "retry-after")
            self._told.without_retry_after += not after
            await asyncio.sleep(float(after or 1))
        else:
            self._told.took_ms.append(round((time.monotonic() - sent) * 1000, 1))
        return status

    def _head(self, length: int) -> bytes:
        return (
            f"POST /functions/v1/{self._path} HTTP/1.1\r\nhost: 127.0.0.1\r\n"
            f"authorization: Bearer {self._plan.token}\r\n"
            f"content-type: application/json\r\ncontent-length: {length}\r\n\r\n"
        ).encode()

    def _made(self) -> Iterator[tuple[list[object], int, bytes]]:
        """Give batches: what each is known by, how many samples it has, and its body."""
        if not self._plan.batch:
            return self._errors()
        return self._in_own_seconds() if self._plan.apart else self._of_now()

    def _errors(self) -> Iterator[tuple[list[object], int, bytes]]:
        while True:
            name = str(UUID(int=self._chance.getrandbits(128), version=4))
            told = {"action": "track_error", "event_id": name, "component": self._component}
            message = f"order {self._chance.randrange(10**6)} was not taken"
            told |= {"error_message": message, "release": self._plan.release}
            yield [name], 1, json.dumps(told).encode()

    def _in_own_seconds(self) -> Iterator[tuple[list[object], int, bytes]]:
        second = int(self._plan.first)
        began = time.monotonic()
        while True:
            second += 1
            since = time.monotonic() - began
            flooded = self._plan.flood[0] <= since < self._plan.flood[1]
            size = self._plan.backlog if flooded and self._number % 4 == 0 else self._plan.batch
            samples = ",".join([f"[{second}.5,{10 + second % 90}.5,false]"] * size)
            yield [self._component, second, size], size, self._body(samples)

    def _of_now(self) -> Iterator[tuple[list[object], int, bytes]]:
        made, bodies = 0.0, []
        while True:
            if time.time() - made > 1:
                made = time.time()
                bodies = [self._body(self._recent(made)) for _ in range(2)]
            yield [], self._plan.batch, self._chance.choice(bodies)

    def _recent(self, now: float) -> str:
        chance = self._chance
        return ",".join(
            f"[{now - chance.random():.3f},{chance.lognormvariate(3, 0.8):.2f},"
            f"{'true' if chance.random() < 0.005 else 'false'}]"
            for _ in range(self._plan.batch)
        )

    def _body(self, samples: str) -> bytes:
        where = f'"release":"{self._plan.release}","component":"{self._component}"'
        return f'{{"action":"record_requests",{where},"requests":[{samples}]}}'.encode()


def _field(head: str, name: str) -> str:
    return head.partition(f"\r\n{name}: ")[2].partition("\r\n")[0]


async def run(plan: Plan) -> Told:
    """Let every client tell until the time is over."""
    told, began = Told(), time.monotonic()
    await asyncio.gather(*(Client(plan, n, told).run(began) for n in range(plan.clients)))
    told.seconds = time.monotonic() - began
    return told


def main(plan: str, record: str) -> None:
    """Run the clients and keep what became of it."""
    gc.disable()
    told = asyncio.run(run(Plan(**json.loads(Path(plan).read_text("utf-8")))))
    Path(record).write_text(json.dumps(asdict(told)), "utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:3])
