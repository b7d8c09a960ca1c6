"""Who asks, and about which place? Remembered for a moment, since it is asked a thousand times."""

import math
import time

from fairlead.access import token
from fairlead.access.person import Person
from fairlead.api.guest import Doors
from fairlead.commands import people
from fairlead.errors import NotFound, Refused
from fairlead.reports.places import Place, places

# Somebody who is removed, or a place that is new, is known here within so many seconds.
KEPT_S = 2.0
PRODUCTION = "production"
_MOST = 1000


class Known:
    """People by their token, and the places that releases were deployed to."""

    def __init__(self, doors: Doors) -> None:
        """Remember nobody yet."""
        self._doors = doors
        self._people: dict[str, tuple[float, Person | None]] = {}
        self._places: tuple[float, tuple[Place, ...]] = (-math.inf, ())

    def remembered(self, bearer: str) -> tuple[Person | None] | None:
        """Return who it is when that was asked a moment ago; None when it was not."""
        known = self._people.get(token.digest(bearer))
        return (known[1],) if known and time.monotonic() - known[0] < KEPT_S else None

    def person(self, bearer: str) -> Person | None:
        """Return whose token it is, asked of the database; None when it is nobody's."""
        found = people.authenticate(self._doors.desk, bearer)
        if len(self._people) >= _MOST:
            self._people.clear()
        self._people[token.digest(bearer)] = (time.monotonic(), found)
        return found

    def app(self, name: str) -> str:
        """Return the app that is meant: the only one, where none is named.

        Errors: `NotFound` when nothing of it was ever deployed, `Refused` when several may be meant
        and none is named.
        """
        apps = sorted({place.app for place in self._all()})
        name = name or _only(apps, "app")
        if name not in apps:
            raise NotFound(f"nothing was ever deployed of {name}: known are {', '.join(apps)}")
        return name

    def place(self, app: str, environment: str) -> tuple[str, str]:
        """Return the app and environment that are meant.

        Left out, it is the only app there is, and its production (what a file calls so, else the
        environment of that name) or its only environment.
        Errors: `NotFound` when there is none of that name, `Refused` when several may be meant.
        """
        there = self._all()
        app = self.app(app)
        mine = [place for place in there if place.app == app]
        names = [place.environment for place in mine]
        production = [place.environment for place in mine if place.production]
        production = production or [name for name in names if name == PRODUCTION]
        environment = environment or _only(production or names, "environment")
        if environment not in names:
            raise NotFound(
                f"nothing was ever deployed to {environment} of {app}: known are {', '.join(names)}"
            )
        return app, environment

    def knows_places(self) -> bool:
        """Tell whether `place` will answer without asking the database."""
        return time.monotonic() - self._places[0] < KEPT_S

    def look(self) -> tuple[Place, ...]:
        """Return every place, asked of the database."""
        known = places(self._doors.window)
        self._places = time.monotonic(), known
        return known

    def _all(self) -> tuple[Place, ...]:
        # Read once: another thread may learn of newer ones meanwhile.
        at, known = self._places
        return known if time.monotonic() - at < KEPT_S else self.look()


def _only(names: list[str], what: str) -> str:
    if len(names) == 1:
        return names[0]
    if not names:
        raise NotFound("nothing was ever deployed: `fairlead deploy` takes the first commit along")
    raise Refused(f"there is more than one {what}: say which, {' or '.join(names)}")
