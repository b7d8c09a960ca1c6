"""How long does a rehearsal take, and does what it predicts come true?

Sixty statements are rehearsed against a database like a small app's. Then scans, indexes and
rewrites of tables from 250,000 to 4,000,000 rows are rehearsed and really applied, at a server as
safe against a power cut as a user's own: with every row copied, and the larger ones from a sample,
too. A factor of two means that the time was within a half and twice what was predicted.
"""

import json
import math
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psycopg

from fairlead.migrations.file import MigrationFile, read_all
from fairlead.migrations.rehearsal.rehearsal import Rehearsal
from fairlead.providers.databases.migrations import PostgresMigrations, Terms
from fairlead.providers.databases.rehearsal.copying import Sizes
from fairlead.providers.databases.rehearsing import rehearse
from fairlead.providers.databases.watching import watched
from stand import finish, folder_of_its_own, limit, say, say_load
from user_database import user_database

STATEMENTS = 60
ROWS = (250_000, 1_000_000, 4_000_000)
SAMPLED_FROM = 1_000_000
SAMPLE = Sizes(whole=0, sample=48 * 1024**2)
# What is faster than that is told, but says nothing about a factor.
LEAST_S = 0.05
KINDS = {
    "1_scan.sql": "alter table big add constraint small check (a >= 0);",
    "2_scan.sql": "alter table big alter column b set not null;",
    "3_index.sql": "create index big_a on big (a);",
    "4_index.sql": "create index concurrently big_note on big (note);",
    "5_rewrite.sql": "alter table big alter column a type bigint;",
    "6_rewrite.sql": "alter table big add column made timestamptz default clock_timestamp();",
    "7_update.sql": "update big set b = b + 1;",
}


def sixty() -> dict[str, str]:
    """Return sixty statements in twelve files, some of them step by step, some with a way back."""
    files: dict[str, str] = {}
    for number in range(10):
        table = f"t{number}"
        files[f"{10 + number}_a.sql"] = (
            f"create table new{number} (id int primary key, of int references {table} (id));\n"
            f"alter table {table} add column note text;\n"
            f"alter table {table} add constraint {table}_id check (id >= 0) not valid;\n"
            f"alter table {table} validate constraint {table}_id;\n"
            f"create index on {table} (note);"
        )
    files["10_a.down.sql"] = (
        "drop table new0; alter table t0 drop constraint t0_id; alter table t0 drop column note;"
    )
    for number in (0, 1):
        files[f"{30 + number}_c.sql"] = "".join(
            f"create index concurrently t{number}_{at} on t{number} (value) where id > {at};\n"
            for at in range(5)
        )
    return files


def read(files: Mapping[str, str]) -> tuple[MigrationFile, ...]:
    """Return the files as migrations."""
    return read_all({name: sql.encode() for name, sql in files.items()})


def make(url: str, name: str, *statements: str) -> str:
    """Make a database with that in it, and return its URL."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    made = url.replace("/postgres?", f"/{name}?")
    with psycopg.connect(made, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.execute("VACUUM ANALYZE")
    return made


def rehearsal_of_sixty(url: str, folder: Path) -> float:
    """Return the seconds that the rehearsal of sixty statements takes."""
    tables = [
        f"CREATE TABLE t{number} AS SELECT g AS id, g % 100 AS value FROM "
        f"generate_series(1, 10000) g; ALTER TABLE t{number} ADD PRIMARY KEY (id)"
        for number in range(10)
    ]
    shop = make(url, "shop", *tables)
    result = rehearse(shop, read(sixty()), folder, lambda _: None)
    stepwise = [one for one in result.statements if not one.in_transaction]
    wrong = result.failed or result.gaps or result.kills.wrong
    unproven = [way for way in result.ways_back if not way.proven]
    if wrong or unproven or (len(result.statements), len(stepwise)) != (STATEMENTS, 10):
        raise SystemExit(f"the rehearsal is not whole: {wrong} {unproven} {len(stepwise)}")
    say(
        f"{STATEMENTS} statements in {result.seconds:.1f} s: {result.kills.count} kills, "
        f"{len(result.ways_back)} way back"
    )
    return result.seconds


def big(rows: int) -> tuple[str, ...]:
    """Return what makes a table of so many rows, about 110 bytes each."""
    return (
        "CREATE TABLE big (id int PRIMARY KEY, a int, b int, note text)",
        "INSERT INTO big SELECT g, (g::bigint * 7919) % 1000003, g, "
        f"md5(g::text) || md5((g + 1)::text) FROM generate_series(1, {rows}) g",
    )


def really(url: str, files: tuple[MigrationFile, ...]) -> dict[str, float]:
    """Apply the files, and return the seconds that each file's statement took."""
    took: dict[str, float] = {}

    @contextmanager
    def watch(_session: object, pending: object, _statement: object) -> Iterator[None]:
        began = time.monotonic()
        yield
        took[pending.file.path] = time.monotonic() - began  # type: ignore[attr-defined]

    with watched(watch):
        terms = Terms(contract=True)
        outcome = PostgresMigrations(url).migrate(files, terms, lambda _: None)
    if outcome.failed:
        raise SystemExit(outcome.failed)
    return took


