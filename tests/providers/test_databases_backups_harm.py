"""Is a backup that was harmed, cut short or tampered with ever taken for a whole one?"""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from fairlead.errors import NotFound, Refused
from fairlead.migrations import backup
from fairlead.migrations.backup import Manifest, Proof
from fairlead.migrations.retention import Retention, superfluous
from fairlead.providers.databases.backups.keep import Keep
from fairlead.providers.databases.backups.proving import restore
from fairlead.providers.databases.backups.sealing import new_key, read_key
from providers.backups_stand import (
    NOW,
    do,
    judged,
    left_over,
    nobody,
    reasons,
    taken,
)
from providers.postgres_stand import a_postgres, database

HERE = Path(__file__).parent
FILES = ("dump", "roles.sql", "schema.sql", "contents.json")


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with a_postgres() as url:
        yield url


@pytest.fixture(scope="module")
def shop(server: str) -> str:
    url = database(server, "shop")
    do(
        url,
        "CREATE TABLE items (id serial PRIMARY KEY, name text)",
        "INSERT INTO items (name) SELECT md5(i::text) FROM generate_series(1, 10000) i",
    )
    return url


@pytest.fixture(scope="module")
def proven(shop: str, tmp_path_factory: pytest.TempPathFactory) -> tuple[Keep, Manifest]:
    keep = Keep(tmp_path_factory.mktemp("proven"))
    manifest = taken(shop, keep)
    assert isinstance(judged(keep, manifest), Proof)
    return keep, keep.find(manifest.name)


@pytest.fixture
def copy(proven: tuple[Keep, Manifest], tmp_path: Path) -> tuple[Keep, Manifest]:
    """Give a proven backup that a test may harm."""
    keep, manifest = proven
    shutil.copytree(keep.folder, tmp_path / "copy")
    return Keep(tmp_path / "copy"), manifest


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize(
    ("harm", "words"), [(flip, "was changed"), (cut, "bytes"), (Path.unlink, "is gone")]
)
def test_a_harmed_file_is_refused_and_the_proof_withdrawn(
    server: str,
    copy: tuple[Keep, Manifest],
    file: str,
    harm: Callable[[Path], None],
    words: str,
) -> None:
    keep, manifest = copy
    harm(keep.folder / manifest.name / file)

    with pytest.raises(Refused, match="is damaged: restore another") as refused:
        restore(manifest, keep, server, NOW, nobody)
    assert words in refused.value.problems[0]
    assert words in reasons(judged(keep, manifest))[0]
    assert not keep.find(manifest.name).is_proven


def test_a_manifest_that_lies_is_not_proven(copy: tuple[Keep, Manifest]) -> None:
    """Whoever changes what it says loses the proof, and does not get it again."""
    keep, manifest = copy
    path = keep.folder / manifest.name / "manifest.json"
    told = json.loads(path.read_text())
    path.write_text(json.dumps(told | {"fingerprint": "0" * 64, "rows": 3}))

    assert not keep.find(manifest.name).is_proven
    assert reasons(judged(keep, manifest)) == (
        "the fingerprint in the manifest is not that of the schema that was kept",
        "the manifest tells of 1 table with 3 rows, 1 table with 10,000 rows were kept",
    )


def test_contents_that_lie_are_found_table_by_table(copy: tuple[Keep, Manifest]) -> None:
    """Somebody who changes a file and its checksum in the manifest, too."""
    keep, manifest = copy
    path = keep.folder / manifest.name / "contents.json"
    kept = backup.read_contents(path.read_bytes())
    table = kept.tables["public.items"]
    lie = replace(kept, tables={"public.items": replace(table, rows=9999)}, sequences={})
    path.write_bytes(backup.write_contents(lie))
    shown = backup.KeptFile(path.stat().st_size, hashlib.sha256(path.read_bytes()).hexdigest())
    keep.replace(replace(manifest, rows=9999, files=manifest.files | {"contents.json": shown}))

    assert not keep.find(manifest.name).is_proven
    assert reasons(judged(keep, manifest)) == (
        "table public.items: 9,999 rows were kept, 10,000 came back",
        "sequence public.items_id_seq came back, and was not there",
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "cannot be read"),
        ("{}", "cannot be read"),
        ('{"format": 2}', "cannot be read"),
    ],
)
def test_a_manifest_that_is_none_is_told(
    copy: tuple[Keep, Manifest], text: str, words: str
) -> None:
    keep, manifest = copy
    (keep.folder / manifest.name / "manifest.json").write_text(text)
    listed = keep.listed()
    assert not listed.backups
    assert words in listed.problems[0]


def test_a_manifest_of_another_backup_is_refused(copy: tuple[Keep, Manifest]) -> None:
    keep, manifest = copy
    other = manifest.name[:-6] + "abcdef"
    (keep.folder / manifest.name).rename(keep.folder / other)
    with pytest.raises(Refused, match="is that of"):
        keep.find(other)


@pytest.mark.parametrize("name", ["", "../x", "/etc", "nothing-20260101t000000z-000000"])
def test_a_name_of_none_is_not_found(copy: tuple[Keep, Manifest], name: str) -> None:
    with pytest.raises(NotFound, match="there is no backup"):
        copy[0].find(name)


