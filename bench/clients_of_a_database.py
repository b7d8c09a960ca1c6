"""What do a database's clients notice? Sixteen read and update, one reads for long with gaps."""

import multiprocessing
import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Event, Semaphore
from typing import NamedTuple

import psycopg

PROCESSES, THREADS = 4, 4
CLIENTS = PROCESSES * THREADS
READS = 0.7
ROWS = 10_000
# A client thinks before it asks again, so that the processor is not what they wait for.
THINKS_S = 0.015
READER_S, GAP_S = (2.0, 5.0), (0.05, 0.2)
PATIENCE_S = 60.0
READ = "SELECT note FROM orders WHERE id = %s"
UPDATE = "UPDATE orders SET note = note + 1 WHERE id = %s"


class Asked(NamedTuple):
    """A query: when it was asked (monotonic) and how long it took, in seconds."""

    at: float
    took: float


def fill(url: str) -> None:
    """Make the table that everybody uses."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE orders (id int PRIMARY KEY, note int NOT NULL)")
        connection.execute(f"INSERT INTO orders SELECT i, 0 FROM generate_series(1, {ROWS}) i")
        connection.execute("VACUUM ANALYZE orders")


class Day(NamedTuple):
    """Everybody says when work has begun, and is told when it ends."""

    begun: Semaphore
    ended: Event


class Load:
    """The clients at work; `asked` has all that they asked once they have gone home."""

    def __init__(self) -> None:
        """Nobody is at work yet."""
        self.asked: list[Asked] = []


@contextmanager
def at_work(url: str, seed: int) -> Iterator[Load]:
    """Let the clients and the long reader work until the block ends."""
    context = multiprocessing.get_context("spawn")
    day, load = Day(context.Semaphore(0), context.Event()), Load()
    pipes = [context.Pipe(duplex=False) for _ in range(PROCESSES)]
    workers = [
        context.Process(target=_process, args=(url, seed * 100 + number, day, there))
        for number, (_, there) in enumerate(pipes)
    ]
    reader = context.Process(target=_read_for_long, args=(url, seed, day))
    for process in (*workers, reader):
        process.start()
    try:
        for _ in range(CLIENTS + 1):
            if not day.begun.acquire(timeout=PATIENCE_S):
                raise SystemExit("the clients do not come to work")
        yield load
    finally:
        day.ended.set()
        for here, _ in pipes:
            told = here.recv()
            load.asked += [Asked(*one) for one in told]
        for process in (*workers, reader):
            process.join()


def _process(url: str, seed: int, day: Day, told: Connection) -> None:
    asked: list[tuple[float, float]] = []
    threads = [
        threading.Thread(target=_client, args=(url, seed * 100 + number, day, asked))
        for number in range(THREADS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    told.send(asked)


def _client(url: str, seed: int, day: Day, asked: list[tuple[float, float]]) -> None:
    chance = random.Random(seed)
    with psycopg.connect(url, autocommit=True) as connection:
        day.begun.release()
        while not day.ended.is_set():
            time.sleep(chance.uniform(0, 2 * THINKS_S))
            query = READ if chance.random() < READS else UPDATE
            began = time.monotonic()
            connection.execute(query, [chance.randint(1, ROWS)])
            asked.append((began, time.monotonic() - began))


def _read_for_long(url: str, seed: int, day: Day) -> None:
    chance = random.Random(seed)
    with psycopg.connect(url, application_name="report") as connection:
        day.begun.release()
        while not day.ended.is_set():
            connection.execute("SELECT count(*) FROM orders")
            day.ended.wait(chance.uniform(*READER_S))
            connection.rollback()
            day.ended.wait(chance.uniform(*GAP_S))
