"""The embedded PostgreSQL: made once, kept up, and nothing committed is lost."""

import os
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

from fairlead.errors import Permanent, Temporary
from fairlead.providers.databases.embedded import EmbeddedPostgres
from fairlead.providers.processes.supervisor import Supervisor
from fairlead.rollout.process import ProcessState
from providers.processes_stand import a_home, a_keeper, keeper_pid, lives, soon


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    with a_home() as made:
        yield made


@pytest.fixture(scope="module")
def keeper(home: Path) -> Iterator[Supervisor]:
    with a_keeper(home) as supervisor:
        yield supervisor


@pytest.fixture(scope="module")
def postgres(home: Path, keeper: Supervisor) -> EmbeddedPostgres:
    made = EmbeddedPostgres(home / "postgres", home / "run", keeper)
    with psycopg.connect(made.up()) as connection:
        connection.execute("CREATE TABLE kept (a int)")
        connection.execute("INSERT INTO kept VALUES (42)")
    return made


def kept(url: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute("SELECT a FROM kept").fetchall()


def answers(url: str) -> bool:
    try:
        return kept(url) == [(42,)]
    except psycopg.OperationalError:
        return False


def pid(keeper: Supervisor) -> int:
    return keeper.look()["postgres"].pid


def test_it_is_postgres_18_and_durable(postgres: EmbeddedPostgres) -> None:
    with psycopg.connect(postgres.up()) as connection:
        names = ("fsync", "synchronous_commit", "full_page_writes", "data_checksums")
        found = [connection.execute(f"SHOW {name}").fetchone() for name in names]
        assert found == [("on",)] * 4
        assert connection.info.server_version // 10000 == 18


def test_it_listens_on_no_port_and_its_files_are_private(
    postgres: EmbeddedPostgres, home: Path
) -> None:
    with psycopg.connect(postgres.url) as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
    for folder in (home / "postgres" / "data", home / "run" / "pg"):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for folder in (home, home / "run", home / "postgres"):
        assert not folder.stat().st_mode & 0o066


def test_it_sorts_text_the_same_on_every_machine(postgres: EmbeddedPostgres) -> None:
    with psycopg.connect(postgres.url) as connection:
        told = connection.execute(
            "SELECT datlocprovider, datlocale, pg_encoding_to_char(encoding) FROM pg_database "
            "WHERE datname = current_database()"
        ).fetchone()
    assert told == ("b", "C.UTF-8", "UTF8")


def test_calling_up_again_keeps_the_server(postgres: EmbeddedPostgres, keeper: Supervisor) -> None:
    before = pid(keeper)
    assert postgres.up() == postgres.url
    assert pid(keeper) == before


def test_a_killed_server_comes_back_by_itself_with_what_was_committed(
    postgres: EmbeddedPostgres, keeper: Supervisor
) -> None:
    soon(lambda: keeper.look()["postgres"].state is ProcessState.RUNNING)
    clinging = threading.Thread(target=_count_without_looking_up, args=[postgres.url])
    clinging.start()
    soon(lambda: _is_counting(postgres.url))
    os.kill(pid(keeper), signal.SIGKILL)
    soon(lambda: answers(postgres.url), seconds=30)
    clinging.join()


def _count_without_looking_up(url: str) -> None:
    """Hold on to the dead server's shared memory until the counting is done."""
    with suppress(psycopg.OperationalError), psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "SELECT count(*) FROM generate_series(1, 4000) a, generate_series(1, 4000) b "
            "-- counting"
        )


def _is_counting(url: str) -> bool:
    with psycopg.connect(url) as connection:
        found = connection.execute(
            "SELECT FROM pg_stat_activity WHERE state = 'active' AND query LIKE %s",
            ["%-- counting"],
        ).fetchone()
    return found is not None


def test_after_the_keeper_was_killed_there_is_one_server_on_the_data(
    postgres: EmbeddedPostgres, keeper: Supervisor, home: Path
) -> None:
    before = pid(keeper)
    os.kill(keeper_pid(home), signal.SIGKILL)
    soon(lambda: not keeper.alive())
    keeper.up()
    assert not lives(before)
    assert kept(postgres.up()) == [(42,)]
    assert "already exists" not in (home / "postgres/log/postgres.log").read_text()


def test_a_stopped_server_is_started_again_quickly(
    postgres: EmbeddedPostgres, keeper: Supervisor
) -> None:
    keeper.stop("postgres")
    assert not answers(postgres.url)
    assert kept(postgres.up()) == [(42,)]


def test_an_interrupted_making_is_thrown_away_and_done_anew(keeper: Supervisor) -> None:
    with a_home() as place:
        code = (
            "import sys; from pathlib import Path;"
            "from fairlead.providers.databases.cluster import account, make;"
            "make(Path(sys.argv[1]), account())"
        )
        data = place / "postgres" / "data"
        data.parent.mkdir()
        maker = subprocess.Popen([sys.executable, "-c", code, str(data)])
        soon(lambda: list(data.parent.glob("data.unfinished-*/base")))
        maker.kill()
        maker.wait()
        assert not data.exists()
        with a_keeper(place) as other:
            again = EmbeddedPostgres(place / "postgres", place / "run", other)
            with psycopg.connect(again.up()) as connection:
                assert connection.execute("SELECT 1").fetchone() == (1,)


def test_two_who_call_up_at_once_make_one_database(keeper: Supervisor, home: Path) -> None:
    with a_home() as place, a_keeper(place) as other:
        those = [EmbeddedPostgres(place / "postgres", place / "run", other) for _ in range(2)]
        told: list[str] = []
        threads = [threading.Thread(target=lambda one=one: told.append(one.up())) for one in those]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert told == [those[0].url] * 2


def test_data_of_another_version_is_refused_for_good(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "PG_VERSION").write_text("16\n")
    database = EmbeddedPostgres(tmp_path, tmp_path / "run", Supervisor(tmp_path, tmp_path))
    with pytest.raises(Permanent, match="PostgreSQL 16"):
        database.up()


def test_a_server_that_cannot_start_says_why(
    keeper: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    with a_home() as place, a_keeper(place) as other:
        database = EmbeddedPostgres(place / "postgres", place / "run", other)
        database.up()
        other.stop("postgres")
        (place / "postgres" / "data" / "global" / "pg_control").unlink()
        monkeypatch.setattr("fairlead.providers.databases.embedded.PATIENCE_S", 0.5)
        with pytest.raises(Temporary, match="pg_control"):
            database.up()
