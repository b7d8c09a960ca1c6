"""In which order do the test files run? Long ones first, those that wait beside those that work."""

import gc
import signal
from collections.abc import Iterator
from itertools import chain, zip_longest

import pytest

from room import copied_clusters
from second_look import pytest_addoption, pytest_configure

__all__ = ["pytest_addoption", "pytest_configure"]

WORKING = "tests/providers/test_databases_"
WAITING = ("tests/journeys/", "tests/doors/", "tests/pipeline/")


def pytest_collection() -> None:
    """Look for no garbage while thousands of tests are collected: all of it stays.

    What a shell starts in the background ignores Ctrl-C, and so would all that tests start.
    """
    gc.disable()
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    files = list(dict.fromkeys(item.nodeid.partition("::")[0] for item in items))
    working = [file for file in files if file.startswith(WORKING)]
    waiting = [file for folder in WAITING for file in files if file.startswith(folder)]
    first = [file for file in chain(*zip_longest(waiting, working)) if file]
    rank = {file: number for number, file in enumerate(dict.fromkeys([*first, *files]))}
    items.sort(key=lambda item: rank[item.nodeid.partition("::")[0]])


@pytest.fixture(scope="session", autouse=True)
def _copied_clusters() -> Iterator[None]:
    with copied_clusters():
        yield
