"""How is a function called? `POST /functions/v1/NAME` with an action, answered in one shape.

Before that the address may say of what: `/apps/APP/environments/ENVIRONMENT/functions/v1/NAME`.

It stands before the rest of the API and does little: thousands of calls a second go through it.
"""

import asyncio
import json
import logging
import re
from collections.abc import Mapping
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

from fairlead.api import arriving, lean
from fairlead.api.functions import (
    database_scalability,
    error_tracking,
    gdpr_compliance,
    production_monitoring,
)
from fairlead.api.functions.call import Action, Actions, Call, Kept
from fairlead.api.functions.known import Known
from fairlead.api.guest import Doors
from fairlead.api.problem import status_of
from fairlead.errors import FairleadError

log = logging.getLogger("fairlead.functions")

_PATH = re.compile(
    r"(?:/apps/(?P<app>[^/]+)(?:/environments/(?P<environment>[^/]+))?)?/functions/v1/(?P<name>.*)"
)
LARGEST_BODY = 1024 * 1024
FUNCTIONS: Mapping[str, Actions] = {
    "production-monitoring": production_monitoring.ACTIONS,
    "error-tracking": error_tracking.ACTIONS,
    "database-scalability": database_scalability.ACTIONS,
    "gdpr-compliance": gdpr_compliance.ACTIONS,
}
# A shell script that puts several lines between quotes means them: they are taken as they are.
_JSON = json.JSONDecoder(strict=False)
_NO_JSON = (
    "the body is no JSON: a quote in a value needs a backslash before it, "
    "as `jq -n --arg NAME VALUE` writes it; "
)
_Answer = tuple[int, dict[str, Any]]


class Functions:
    """Answers calls of functions itself, and passes on everything else."""

    def __init__(self, doors: Doors, others: ASGIApp) -> None:
        """Stand before `others`."""
        self._doors, self._others = doors, others
        self._known, self._shared = Known(doors), lean.Shared()
        self._bodies, self._waiting = lean.Bodies(LARGEST_BODY), lean.Waiting()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        asked = _PATH.fullmatch(scope["path"]) if scope["type"] == "http" else None
        if asked is None:
            await self._others(scope, receive, send)
            return
        try:
            done = await self._done(scope, receive, asked.groupdict(""))
            if isinstance(done, Kept):
                # By now nothing is held of what was told: it may wait for long.
                await self._waiting.until(done.written)
                done = _succeeded(done.result)
            status, answer = done
        except FairleadError as error:
            status, answer = status_of(error), _failed(str(error))
        except Exception as error:
            log.exception("a function failed")
            told = f"Fairlead itself failed ({type(error).__name__}): see `fairlead logs server`"
            status, answer = 500, _failed(told)
        await lean.answer(send, status, answer)

    async def _done(self, scope: Scope, receive: Receive, where: dict[str, str]) -> _Answer | Kept:
        actions = FUNCTIONS.get(where.pop("name"))
        if actions is None:
            return 404, _failed(f"there is no such function: known are {', '.join(FUNCTIONS)}")
        if scope["method"] != "POST":
            return 405, _failed("a function is called with POST")
        raw = await self._bodies.read(receive)
        if raw is None:
            return 413, _failed(f"a call may be {LARGEST_BODY // 1024} KiB long at most")
        body = _body(raw)
        action = _action(actions, body)
        person = await arriving.person(self._known, self._shared, scope["headers"])
        if person is None and not (action and action.open):
            return 401, _failed("a valid bearer token is needed: `fairlead people add` makes one")
        if action is None or body is None:
            why = _NO_JSON if body is None else ""
            return 400, _failed(f"{why}action must be one of {', '.join(actions)}")
        call = Call(self._doors, self._known, person, where | body, len(raw))
        if action.quick and not self._known.knows_places():
            await self._shared.ask("places", self._known.look)
        result = action.do(call) if action.quick else await asyncio.to_thread(action.do, call)
        return result if isinstance(result, Kept) else _succeeded(result)


def _body(raw: bytes) -> dict[str, Any] | None:
    """Return what was sent, empty where it is another kind of JSON; None when it is none."""
    try:
        body = _JSON.decode(raw.decode("utf-8"))
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) else {}


def _action(actions: Actions, body: dict[str, Any] | None) -> Action | None:
    name = body.get("action") if body else None
    return actions.get(name) if isinstance(name, str) else None


def _succeeded(result: dict[str, Any]) -> _Answer:
    return 200, {"success": True, "result": result}


def _failed(because: str) -> dict[str, Any]:
    return {"success": False, "error": because}
