"""The functions as their callers see them: over HTTP, on a real PostgreSQL, without a server."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
from starlette.types import ASGIApp

from fairlead.access.person import Person
from fairlead.access.role import Role
from fairlead.api.app import create
from fairlead.api.guest import Doors
from fairlead.commands import people
from fairlead.commands.intake import Intake
from fairlead.commands.recording import WRITERS
from pipeline.loop import Full, Loop


@dataclass(slots=True)
class Functions:
    """How to call them; `loop` is the house behind, whose clock they tell the time by."""

    loop: Loop
    doors: Doors
    whole: ASGIApp
    token: str
    full: Full
    tokens: dict[str, str] = field(default_factory=dict)

    def token_of(self, role: str) -> str:
        """Return the token of somebody with a role, who is called after it."""
        if role not in self.tokens:
            admin = Person("ada", "ada@example.org", Role.ADMIN)
            somebody = Person(role, f"{role}@example.org", Role(role))
            self.tokens[role] = people.save(self.loop.desk(), admin, somebody)
        return self.tokens[role]

    def post(self, name: str, body: Any, token: str | None = None, **more: Any) -> httpx.Response:
        """Send a body as it is, with the viewer's token unless another is given."""
        bearer = self.token if token is None else token
        headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
        return self.request("POST", f"/functions/v1/{name}", headers=headers, json=body, **more)

    def request(self, method: str, path: str, **more: Any) -> httpx.Response:
        """Send any request to the whole application."""

        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self.whole)
            async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
                return await client.request(method, path, **more)

        return asyncio.run(ask())

    def call(self, name: str, action: str, **asked: Any) -> Any:
        """Return the result of an action that is done."""
        answer = self.post(name, {"action": action} | asked)
        assert (answer.status_code, answer.json()["success"]) == (200, True), answer.text
        return answer.json()["result"]


@contextmanager
def functions_of(loop: Loop) -> Iterator[Functions]:
    """Stand before a house until the block ends."""
    desk = loop.desk()
    admin = Person("ada", "ada@example.org", Role.ADMIN)
    token = people.save(desk, admin, Person("vic", "vic@example.org", Role.VIEWER))
    full = Full()
    intake = Intake(loop.house.database, WRITERS)
    intake.start()
    try:
        doors = Doors(desk, loop.window(full), intake)
        yield Functions(loop, doors, create(doors, "test"), token, full)
    finally:
        intake.close()
