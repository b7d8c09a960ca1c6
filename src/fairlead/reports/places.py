"""Where was anything ever deployed?"""

from dataclasses import dataclass

from fairlead.reports.window import Window
from fairlead.store import environments


@dataclass(frozen=True, slots=True)
class Place:
    """An environment that a release was deployed to."""

    app: str
    environment: str
    production: bool


def places(window: Window) -> tuple[Place, ...]:
    """Return every environment there is, by app and name."""
    with window.database.begin() as tx:
        there = environments.everything(tx)
    return tuple(Place(state.app, state.name, state.production) for state in there)
