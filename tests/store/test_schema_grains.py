"""Do measurements of an older Fairlead tell the same once it rolls them up in more steps?"""

import random
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from alembic import command
from alembic.config import Config

from fairlead.analysis.rollup import kept_from
from fairlead.store import rolling, rollups, schema
from fairlead.store.database import Database, Tx
from store.test_rollups import PLACE, part

BEFORE = (1, 60, 3600, 86_400)


def settle(tx: Tx, now: datetime) -> None:
    while rolling.roll(tx, now):
        pass
    rolling.forget(tx, now)


def grains(url: str) -> set[int]:
    with psycopg.connect(url) as connection:
        return {grain for (grain,) in connection.execute("SELECT grain FROM fairlead.rollups")}


def test_windows_tell_the_same_before_and_after_more_grains_came(
    empty_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, chance = datetime.now(UTC), random.Random(8)
    config = Config()
    config.set_main_option("script_location", str(Path(schema.__file__).parent))
    config.attributes["url"] = empty_url
    command.upgrade(config, "r0007")
    seconds = [now.replace(microsecond=0) - timedelta(seconds=1 + int(chance.random() ** 3 * 4e7))
               for _ in range(1500)]  # fmt: skip
    ages = [timedelta(seconds=chance.randrange(60, 40_000_000)) for _ in range(40)]
    ages += [timedelta(hours=1), timedelta(hours=5), timedelta(days=6), timedelta(days=30)]
    windows = [(kept_from(now - age, now), now) for age in ages]

    def told(tx: Tx) -> list[int]:
        return [
            sum(p.requests for p in rollups.within(tx, PLACE, window, "ingest"))
            for window in windows
        ]

    wanted = [10 * sum(since <= began < until for began in seconds) for since, until in windows]
    with closing(Database(empty_url, size=1)) as database:
        with database.begin() as tx, monkeypatch.context() as older:
            older.setattr(rolling, "GRAINS_S", BEFORE)
            rollups.add(tx, [(PLACE, part(began)) for began in seconds])
            settle(tx, now)
        assert grains(empty_url) == {*BEFORE}
        schema.upgrade(empty_url)
        with database.begin() as tx:
            assert told(tx) == wanted
            settle(tx, now)
            assert told(tx) == wanted
    assert grains(empty_url) == {*BEFORE, 600, 21_600}
