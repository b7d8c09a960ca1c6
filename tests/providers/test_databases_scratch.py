"""Does a scratch server answer, end, and leave nothing, whoever is killed?"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from fairlead.errors import Refused
from fairlead.migrations.schema import difference
from fairlead.providers.databases import programs
from fairlead.providers.databases.cluster import nearest
from fairlead.providers.databases.schemas import schema
from fairlead.providers.databases.scratch import Scratch, remove_abandoned, scratch
from room import ROOM

HOLD = (
    "import sys, time; from pathlib import Path;"
    "from fairlead.providers.databases.scratch import scratch\n"
    "with scratch(Path(sys.argv[1])) as server: print(server.url, flush=True); time.sleep(600)"
)


@pytest.fixture(scope="module")
def server() -> Iterator[Scratch]:
    with scratch(ROOM) as found:
        yield found


def do(url: str, *statements: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)


def test_it_is_gone_with_all_that_it_held(tmp_path: Path) -> None:
    with scratch(ROOM) as found:
        do(found.database("Shop one"), "CREATE TABLE items (id int)")
        folder = found.folder
    assert not folder.exists()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(found.url)


@pytest.mark.parametrize("major", [16, 18])
def test_every_version_at_hand_starts(major: int) -> None:
    with scratch(ROOM, major) as found:
        assert programs.major_of(found.url) == found.major == major


def test_the_next_newer_version_stands_in_for_one_that_is_missing() -> None:
    assert [nearest(major) for major in (15, 16, 17, 18)] == [16, 16, 18, 18]
    with pytest.raises(Refused, match="PostgreSQL 19 is newer"):
        nearest(19)


def test_what_a_killed_process_left_is_stopped_and_removed() -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(ROOM)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    url = process.stdout.readline().strip()
    remove_abandoned(ROOM)
    psycopg.connect(url).close()  # the living keep theirs

    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()
    remove_abandoned(ROOM)

    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url)


def test_equal_shapes_have_one_fingerprint_and_others_tell_where_they_differ(
    server: Scratch,
) -> None:
    one, other = (server.database(name) for name in ("one", "other"))
    for url in (one, other):
        do(url, 'CREATE TABLE "Orders" (id int PRIMARY KEY, note text)', "CREATE SCHEMA empty")
    assert schema(one) == schema(other)
    assert schema(one).fingerprint == schema(other).fingerprint

    do(other, 'ALTER TABLE "Orders" ADD CHECK (id > 0) NOT VALID')

    assert schema(one).fingerprint != schema(other).fingerprint
    assert any("NOT VALID" in line for line in difference(schema(one), schema(other)))


def test_the_record_of_migrations_is_no_part_of_the_shape(server: Scratch) -> None:
    url = server.database("with_ledger")
    before = schema(url)
    do(url, "CREATE SCHEMA supabase_migrations", "CREATE TABLE supabase_migrations.a (id int)")
    assert schema(url) == before


def test_a_password_reaches_a_program_by_its_environment_alone() -> None:
    found = programs.environment("postgresql://ana:secret@db/shop?sslmode=require")
    assert found["PGPASSWORD"] == "secret"
    assert (found["PGHOST"], found["PGDATABASE"], found["PGSSLMODE"]) == ("db", "shop", "require")


def test_what_a_program_cannot_be_told_is_refused() -> None:
    with pytest.raises(Refused, match="replication"):
        programs.environment("postgresql://db/shop?replication=database")
