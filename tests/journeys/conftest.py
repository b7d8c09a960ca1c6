"""One installation for all stories; they come last, because it keeps two cores a little busy."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from journeys.stand import Stand, folder_of_its_own, standing

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.path.parent == HERE)


@pytest.fixture(scope="session")
def stand() -> Iterator[Stand]:
    with folder_of_its_own() as folder, standing(folder) as one:
        yield one
