"""Whose errors may this key report? Remembered for a moment, since it is asked a thousand times."""

import re
import time

from starlette.types import Scope

from fairlead.api.guest import Doors
from fairlead.commands import error_keys

# A key that is revoked, or new, is known here within so many seconds.
KEPT_S = 2.0
_MOST = 1000
_LONGEST = 100
_IN_HEADER = re.compile(r"(?:^|[\s,])sentry_key\s*=\s*([0-9A-Za-z]+)")
_IN_QUERY = re.compile(rb"(?:^|&)sentry_key=([0-9A-Za-z]+)(?:&|$)")
Place = tuple[str, str]


def key_of(scope: Scope) -> str:
    """Return the key that a request carries, in its header or its query; empty without one."""
    for name, value in scope["headers"]:
        if name in (b"x-sentry-auth", b"authorization"):
            found = _IN_HEADER.search(value.decode("latin-1"))
            if found:
                return found[1][:_LONGEST]
    query = _IN_QUERY.search(scope["query_string"])
    return query[1].decode("ascii")[:_LONGEST] if query else ""


class Keys:
    """The environments that keys report errors of."""

    def __init__(self, doors: Doors) -> None:
        """Remember none yet."""
        self._doors = doors
        self._places: dict[tuple[int, str], tuple[float, Place | None]] = {}

    def remembered(self, project: int, key: str) -> tuple[Place | None] | None:
        """Return whose it is when that was asked a moment ago; None when it was not."""
        known = self._places.get((project, key))
        return (known[1],) if known and time.monotonic() - known[0] < KEPT_S else None

    def place(self, project: int, key: str) -> Place | None:
        """Return the environment, asked of the database; None when it is no key of ours."""
        found = error_keys.place(self._doors.desk, project, key)
        if len(self._places) >= _MOST:
            self._places.clear()
        self._places[project, key] = (time.monotonic(), found)
        return found
