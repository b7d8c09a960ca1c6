"""What if a database does not come to the shape that was rehearsed? It is not forgotten."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime

import pytest

from fairlead.errors import Refused
from fairlead.migrations.file import read_all
from fairlead.providers.databases.changing import Care, Changed, Changing
from fairlead.providers.databases.migrations import PostgresMigrations, Terms
from providers.migrations_stand import a_database, a_server, ask

ITEMS = {"1_items.sql": "create table items (id int);"}
NEWER = {**ITEMS, "2_note.sql": "alter table items add column note text;"}
SNEAKED = "create table sneaked (id int)"


class Killed(BaseException):
    """Ends a run where it is, as a signal would."""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with a_server() as url:
        yield url


@pytest.fixture
def url(server: str) -> str:
    return a_database(server)


def change(
    url: str,
    files: Mapping[str, str],
    meanwhile: Callable[[str], object] = str,
    takes_shape: bool = False,
) -> tuple[Changed, list[str]]:
    told: list[str] = []

    def tell(sentence: str) -> None:
        told.append(sentence)
        meanwhile(sentence)

    read = read_all({name: sql.encode() for name, sql in files.items()})
    changing = Changing(url, lambda: datetime.now(UTC), tell)
    return changing.change(read, Terms(), Care(None, takes_shape=takes_shape)), told


def after_it_was_applied(do: Callable[[], object]) -> Callable[[str], object]:
    return lambda sentence: do() if " applied: " in sentence else None


def killed() -> None:
    raise Killed


def test_a_shape_that_was_rehearsed_leaves_nothing_to_compare(url: str) -> None:
    _, told = change(url, ITEMS)
    assert told[-1] == "the database has the shape that was rehearsed"
    assert PostgresMigrations(url).ledger().promise is None
    assert change(url, ITEMS)[1] == []


def test_another_shape_is_refused_until_it_is_mended(url: str) -> None:
    changed, _ = change(url, ITEMS, after_it_was_applied(lambda: ask(url, SNEAKED)))
    assert changed.outcome.applied == ("1_items.sql",)
    assert changed.outcome.failed.startswith("everything was done, but the database has another")
    for files in (ITEMS, NEWER):
        with pytest.raises(Refused, match="nothing was changed: the database has another shape"):
            change(url, files)
    ask(url, "drop table sneaked")
    changed, told = change(url, NEWER)
    assert told[0] == "after its last change the database has the shape that was rehearsed"
    assert (changed.outcome.applied, changed.outcome.failed) == (("2_note.sql",), "")


def test_another_shape_can_be_taken_as_it_is(url: str) -> None:
    change(url, ITEMS, after_it_was_applied(lambda: ask(url, SNEAKED)))
    _, told = change(url, ITEMS, takes_shape=True)
    assert told == ["after its last change the database is taken as it is"]
    assert change(url, ITEMS)[1] == []


@pytest.mark.parametrize("sneaks", [False, True])
def test_a_run_killed_before_it_compares_is_compared_by_the_next(url: str, sneaks: bool) -> None:
    with pytest.raises(Killed):
        change(url, ITEMS, after_it_was_applied(killed))
    assert "1" in PostgresMigrations(url).ledger().applied
    if sneaks:
        ask(url, SNEAKED)
        with pytest.raises(Refused, match="look for who else changes it"):
            change(url, ITEMS)
        return
    _, told = change(url, ITEMS)
    assert told == ["after its last change the database has the shape that was rehearsed"]


def test_a_run_killed_half_way_promises_anew(url: str) -> None:
    with pytest.raises(Killed):
        change(url, NEWER, after_it_was_applied(killed))
    ask(url, SNEAKED)
    changed, told = change(url, NEWER)
    assert (changed.outcome.applied, changed.outcome.failed) == (("2_note.sql",), "")
    assert told[-1] == "the database has the shape that was rehearsed"