def test_a_folder_without_a_manifest_is_no_backup(copy: tuple[Keep, Manifest]) -> None:
    keep, manifest = copy
    (keep.folder / manifest.name / "manifest.json").unlink()
    assert not keep.listed().backups
    with pytest.raises(NotFound):
        keep.find(manifest.name)


def test_an_encrypted_backup_needs_its_own_key(shop: str, tmp_path: Path) -> None:
    keep = Keep(tmp_path, read_key(new_key()))
    manifest = taken(shop, keep)
    folder = keep.folder / manifest.name
    assert sorted(path.name for path in folder.iterdir()) == [
        *("contents.json.age", "dump.age", "manifest.json", "roles.sql.age", "schema.sql.age"),
    ]
    assert b"items" not in b"".join(path.read_bytes() for path in folder.iterdir())

    with pytest.raises(Refused, match="is encrypted: set FAIRLEAD_BACKUP_KEY_FILE"):
        judged(Keep(tmp_path), manifest)
    with pytest.raises(Refused, match="cannot be decrypted with this key"):
        judged(Keep(tmp_path, read_key(new_key())), manifest)
    assert isinstance(judged(keep, manifest), Proof)

    flip(folder / "dump.age")
    assert "was changed" in reasons(judged(keep, manifest))[0]


def test_with_a_key_only_what_is_encrypted_is_read(copy: tuple[Keep, Manifest]) -> None:
    """Who can write into the folder cannot give us a backup of their own."""
    keep, manifest = copy
    with pytest.raises(Refused, match="is not encrypted, and there is a key"):
        judged(replace(keep, key=read_key(new_key())), manifest)


@pytest.mark.parametrize("text", ["", "age1notsecret", "AGE-SECRET-KEY-1NONSENSE", "a\nb"])
def test_a_key_that_is_none_is_refused_and_not_told(text: str) -> None:
    with pytest.raises(Refused, match="begins with AGE-SECRET-KEY-1") as refused:
        read_key(text)
    assert not text or text not in str(refused.value)


def test_two_at_once_are_two_backups(shop: str, tmp_path: Path) -> None:
    keep = Keep(tmp_path)
    with ThreadPoolExecutor(2) as pool:
        both = [*pool.map(lambda _: taken(shop, keep), range(2))]
    assert {one.name for one in keep.listed().backups} == {one.name for one in both}
    assert len({one.files["contents.json"].sha256 for one in both}) == 1
    assert not left_over(keep)


def test_a_killed_one_leaves_nothing_that_looks_whole(shop: str, tmp_path: Path) -> None:
    keep = Keep(tmp_path)
    process = subprocess.Popen(
        [sys.executable, str(HERE / "killed_backup.py"), shop, str(tmp_path)],
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert process.stdout
    assert process.stdout.readline() == b"there\n"
    taken(shop, keep)
    assert len(left_over(keep)) == 1  # the living one's is left alone

    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    assert len(keep.listed().backups) == 1
    taken(shop, keep)
    assert len(keep.listed().backups) == 2
    assert not left_over(keep)


@pytest.mark.parametrize("how", ["clear", "encrypted"])
def test_a_full_disk_is_refused_and_leaves_nothing(shop: str, tmp_path: Path, how: str) -> None:
    ended = subprocess.run(
        [sys.executable, str(HERE / "full_disk.py"), shop, str(tmp_path), how],
        check=False,
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert ended.stdout.startswith("the disk is full: nothing was kept"), ended.stderr
    keep = Keep(tmp_path)
    assert not keep.listed().backups
    assert not left_over(keep)


def test_a_disk_that_is_really_full_is_refused(shop: str, tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=200k", "tmpfs", str(small)],
        check=False,
        capture_output=True,
    )
    if mounted.returncode:
        pytest.skip(f"no small disk can be mounted here: {mounted.stderr.decode().strip()}")
    try:
        keep = Keep(small)
        with pytest.raises(Refused, match="the disk is full: nothing was kept"):
            taken(shop, keep)
        assert not left_over(keep)
    finally:
        subprocess.run(["umount", str(small)], check=True)


def test_what_may_go_is_removed_and_what_is_proven_stays(
    proven: tuple[Keep, Manifest], tmp_path: Path
) -> None:
    kept, manifest = proven
    keep = Keep(tmp_path)
    for days in range(4):
        name = f"shop-2026110{days + 1}t000000z-00000{days}"
        shutil.copytree(kept.folder / manifest.name, keep.folder / name)
        old = replace(manifest, name=name, taken_at=NOW - timedelta(days=30 - days), proof=None)
        proof = replace(manifest.proof, of=old.digest) if manifest.proof and days == 0 else None
        keep.replace(replace(old, proof=proof))
    for gone in superfluous(keep.listed().backups, Retention(newest=2, days=7), NOW):
        keep.remove(gone)
    assert [one.name[-1] for one in keep.listed().backups] == ["3", "2", "0"]
    assert not left_over(keep)
