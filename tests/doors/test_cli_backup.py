"""What do `fairlead backup` and `fairlead db backup` tell, and with which status do they end?"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import Result

from doors.canned_fairlead import NOBODY_ANSWERS, say
from providers.backups_stand import do
from providers.postgres_stand import a_postgres, database

LOST = "rows that would be lost: 2 to 5"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with a_postgres() as url:
        yield url


@pytest.fixture(scope="module")
def shop(server: str) -> str:
    url = database(server, "shop")
    do(url, "CREATE TABLE items (id int)", "INSERT INTO items VALUES (1), (2), (3)")
    return url


class Stand:
    """A folder for backups, and how to ask about them."""

    def __init__(self, home: Path) -> None:
        self.home, self.folder = home, home / "kept"

    def say(self, *words: str) -> Result:
        keep = () if "key" in words else ("--keep", str(self.folder))
        return say(self.home, NOBODY_ANSWERS, *words, *keep)


@pytest.fixture
def stand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stand:
    for name in ("KEY", "KEY_FILE"):
        monkeypatch.delenv(f"FAIRLEAD_BACKUP_{name}", raising=False)
    return Stand(tmp_path)


def test_a_backup_is_taken_proven_listed_and_restored(server: str, shop: str, stand: Stand) -> None:
    created = stand.say("backup", "create", "--url", shop)
    assert created.exit_code == 0, created.output
    taken, proven = created.stdout.splitlines()
    assert "of shop on" in taken
    assert "is taken: 1 table with 3 rows" in taken
    assert proven.startswith("proven on a scratch server, PostgreSQL 18: 1 table with 3 rows")
    name = taken.split()[1]

    assert f"{name}" in stand.say("db", "backup", "list").stdout
    (listed,) = json.loads(stand.say("backup", "list", "--json").stdout)["backups"]
    assert (listed["name"], listed["proven"], listed["encrypted"]) == (name, True, False)

    do(shop, "INSERT INTO items VALUES (4), (5)")
    empty = database(server, "again")
    restored = stand.say(
        *("backup", "restore", name, "--into", empty, "--compare", shop, "--yes"),
    )
    assert restored.exit_code == 0, restored.output
    lines = restored.stdout.splitlines()
    assert lines[0].startswith(LOST)
    assert lines[1].startswith("  public.items: 2 to 5, about ")
    assert lines[2].startswith(f"backup {name} is restored into again on")
    assert lines[2].endswith("new roles have no password yet")
    assert lines[3].startswith("proven on again on")


def test_a_harmed_backup_ends_with_1_and_a_sentence(shop: str, stand: Stand) -> None:
    assert stand.say("backup", "create", "--unproven", "--url", shop).exit_code == 0
    (folder,) = (path for path in stand.folder.iterdir() if path.is_dir())
    (folder / "dump").write_bytes(b"x")
    verified = stand.say("backup", "verify")
    assert verified.exit_code == 1
    assert "is not proven:" in verified.stderr
    assert "dump of backup" in verified.stderr
    told = json.loads(stand.say("backup", "verify", "--json").stdout)
    assert not told["proven"]
    assert "1 bytes" in told["doubts"][0]
    damaged = stand.say("backup", "restore", "--into", shop, "--yes")
    assert damaged.exit_code == 2
    assert "is damaged: restore another one" in damaged.stderr


def test_a_full_database_and_a_missing_yes_are_refused(shop: str, stand: Stand) -> None:
    assert stand.say("backup", "create", "--unproven", "--url", shop).exit_code == 0
    full = stand.say("backup", "restore", "--into", shop, "--yes")
    assert full.exit_code == 2
    assert "is not empty, it has 1 table: make an empty one" in full.stderr
    asked = stand.say("backup", "restore", "--into", shop)
    assert asked.exit_code == 2
    assert "add --yes to `fairlead backup restore`" in asked.stderr


def test_a_key_from_a_file_encrypts(
    shop: str, stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = stand.home / "key"
    assert stand.say("backup", "key", str(file)).exit_code == 0
    assert file.stat().st_mode & 0o777 == 0o600
    assert stand.say("backup", "key", str(file)).exit_code == 2
    monkeypatch.setenv("FAIRLEAD_BACKUP_KEY_FILE", str(file))
    created = stand.say("backup", "create", "--url", shop)
    assert created.exit_code == 0, created.output
    assert ", encrypted" in created.stdout
    assert "AGE-SECRET" not in created.output
    monkeypatch.delenv("FAIRLEAD_BACKUP_KEY_FILE")
    assert "proven, encrypted" in stand.say("backup", "list").stdout
    unread = stand.say("backup", "verify")
    assert unread.exit_code == 2
    assert "is encrypted: set FAIRLEAD_BACKUP_KEY_FILE" in unread.stderr


def test_who_is_asked_to_end_leaves_no_data_behind(shop: str, stand: Stand) -> None:
    """The scratch server stands with the data in it when the signal comes."""
    room = Path(tempfile.mkdtemp(prefix="fl-room-"))
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "fairlead.cli.main", "backup", "create", "--url", shop),
            *("--keep", str(stand.folder), "--room", str(room)),
        ],
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    while not [*room.glob("fl-scratch-*/run/.s.PGSQL.*")]:
        assert process.poll() is None
        time.sleep(0.02)
    process.send_signal(signal.SIGTERM)
    assert "interrupted: what was not complete is gone" in process.communicate()[1]
    assert process.returncode == 130
    assert not [*room.iterdir()]
    room.rmdir()
    (kept,) = json.loads(stand.say("backup", "list", "--json").stdout)["backups"]
    assert not kept["proven"]


def test_old_backups_go_and_that_is_told(shop: str, stand: Stand) -> None:
    for _ in range(2):
        done = stand.say(
            *("backup", "create", "--unproven", "--newest", "1", "--days", "0", "--url", shop),
        )
        assert done.exit_code == 0
    assert "is removed: it is old, and newer ones are there" in done.stderr
    assert len(json.loads(stand.say("backup", "list", "--json").stdout)["backups"]) == 1


def test_nothing_there_and_nothing_named(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FAIRLEAD_APP_DATABASE_URL", raising=False)
    assert stand.say("backup", "list").stdout == "there are no backups\n"
    assert stand.say("backup", "verify").exit_code == 2
    assert "no database was named" in stand.say("backup", "create").stderr
    assert "add --into, or set FAIRLEAD_RESTORE_URL" in stand.say("backup", "restore").stderr
