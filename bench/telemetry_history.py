"""What does a window of 30 days cost? Asked of the server over HTTP, on histories of any size.

Nobody can wait 30 days: the rows are filled straight into the table as seconds, minutes and hours
of the past, and rolled up by the very code that rolls them up in the server.
"""

import random
import statistics
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import psutil
import psycopg

from fairlead import places
from fairlead.analysis import sketch
from fairlead.analysis.rollup import GRAINS_S, KEPT, Part, floored
from fairlead.settings import Settings
from fairlead.store import rolling, rollups
from fairlead.store.database import Database, Tx
from fairlead.store.rollups import Place

DAYS = 30
RELEASES = 10
COMPONENTS = ("site", "api")
SOURCE = "fairlead"
TURNS, AT_ONCE = 10, 10
_DRAWN, _SHIFTS = 1_000, 97


@dataclass(slots=True)
class Cost:
    """How long answers about 30 days took, in milliseconds, and what the newest one said.

    `cpu_ms` is the server's processor time for all of them, in which no neighbour's work is.
    """

    took_ms: list[float] = field(default_factory=list)
    cpu_ms: float = 0.0
    samples: int = 0

    @property
    def p50_ms(self) -> float:
        """Return the time that half of them took at most."""
        return statistics.median(self.took_ms)

    @property
    def p95_ms(self) -> float:
        """Return the time that nearly all of them took at most."""
        return sorted(self.took_ms)[int(0.95 * len(self.took_ms))]


def empty(settings: Settings) -> None:
    """Let go of everything that was measured."""
    with psycopg.connect(places.database_url(settings)) as connection:
        connection.execute("TRUNCATE fairlead.rollups")


def fill(settings: Settings, requests: Mapping[Place, int], now: datetime) -> dict[Place, int]:
    """Fill in so many requests of each place over the 30 days until then; return its rows."""
    works: list[Callable[[Tx, datetime], int]] = [rolling.roll]
    works += [partial(rolling.gather, grain=grain) for grain in GRAINS_S[1:]]
    database = Database(places.database_url(settings), size=1)
    try:
        for place, number in requests.items():
            with database.begin() as tx:
                rollups.add(tx, ((place, part) for part in _parts(number, now)))
        for work in works:
            working = True
            while working:
                with database.begin() as tx:
                    working = work(tx, now) > 0
        with database.begin() as tx:
            rolling.forget(tx, now)
            counted = "SELECT app, environment, count(*) AS rows FROM rollups GROUP BY 1, 2"
            rows = tx.execute(counted).fetchall()
    finally:
        database.close()
    with psycopg.connect(places.database_url(settings), autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE fairlead.rollups")
    return {(row["app"], row["environment"]): int(row["rows"]) for row in rows}


def costs(
    ask: Callable[[Place], dict[str, Any]], server: psutil.Process, histories: Iterable[Place]
) -> dict[Place, Cost]:
    """Ask for 30 days of each place, one call after the other, a few of each in turn.

    So the machine is as fast for each of them.
    """
    found = {place: Cost() for place in histories}
    for _ in range(TURNS):
        for place, cost in found.items():
            busy = _busy_ms(server)
            for _ in range(AT_ONCE):
                began = time.perf_counter()
                answer = ask(place)
                cost.took_ms.append((time.perf_counter() - began) * 1000)
            cost.cpu_ms += _busy_ms(server) - busy
            if answer["p99"] is None:
                raise SystemExit(f"30 days of {place} are unknown: {answer['because']}")
            cost.samples = int(answer["samples"])
    return found


def _busy_ms(server: psutil.Process) -> float:
    since = server.cpu_times()
    return float((since.user + since.system) * 1000)


def _parts(requests: int, now: datetime) -> Iterator[Part]:
    """Give the rows of 30 days as the grains that are still kept of their age."""
    chance = random.Random(requests)
    times = [sketch.bucket(chance.lognormvariate(3, 0.8)) for _ in range(_DRAWN)]
    span, told, index = DAYS * 86400.0, 0, 0
    since = now - timedelta(days=DAYS)
    for grain, began in _spans(since, now):
        end = min(now, began + timedelta(seconds=grain))
        due = int(requests * (end - since).total_seconds() / span)
        release = f"{1 + (began - since) // timedelta(days=DAYS / RELEASES):012x}"
        for number, component in enumerate(COMPONENTS):
            count = (due - told) // 2 if number == 0 else due - told - (due - told) // 2
            if count:
                index += 1
                yield _part((release, component), (grain, began), count, times[index % _SHIFTS :])
        told = due


def _spans(since: datetime, now: datetime) -> Iterator[tuple[int, datetime]]:
    """Give hours, then minutes, then seconds: each as far back as rows of that grain are kept."""
    minutes = floored(now - KEPT[60], 3600) + timedelta(hours=1)
    seconds = floored(now - KEPT[1], 60) + timedelta(minutes=1)
    for grain, begin, end in (
        (3600, floored(since, 3600), minutes),
        (60, minutes, seconds),
        (1, seconds, floored(now, 1)),
    ):
        for number in range((end - begin) // timedelta(seconds=grain)):
            yield grain, begin + timedelta(seconds=grain * number)


def _part(who: tuple[str, str], span: tuple[int, datetime], count: int, times: list[int]) -> Part:
    """Return so many requests whose times are drawn from one distribution."""
    drawn = times[: min(count, _DRAWN - _SHIFTS)]
    share, rest = divmod(count, len(drawn))
    counts = sketch.counted(
        (bucket, share + (number < rest)) for number, bucket in enumerate(drawn)
    )
    total = sum(sketch.middle_ms(number) * many for number, many in counts.items())
    release, component = who
    grain, began = span
    failed = count // 200
    return Part(
        release, component, SOURCE, grain, began, float(grain), count, failed, total, counts
    )
