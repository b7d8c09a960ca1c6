"""What are things called inside Envoy, and whose are they?"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Self
from urllib.parse import quote, unquote

# Counters our listeners keep per upstream. All are written when a request ends.
REQUESTS, ERRORS = "requests", "errors"
ANSWERED_US, ABANDONED_MS = "answered_us", "abandoned_ms"
# The histogram of the same answer times.
ANSWER_US = "answer_us"
COUNTERS = "fairlead"


@dataclass(frozen=True, slots=True)
class Upstream:
    """One unit of a release in an environment: an Envoy cluster."""

    app: str
    environment: str
    release: str
    component: str
    unit: str

    @property
    def name(self) -> str:
        """Return the cluster's name; `of` reads it back."""
        parts = (self.app, self.environment, self.release, self.component, self.unit)
        return "/".join(map(_escaped, parts))

    @classmethod
    def of(cls, name: str) -> Self | None:
        """Read a cluster's name; None when it is not one of ours."""
        parts = name.split("/")
        return cls(*map(_plain, parts)) if len(parts) == 5 else None


def edge_name(app: str, environment: str) -> str:
    """Return the name of an environment's listener and of its routes."""
    return f"{_escaped(app)}/{_escaped(environment)}"


# Envoy splits statistics at dots, rewrites colons and reads % as a format: none may be in a name.
@lru_cache(maxsize=1024)
def _escaped(part: str) -> str:
    return quote(part, safe="").replace("~", "%7E").replace(".", "%2E").replace("%", "~")


def _plain(part: str) -> str:
    return unquote(part.replace("~", "%"))