def compared(how: str, rows: int, told: Rehearsal, actual: Mapping[str, float]) -> list[float]:
    """Say how each prediction compares with what happened; return the factors that count."""
    if told.failed or told.gaps:
        raise SystemExit(f"the rehearsal failed: {told.failed} {told.gaps}")
    factors = []
    for one in told.statements:
        interval, took = told.time(one), actual[one.path]
        expected = math.sqrt(interval.low * interval.high)
        factor = max(took / expected, expected / took)
        is_update = bool(one.written)
        counts = took >= LEAST_S and not is_update
        factors += [factor] if counts else []
        inside = "in" if interval.low <= took <= interval.high else "OUT"
        kind = one.path.partition("_")[2].removesuffix(".sql")
        say(
            f"{rows:>9,} {how:6} {kind:8} predicted {expected:7.3f} s, took {took:7.3f} s, "
            f"factor {factor:.2f} {inside}{'' if counts else ' (not counted)'}"
        )
    return factors


def tried(rows: int) -> list[str]:
    """Return what is tried with so many rows: with the most one of each kind, and no update."""
    if rows == ROWS[-1]:
        return ["1_scan.sql", "3_index.sql", "5_rewrite.sql"]
    return [name for name in KINDS if rows == ROWS[0] or "update" not in name]


def predictions(url: str, folder: Path) -> float:
    """Return the worst factor between prediction and what happened."""
    factors: list[float] = []
    for rows in ROWS:
        files = read({name: KINDS[name] for name in tried(rows)})
        shop = make(url, f"big{rows}", *big(rows))
        told = [("whole", rehearse(shop, files, folder, lambda _: None))]
        if rows >= SAMPLED_FROM:
            told.append(("sample", rehearse(shop, files, folder, lambda _: None, SAMPLE)))
        with user_database(folder) as second:
            other = make(second, "other", *big(rows))
            actual = really(other, files)
        for how, result in told:
            factors += compared(how, rows, result, actual)
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE big{rows}")
    return max(factors)


def preflight() -> float:
    """Return the seconds of a preflight, as its own bench measures them."""
    bench = Path(__file__).with_name("preflight.py")
    ended = subprocess.run(
        [sys.executable, str(bench)], capture_output=True, text=True, check=True, timeout=300
    )
    return float(json.loads(ended.stdout.splitlines()[-1])["preflight_s"])


def main() -> None:
    """Measure the three figures."""
    limit(600)
    with folder_of_its_own() as folder, user_database(folder) as url:
        sixty_s = rehearsal_of_sixty(url, folder)
        say_load()
        worst = predictions(url, folder)
    say_load()
    say("preflight of 2,000 tables and 18,000 locks")
    figures = {"rehearse_60_s": sixty_s, "preflight_s": preflight()}
    figures["prediction_worst_factor"] = worst
    say_load()
    finish({name: round(value, 3) for name, value in figures.items()})


if __name__ == "__main__":
    main()
