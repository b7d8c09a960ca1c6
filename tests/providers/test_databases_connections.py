"""How full is a database? Asked of a real one with few connections."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from fairlead.errors import NotFound, Refused, Temporary
from fairlead.providers.databases.connections import TakenConnections
from fairlead.providers.secrets.files import SecretFiles
from providers.postgres_stand import a_postgres

# So many for everybody, and one for a superuser; walsenders have places of their own.
MOST = 10


class Clock:
    """Time that passes when it is told to."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    few = a_postgres(
        max_connections=str(MOST + 1), superuser_reserved_connections="1", reserved_connections="0"
    )
    with few as one, psycopg.connect(one, autocommit=True) as connection:
        connection.execute("CREATE ROLE shop LOGIN")
        yield one.replace("postgresql://postgres", "postgresql://shop")


def asked(folder: Path, address: str) -> tuple[TakenConnections, Clock]:
    secrets, clock = SecretFiles(folder), Clock()
    secrets.put("shop", address + "\n")
    return TakenConnections(secrets, clock), clock


def take_all(held: ExitStack, url: str) -> None:
    for _ in range(MOST):
        held.enter_context(psycopg.connect(url))


def test_the_share_grows_until_nobody_is_taken_in(url: str, tmp_path: Path) -> None:
    look, clock = asked(tmp_path, url)
    first = look.taken("shop")
    assert 0 < first < 0.5
    with ExitStack() as held:
        for _ in range(5):
            held.enter_context(psycopg.connect(url))
        assert look.taken("shop") == first  # told once more
        clock.now += timedelta(seconds=11)
        assert look.taken("shop") == pytest.approx(first + 5 / MOST)
        with pytest.raises(psycopg.OperationalError):
            take_all(held, url)
        clock.now += timedelta(seconds=11)
        assert look.taken("shop") == 1.0


def test_what_cannot_be_asked_is_an_error_and_tells_no_password(tmp_path: Path) -> None:
    look, clock = asked(tmp_path, "postgresql://shop:s3cret@/gone?host=%2Fnowhere")
    for _ in range(2):
        with pytest.raises(Temporary) as caught:
            look.taken("shop")
        assert "gone on /nowhere does not answer" in str(caught.value)
        assert "s3cret" not in str(caught.value)
    SecretFiles(tmp_path).put("shop", "s3cret")
    clock.now += timedelta(seconds=11)
    with pytest.raises(Refused):
        look.taken("shop")
    with pytest.raises(NotFound):
        look.taken("other")
