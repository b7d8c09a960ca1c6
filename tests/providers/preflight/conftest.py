"""One PostgreSQL as a user's own would be for a file of tests, a database for each of them."""

from collections.abc import Callable, Iterator
from itertools import count

import psycopg
import pytest

from providers.postgres_stand import MAJORS, a_postgres, database
from providers.preflight_stand import Session

numbers = count(1)


@pytest.fixture(scope="module", params=MAJORS)
def server(request: pytest.FixtureRequest) -> Iterator[str]:
    with a_postgres(request.param) as url:
        yield url


@pytest.fixture
def url(server: str) -> str:
    return database(server, f"user_{next(numbers)}")


@pytest.fixture
def session(url: str) -> Iterator[Callable[[], Session]]:
    """Give a function that opens a session of the user's; all end with the test."""
    opened: list[Session] = []

    def another() -> Session:
        opened.append(psycopg.connect(url))
        return opened[-1]

    yield another
    for one in opened:
        one.close()
