"""Is a database made for an app its own, and nobody else's?"""

from collections.abc import Iterator

import psycopg
import pytest

from fairlead.errors import Refused
from fairlead.providers.databases.app_database import make
from fairlead.providers.databases.scratch import Scratch, scratch
from room import ROOM


@pytest.fixture(scope="module")
def server() -> Iterator[Scratch]:
    with scratch(ROOM) as found:
        yield found


def test_its_owner_may_do_all_there_and_nothing_elsewhere(server: Scratch) -> None:
    url = make(server.url, "shop-live")
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE items (id int)")
    with (
        psycopg.connect(url, autocommit=True) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute("CREATE DATABASE more")


def test_an_attempt_that_was_killed_is_taken_up(server: Scratch) -> None:
    assert make(server.url, "half") == make(server.url, "half")


def test_somebody_elses_is_refused(server: Scratch) -> None:
    server.database("theirs")
    with pytest.raises(Refused, match="there is a database theirs already"):
        make(server.url, "theirs")
