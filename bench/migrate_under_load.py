"""Does anybody wait for a migration? A trivial ALTER behind a long reader, naively and by Fairlead.

In every round both go to the same busy database, at a random moment of the reader's work; who goes
first changes from round to round. Measured is what the clients see: the time their queries took
beyond the 99.9th percentile of the seconds before, summed over all of them, and the longest query.
The same is told of the seconds before, where nobody migrates: that much comes from the machine.
"""

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import psycopg

from clients_of_a_database import CLIENTS, READER_S, Asked, at_work, fill
from fairlead.migrations.cost import Cost
from fairlead.migrations.file import read_all
from fairlead.providers.databases.migrations import PostgresMigrations, Terms
from stand import finish, folder_of_its_own, say, say_load
from user_database import user_database

ROUNDS = 7
WARM_S, BEFORE_S, AFTER_S = 1.5, 6.0, 1.0
NORMAL = 0.999


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of time (monotonic seconds) in which somebody migrates or nobody does."""

    begin: float
    end: float


@dataclass(frozen=True, slots=True)
class Noticed:
    """What the clients noticed in a window: the seconds beyond the normal, and the worst query."""

    blocked_client_s: float
    worst_wait_ms: float


def naively(url: str, number: int) -> None:
    """Alter the table as a script does, without a limit on the wait."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"ALTER TABLE orders ADD COLUMN naive_{number} int")


def by_fairlead(url: str, number: int) -> Cost:
    """Alter the table as `fairlead db migrate` does, and return what it says that it cost."""
    files = {
        f"{at}_add.sql": f"ALTER TABLE orders ADD COLUMN ours_{at} int".encode()
        for at in range(1, number + 1)
    }
    outcome = PostgresMigrations(url).migrate(read_all(files), Terms(), lambda _: None)
    if outcome.failed or outcome.applied != (f"{number}_add.sql",):
        raise SystemExit(f"it was not applied: {outcome}")
    return outcome.costs[f"{number}_add.sql"]


def window(work: Callable[[], None]) -> Window:
    """Do the work, and return its time with the second after, in which those who waited answer."""
    began = time.monotonic()
    work()
    ended = time.monotonic()
    time.sleep(AFTER_S)
    return Window(began, ended + AFTER_S)


def normal(asked: Sequence[Asked], when: Window) -> float:
    """Return the 99.9th percentile of the seconds that queries took."""
    took = sorted(one.took for one in asked if when.begin <= one.at < when.end)
    return took[int(len(took) * NORMAL)]


def noticed(asked: Sequence[Asked], when: Window, limit: float) -> Noticed:
    """Return what the clients noticed of a window; `limit` is what is normal, in seconds."""
    # Also a query that was asked before and still waited.
    took = [one.took for one in asked if when.begin <= one.at + one.took and one.at < when.end]
    beyond = sum(max(0.0, each - limit) for each in took)
    return Noticed(round(beyond, 3), round(max(took) * 1000, 1))


def one_round(url: str, number: int) -> tuple[Noticed, Noticed]:
    """Alter the table both ways under load; return what was noticed of Fairlead's and the other."""
    chance = random.Random(number)
    costs: list[Cost] = []
    ways = [lambda: costs.append(by_fairlead(url, number)), lambda: naively(url, number)]
    windows: dict[int, Window] = {}
    with at_work(url, number) as load:
        time.sleep(WARM_S)
        quiet = window(lambda: time.sleep(BEFORE_S))
        for way in (0, 1) if number % 2 else (1, 0):
            time.sleep(chance.uniform(*READER_S))
            windows[way] = window(ways[way])
    ours, naive = windows[0], windows[1]
    limit = normal(load.asked, quiet)
    before, theirs, plain = (noticed(load.asked, one, limit) for one in (quiet, ours, naive))
    rate = sum(quiet.begin <= one.at < quiet.end for one in load.asked) / (quiet.end - quiet.begin)
    say(
        f"round {number}: {CLIENTS} clients, {rate:.0f} queries/s, p99.9 {limit * 1000:.1f} ms, "
        f"before {before.blocked_client_s:.3f} s beyond it, worst {before.worst_wait_ms:.0f} ms"
    )
    say(
        f"  Fairlead {theirs.blocked_client_s:.3f} blocked client-seconds, worst "
        f"{theirs.worst_wait_ms:.0f} ms (it says: {costs[0].sentence})"
    )
    say(
        f"  naive    {plain.blocked_client_s:.3f} blocked client-seconds, worst "
        f"{plain.worst_wait_ms:.0f} ms in {naive.end - naive.begin - AFTER_S:.1f} s"
    )
    return theirs, plain


def main() -> None:
    """Alter the table some rounds; Fairlead's worst round counts, and the median of the naive."""
    with folder_of_its_own() as folder, user_database(folder) as url:
        fill(url)
        rounds = [one_round(url, number) for number in range(1, ROUNDS + 1)]
    say_load()
    ours = [one for one, _ in rounds]
    naive = sorted(one.blocked_client_s for _, one in rounds)
    finish(
        {
            "blocked_client_s": max(one.blocked_client_s for one in ours),
            "naive_blocked_client_s": naive[len(naive) // 2],
            "worst_wait_ms": max(one.worst_wait_ms for one in ours),
        }
    )


if __name__ == "__main__":
    main()
