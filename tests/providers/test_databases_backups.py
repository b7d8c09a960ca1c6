"""Is everything in a database kept, and does it come back the same?"""

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from fairlead.errors import Permanent, Refused, Temporary
from fairlead.migrations.backup import Progress, Proof
from fairlead.providers.databases.backups.keep import Keep
from fairlead.providers.databases.backups.proving import lost, restore
from fairlead.providers.databases.backups.sealing import new_key, read_key
from fairlead.providers.databases.backups.taking import create
from fairlead.providers.databases.scratch import scratch
from providers.backups_stand import NOW, SHOP, ask, do, judged, left_over, nobody, reasons, taken
from providers.postgres_stand import a_postgres, database
from room import ROOM


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with a_postgres() as url:
        do(
            url,
            "CREATE ROLE ana LOGIN PASSWORD 'not-in-a-backup'",
            'CREATE ROLE "Ben, the 2nd" CREATEDB',
            'GRANT ana TO "Ben, the 2nd"',
            "ALTER ROLE ana SET work_mem = '8MB'",
            "CREATE ROLE reader LOGIN",
            "GRANT pg_read_all_data TO reader",
        )
        yield url


@pytest.fixture(scope="module")
def shop(server: str) -> str:
    url = database(server, "shop")
    do(url, *SHOP, 'ALTER TABLE secrets OWNER TO "Ben, the 2nd"', "GRANT SELECT ON secrets TO ana")
    return url


@pytest.fixture
def keep(tmp_path: Path) -> Keep:
    return Keep(tmp_path / "backups")


def test_everything_comes_back_and_is_proven(shop: str, keep: Keep) -> None:
    manifest = taken(shop, keep)
    assert not keep.find(manifest.name).is_proven

    proof = judged(keep, manifest)

    assert isinstance(proof, Proof), proof
    assert "8 tables with 628 rows, 3 sequences, 2 large objects" in proof.compared
    assert keep.find(manifest.name).is_proven
    assert keep.find(manifest.name).proof == proof


def test_what_is_written_meanwhile_is_in_no_part_of_it(shop: str, keep: Keep) -> None:
    """Rows and sequence numbers go on while it is taken; the proof holds all the same."""
    ended, written = threading.Event(), 0

    def write() -> None:
        nonlocal written
        with psycopg.connect(shop, autocommit=True) as connection:
            while not ended.is_set():
                connection.execute('INSERT INTO app."Orders" ("a.b") VALUES (\'meanwhile\')')
                connection.execute('UPDATE app."Orders" SET price = 1 WHERE id % 50 = 0')
                written += 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        manifest = taken(shop, keep)
    finally:
        ended.set()
        writer.join()

    assert written > 10
    assert isinstance(judged(keep, manifest), Proof)
    do(shop, 'DELETE FROM app."Orders" WHERE "a.b" = \'meanwhile\'')


def test_nobody_who_reads_or_writes_waits_for_it(shop: str, keep: Keep) -> None:
    """A writer that may wait for no lock at all is never turned away."""
    modes: set[str] = set()

    def watch(_: Progress) -> None:
        with psycopg.connect(shop, autocommit=True) as connection:
            modes.update(
                row[0]
                for row in connection.execute(
                    "SELECT mode FROM pg_locks WHERE locktype = 'relation' AND pid <>"
                    " pg_backend_pid() AND relation >= 16384 AND granted"
                )
            )
            connection.execute("SET lock_timeout = 1")
            connection.execute("UPDATE secrets SET word = word")

    create(shop, keep, NOW, watch)
    assert modes == {"AccessShareLock"}


def test_progress_is_told(shop: str, keep: Keep) -> None:
    told: list[Progress] = []
    manifest = create(shop, keep, NOW, told.append)
    assert told[-1].bytes == manifest.files["dump"].size
    assert told[-1].seconds > 0


