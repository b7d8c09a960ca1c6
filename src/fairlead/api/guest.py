"""Who is asking? Every route depends on the answer."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.exceptions import HTTPException

from fairlead.access.person import Person
from fairlead.api.spared import Spared
from fairlead.commands import people
from fairlead.commands.desk import Desk
from fairlead.commands.intake import Intake
from fairlead.reports.own_numbers import Totals
from fairlead.reports.window import Window


@dataclass(frozen=True, slots=True)
class Doors:
    """What the API calls: commands through the desk, reports through the window.

    What applications tell goes through the intake; `dropped` counts what is not kept of it, by its
    type, since this server began. `totals` are those of all rows that there are.
    """

    desk: Desk
    window: Window
    intake: Intake
    dropped: Counter[str] = field(default_factory=Counter)
    totals: Spared[Totals] = field(default_factory=Spared)


def doors(request: Request) -> Doors:
    """Return what lies behind the API, whoever asks."""
    behind: Doors = request.app.state.doors
    return behind


def _desk(doors: Annotated[Doors, Depends(doors)]) -> Desk:
    return doors.desk


_bearer = HTTPBearer(auto_error=False)


def _guest(
    doors: Annotated[Doors, Depends(doors)],
    given: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> Person:
    person = people.authenticate(doors.desk, given.credentials) if given else None
    if person is None:
        raise HTTPException(401, "a valid bearer token is needed: `fairlead people add` makes one")
    return person


def _window(
    doors: Annotated[Doors, Depends(doors)], _: Annotated[Person, Depends(_guest)]
) -> Window:
    return doors.window


Guest = Annotated[Person, Depends(_guest)]
TheDesk = Annotated[Desk, Depends(_desk)]
TheWindow = Annotated[Window, Depends(_window)]
