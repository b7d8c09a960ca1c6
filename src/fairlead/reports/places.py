"""Where was anything ever deployed?"""

from dataclasses import dataclass

from fairlead.errors import NotFound
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


def known(window: Window, app: str, environment: str) -> tuple[str, str]:
    """Return the app and environment; `NotFound` when nothing was ever deployed there."""
    there = places(window)
    if not any((place.app, place.environment) == (app, environment) for place in there):
        names = ", ".join(f"{place.environment} of {place.app}" for place in there)
        raise NotFound(
            f"nothing was ever deployed to {environment} of {app}: known are {names or 'none'}"
        )
    return app, environment