def test_a_locked_table_is_told_and_not_waited_for(shop: str, keep: Keep) -> None:
    with psycopg.connect(shop) as holder:
        holder.execute("LOCK TABLE secrets")
        with pytest.raises(Temporary, match=r"public\.secrets is locked"):
            taken(shop, keep)
    assert not keep.listed().backups


def test_rows_that_a_policy_hides_are_not_missing_in_silence(shop: str, keep: Keep) -> None:
    reader = shop.replace("postgres@", "reader@")
    with pytest.raises(Refused, match=r"public\.secrets are hidden .* BYPASSRLS"):
        taken(reader, keep)
    with pytest.raises(Refused, match="may not read"):
        taken(shop.replace("postgres@", "ana@"), keep)
    assert not keep.listed().backups


def test_no_password_of_a_role_is_kept(shop: str, keep: Keep) -> None:
    manifest = taken(shop, keep)
    roles = keep.text(manifest, "roles.sql")
    assert b'GRANT ana TO "Ben, the 2nd"' in roles
    assert b"PASSWORD" not in roles
    assert b"SCRAM" not in roles


def test_passwords_of_foreign_servers_are_kept_encrypted_only(server: str, keep: Keep) -> None:
    url = database(server, "mapped")
    do(
        url,
        "CREATE FOREIGN DATA WRAPPER far",
        "CREATE SERVER there FOREIGN DATA WRAPPER far",
        "CREATE USER MAPPING FOR ana SERVER there OPTIONS (password 'hidden')",
    )
    with pytest.raises(Refused, match="foreign servers there"):
        taken(url, keep)
    locked = replace(keep, key=read_key(new_key()))
    assert isinstance(judged(locked, taken(url, locked)), Proof)


def test_a_database_of_another_encoding_and_an_odd_name(server: str, keep: Keep) -> None:
    do(
        server,
        "CREATE DATABASE \"odd='name\" TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'"
        " LOCALE_PROVIDER libc",
    )
    url = server.replace("/postgres?", "/odd%3D%27name?")
    do(url, "CREATE TABLE words (word text)", "INSERT INTO words VALUES ('déjà'), ('vu')")
    assert isinstance(judged(keep, taken(url, keep)), Proof)


def test_a_table_that_cannot_be_read_leaves_nothing(server: str, keep: Keep) -> None:
    url = database(server, "unreadable")
    do(
        url,
        "CREATE TYPE mood AS ENUM ('calm', 'wild')",
        "CREATE TABLE moods (mood mood)",
        "INSERT INTO moods VALUES ('wild')",
        "DELETE FROM pg_enum WHERE enumlabel = 'wild'",
    )
    with pytest.raises(Permanent, match="invalid internal value for enum"):
        taken(url, keep)
    assert not keep.listed().backups
    assert not left_over(keep)


def test_what_cannot_be_made_again_is_no_proof(server: str, keep: Keep) -> None:
    """A check that reads another table holds now, and not while that table is empty."""
    url = database(server, "check_reads")
    do(
        url,
        "CREATE TABLE b_limits (most int)",
        "INSERT INTO b_limits VALUES (9000)",
        "CREATE FUNCTION fits(int) RETURNS bool LANGUAGE sql AS 'SELECT $1 <= max(most) FROM"
        " public.b_limits'",
        "CREATE TABLE a_rows (n int CHECK (fits(n) IS TRUE))",
        "INSERT INTO a_rows VALUES (7301)",
        "INSERT INTO b_limits VALUES (9999)",
    )
    (reason,) = reasons(judged(keep, taken(url, keep)))
    assert "it cannot be restored" in reason
    assert "a_rows" in reason
    assert "7301" not in reason  # nobody's rows are told


def test_an_extension_that_is_there_comes_back(server: str, keep: Keep) -> None:
    url = database(server, "extended")
    do(
        url,
        "CREATE EXTENSION vector",
        "CREATE TABLE points (at vector(2))",
        "INSERT INTO points VALUES ('[1,2]')",
    )
    assert isinstance(judged(keep, taken(url, keep)), Proof)


