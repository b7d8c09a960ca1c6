"""A database with everything that is easily lost on the way, and a folder for its backups."""

from collections.abc import Sequence
from datetime import UTC, datetime

import psycopg

from fairlead.migrations.backup import Doubt, Manifest, Progress, Proof
from fairlead.providers.databases.backups.keep import Keep
from fairlead.providers.databases.backups.proving import prove
from fairlead.providers.databases.backups.taking import create
from room import ROOM

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)

SHOP = (
    "CREATE SCHEMA app",
    "CREATE TYPE app.mood AS ENUM ('calm', 'wild')",
    'CREATE TABLE app."Orders" (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "a.b" text,'
    " price numeric(12, 4), twice numeric GENERATED ALWAYS AS (price * 2) STORED,"
    " mood app.mood DEFAULT 'calm', at timestamptz DEFAULT '2026-03-29 02:30+02',"
    " took interval DEFAULT '1 mon 2 days', raw bytea DEFAULT '\\x00ff', tags text[], more jsonb)",
    'INSERT INTO app."Orders" ("a.b", price, tags, more) SELECT \'né \' || i, i / 3.0,'
    " ARRAY['x', NULL, ''], jsonb_build_object('i', i) FROM generate_series(1, 500) i",
    'CREATE TABLE "a.b" (a float8, b money DEFAULT 12.5)',
    "INSERT INTO \"a.b\" (a) VALUES (0.1 + 0.2), ('NaN'), (NULL), (0.1 + 0.2)",
    "CREATE TABLE nothing ()",
    "INSERT INTO nothing DEFAULT VALUES",
    "CREATE TABLE log (id int, at date NOT NULL) PARTITION BY RANGE (at)",
    "CREATE TABLE log_2025 PARTITION OF log FOR VALUES FROM ('2025-01-01') TO ('2026-01-01')",
    "CREATE TABLE log_rest PARTITION OF log DEFAULT",
    "INSERT INTO log SELECT i, date '2025-11-01' + i FROM generate_series(1, 120) i",
    # Its columns come back in another order.
    "CREATE TABLE animals (name text)",
    "CREATE TABLE cats (lives int) INHERITS (animals)",
    "ALTER TABLE animals ADD COLUMN born date DEFAULT '2020-02-29'",
    "INSERT INTO cats (name, lives) VALUES ('Tom', 9)",
    'CREATE MATERIALIZED VIEW totals AS SELECT count(*) AS orders FROM app."Orders"',
    "CREATE MATERIALIZED VIEW unfilled AS SELECT 1 AS one WITH NO DATA",
    "CREATE SEQUENCE countdown INCREMENT -1",
    "SELECT nextval('countdown'), nextval('countdown')",
    "CREATE SEQUENCE unused START 77",
    "SELECT lo_from_bytea(4711, decode(repeat('ab', 1500000), 'hex')), lo_create(4712)",
    "CREATE TABLE secrets (owner text, word text)",
    "ALTER TABLE secrets ENABLE ROW LEVEL SECURITY",
    "CREATE POLICY own ON secrets USING (owner = current_user)",
    "INSERT INTO secrets VALUES ('ana', 'a'), ('ben', 'b')",
    "CREATE FUNCTION twice(int) RETURNS int LANGUAGE sql AS 'SELECT 2 * $1'",
    'CREATE VIEW cheap AS SELECT id FROM app."Orders" WHERE price < 10',
)


def do(url: str, *statements: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)


def ask(url: str, query: str) -> object:
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute(query).fetchone()
        assert row is not None
        return row[0]


def nobody(_: Progress) -> None:
    """Hear nothing."""


def taken(url: str, keep: Keep) -> Manifest:
    return create(url, keep, NOW, nobody)


def judged(keep: Keep, manifest: Manifest) -> Proof | Doubt:
    return prove(keep.find(manifest.name), keep, NOW, nobody, ROOM)


def reasons(found: Proof | Doubt) -> Sequence[str]:
    assert isinstance(found, Doubt), found
    return found.reasons


def left_over(keep: Keep) -> list[str]:
    """Return what lies in the folder beside the backups and the lock."""
    known = {one.name for one in keep.listed().backups} | {".lock"}
    return sorted(path.name for path in keep.folder.iterdir() if path.name not in known)
