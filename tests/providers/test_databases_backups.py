"""Is everything in a database kept, and does it come back the same?"""

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from providers.backups_stand import NOW, SHOP, ask, do, judged, nobody, reasons, taken
from providers.postgres_stand import a_postgres, database

from fairlead.errors import Refused, Temporary
from fairlead.migrations.backup import Progress, Proof
from fairlead.providers.databases.backups.keep import Keep
from fairlead.providers.databases.backups.proving import restore
from fairlead.providers.databases.backups.sealing import new_key, read_key
from fairlead.providers.databases.backups.taking import create


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
    assert "10 tables with 630 rows, 3 sequences, 2 large objects" in proof.compared
    assert keep.find(manifest.name).is_proven
    assert keep.find(manifest.name).proof == proof