def test_an_extension_that_the_scratch_server_lacks_is_told(server: str, keep: Keep) -> None:
    """A server with an extension that nobody else has: its name is made up in the catalog."""
    url = database(server, "lacking")
    do(
        url,
        "CREATE EXTENSION vector",
        "UPDATE pg_extension SET extname = 'geography' WHERE extname = 'vector'",
    )
    manifest = taken(url, keep)
    (reason,) = reasons(judged(keep, manifest))
    assert reason.startswith("the server lacks the extension geography: restore it into an empty")
    with pytest.raises(Refused, match="lacks the extension geography: install"):
        restore(manifest, keep, database(server, "lacking_too"), NOW, nobody)


def test_it_goes_into_an_empty_database_alone(server: str, shop: str, keep: Keep) -> None:
    manifest = taken(shop, keep)
    with pytest.raises(Refused, match=r"not empty, it has 1 schema, 9 tables"):
        restore(manifest, keep, shop, NOW, nobody)

    empty = database(server, "again")
    proof = restore(manifest, keep, empty, NOW, nobody)

    assert isinstance(proof, Proof), proof
    assert "again" in proof.where
    assert ask(empty, "SELECT twice(21)") == 42
    assert keep.find(manifest.name).is_proven


def test_a_restore_that_fails_leaves_the_database_empty(server: str, keep: Keep) -> None:
    url = database(server, "half")
    do(
        url,
        "CREATE TABLE a_first (n int)",
        "CREATE FUNCTION never() RETURNS bool LANGUAGE plpgsql AS 'BEGIN RETURN current_database()"
        " = ''half''; END'",
        "CREATE TABLE b_second (n int CHECK (never()))",
        "INSERT INTO b_second VALUES (1)",
    )
    manifest = taken(url, keep)
    target = database(server, "half_target")
    with pytest.raises(Exception, match="b_second"):
        restore(manifest, keep, target, NOW, nobody)
    assert ask(target, "SELECT count(*) FROM pg_class WHERE relnamespace = 2200") == 0


def test_a_server_of_an_older_version_that_somebody_else_began(keep: Keep) -> None:
    """It is proven on its own version, and can come back on a newer one; never on an older."""
    with scratch(ROOM, 16, superuser="boss") as old, a_postgres() as new:
        url = old.database("shop")
        do(url, *SHOP, "CREATE ROLE ana", "CREATE ROLE team", "GRANT team TO ana")
        manifest = taken(url, keep)
        proof = judged(keep, manifest)
        assert isinstance(proof, Proof), proof
        assert proof.where == "a scratch server, PostgreSQL 16"

        do(new, "CREATE ROLE boss SUPERUSER CREATEROLE CREATEDB LOGIN REPLICATION BYPASSRLS")
        newer = database(new, "shop")
        restored = restore(manifest, keep, newer, NOW, nobody)
        assert isinstance(restored, Proof), restored
        assert ask(newer, 'SELECT count(*) FROM app."Orders"') == 500

        with pytest.raises(Refused, match="is of PostgreSQL 18, the server is 16"):
            restore(taken(newer, keep), keep, old.database("older"), NOW, nobody)


def test_rows_that_would_be_lost_are_counted(server: str, keep: Keep) -> None:
    url = database(server, "losing")
    do(
        url,
        "CREATE TABLE items (id int, name text)",
        "INSERT INTO items SELECT i, 'x' FROM generate_series(1, 100) i",
        "CREATE TABLE calm (id int)",
        "INSERT INTO calm VALUES (1)",
    )
    manifest = taken(url, keep)
    assert lost(manifest, keep, url, nobody) == ()
    do(
        url,
        "INSERT INTO items SELECT i, 'y' FROM generate_series(1, 7) i",
        "UPDATE items SET name = 'z' WHERE id <= 3 AND name = 'x'",
        "SELECT pg_stat_force_next_flush()",
    )
    (loss,) = lost(manifest, keep, url, nobody)
    assert (loss.table, loss.at_least, loss.at_most) == ("public.items", 7, 107)
    assert loss.about is not None
    assert 10 <= loss.about <= 107
