"""People over HTTP."""

from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from fairlead.access.person import Person
from fairlead.access.role import Role
from fairlead.api.guest import Guest, TheDesk, TheWindow
from fairlead.api.shapes import Newcomer
from fairlead.commands import people as command
from fairlead.reports import people as report

router = APIRouter(tags=["people"])


@router.get("/me")
def me(person: Guest) -> dict[str, str]:
    """Tell whose token this is."""
    return {"name": person.name, "email": person.email, "role": person.role.value}


@router.get("/people")
def everybody(window: TheWindow) -> list[dict[str, Any]]:
    """Tell who may come in."""
    return report.everybody(window)


@router.post("/people", status_code=201)
def save(asked: Newcomer, person: Guest, desk: TheDesk) -> dict[str, str]:
    """Let somebody in, or change their role; the token is shown this once."""
    newcomer = Person(asked.name, asked.email, Role(asked.role))
    return {"name": asked.name, "token": command.save(desk, person, newcomer)}


@router.delete("/people/{name}", status_code=204)
def remove(name: str, person: Guest, desk: TheDesk) -> Response:
    """Keep somebody out from now on, with every token they have."""
    command.remove(desk, person, name)
    return Response(status_code=204)
