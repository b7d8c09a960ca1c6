"""Do measurements of an older Fairlead tell the same, stored and rolled up as they are now?"""

import random
from array import array
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from alembic import command
from alembic.config import Config

from fairlead.analysis import sketch
from fairlead.analysis.rollup import Part, kept_from
from fairlead.analysis.sketch import Sketch
from fairlead.store import rolling, rollups, schema
from fairlead.store.database import Database, Tx, many
from store.test_rollups import PLACE, part

BEFORE = (1, 60, 3600, 86_400)


def settle(tx: Tx, now: datetime) -> None:
    while rolling.roll(tx, now):
        pass
    rolling.forget(tx, now)


def some(chance: random.Random, now: datetime) -> Part:
    """Return requests of some second in more than a year, most of them in the last days."""
    began = now.replace(microsecond=0) - timedelta(seconds=1 + int(chance.random() ** 3 * 4e7))
    times = [chance.lognormvariate(3, 1) for _ in range(chance.choice([1, 10, 300]))]
    return replace(part(began, len(times)), sketch=sketch.of_times(times))


def lengthen(tx: Tx) -> None:
    """Store sketches as they were stored before: ten bytes for each of their buckets."""
    for row in many(tx, "SELECT ctid::text AS id, sketch FROM rollups"):
        here = sketch.Stored(row["sketch"])
        long = array("h", here.numbers).tobytes() + array("q", here.counts).tobytes()
        tx.execute("UPDATE rollups SET sketch = %s WHERE ctid = %s::tid", (long, row["id"]))


def grains(url: str) -> set[int]:
    with psycopg.connect(url) as connection:
        return {grain for (grain,) in connection.execute("SELECT grain FROM fairlead.rollups")}


def test_windows_tell_the_same_before_and_after(
    empty_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, chance = datetime.now(UTC), random.Random(8)
    config = Config()
    config.set_main_option("script_location", str(Path(schema.__file__).parent))
    config.attributes["url"] = empty_url
    command.upgrade(config, "r0007")
    told_of = [some(chance, now) for _ in range(1500)]
    ages = [timedelta(seconds=chance.randrange(60, 40_000_000)) for _ in range(40)]
    ages += [timedelta(hours=1), timedelta(hours=5), timedelta(days=6), timedelta(days=30)]
    windows = [(kept_from(now - age, now), now) for age in ages]

    def told(tx: Tx) -> list[tuple[int, Sketch]]:
        return [
            (sum(p.requests for p in parts), sketch.added(p.sketch for p in parts))
            for parts in (rollups.within(tx, PLACE, window, "ingest") for window in windows)
        ]

    within = [[p for p in told_of if since <= p.began < until] for since, until in windows]
    wanted = [
        (sum(p.requests for p in parts), sketch.added(p.sketch for p in parts)) for parts in within
    ]
    with closing(Database(empty_url, size=1)) as database:
        with database.begin() as tx, monkeypatch.context() as older:
            older.setattr(rolling, "GRAINS_S", BEFORE)
            rollups.add(tx, [(PLACE, one) for one in told_of])
            settle(tx, now)
            lengthen(tx)
        assert grains(empty_url) == {*BEFORE}
        schema.upgrade(empty_url)
        with database.begin() as tx:
            assert told(tx) == wanted
            settle(tx, now)
            assert told(tx) == wanted
    assert grains(empty_url) == {*BEFORE, 600, 21_600}
