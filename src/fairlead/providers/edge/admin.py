"""How does one ask the running Envoy? Over its private admin socket."""

import json
import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from fairlead.errors import Temporary
from fairlead.providers.unix_line import UnixLine

ANSWERS_WITHIN_S = 2.0
_STATISTIC = re.compile(r"^(?P<name>\S+): (?P<value>\d+)$")
_VERSION = re.compile(r'^(?P<name>\S+)\.version_text: "(?P<version>.*)"$', re.MULTILINE)


def admin_socket(run: Path) -> Path:
    """Return where Envoy's admin interface listens."""
    return run / "envoy.sock"


class _OneConnection(UnixLine):
    """Never connects anew by itself: all that is read from it comes from one Envoy process."""

    auto_open = 0


class Talk:
    """A conversation with one Envoy process."""

    def __init__(self, connection: HTTPConnection) -> None:
        self._connection = connection

    def ask(self, path: str, **query: str) -> str:
        """Return the answer to one question; `Temporary` when it is not an answer."""
        question = f"{path}?{urlencode(query)}" if query else path
        self._connection.request("GET", question)
        answer = self._connection.getresponse()
        body = answer.read().decode(errors="replace")
        if answer.status != 200:
            raise Temporary(f"Envoy answered {answer.status} to {path}: {body.strip()[:200]}")
        return body

    def statistics(self, pattern: str) -> dict[str, int]:
        """Return the counters and gauges whose whole name matches the regular expression."""
        found: dict[str, int] = {}
        for line in self.ask("/stats", filter=f"^({pattern})$").splitlines():
            if (match := _STATISTIC.match(line)) is None:
                raise Temporary(f"Envoy told a statistic that is not a number: {line[:120]}")
            found[match["name"]] = int(match["value"])
        return found

    def histograms(self, pattern: str) -> dict[str, list[tuple[float, int]]]:
        """Return upper bounds and how much fell up to each since the start, by the whole name.

        Envoy adds up what it saw once each `stats_flush_interval`.
        """
        told = _read(
            self.ask(
                "/stats",
                format="json",
                histogram_buckets="cumulative",
                type="Histograms",
                filter=f"^({pattern})$",
            )
        )
        found: dict[str, list[tuple[float, int]]] = {}
        for part in told["stats"]:
            for one in part["histograms"]:
                bounds = [(float(b["upper_bound"]), int(b["cumulative"])) for b in one["buckets"]]
                found[one["name"]] = bounds
        return found

    def configuration(self, resource: str, name: str) -> list[dict[str, Any]]:
        """Return the configuration Envoy works with, of one kind and name."""
        told = self.ask("/config_dump", resource=resource, name_regex=re.escape(name))
        return list(_read(told).get("configs", []))

    def versions(self) -> dict[str, str]:
        """Return the version of every document Envoy works with, by the document's subscription."""
        told = self.ask("/stats", type="TextReadouts", filter=r"\.version_text$")
        return {match["name"]: match["version"] for match in _VERSION.finditer(told)}

    def listening(self) -> dict[str, str]:
        """Return the address of every open listener, `host:port`, by its name."""
        told = _read(self.ask("/listeners", format="json"))
        return {
            status["name"]: _written(status["local_address"].get("socket_address", {}))
            for status in told.get("listener_statuses", [])
        }

    def started(self) -> str:
        """Return when this Envoy process read its bootstrap: it differs for every process."""
        told = _read(self.ask("/config_dump", mask="last_updated"))
        for part in told.get("configs", []):
            if part.get("@type", "").endswith("BootstrapConfigDump"):
                return str(part["last_updated"])
        raise Temporary("Envoy does not say when it started")


@dataclass(frozen=True, slots=True)
class Admin:
    """Envoy's admin interface at a unix socket."""

    path: Path

    @contextmanager
    def talk(self) -> Iterator[Talk]:
        """Talk to one Envoy process; `Temporary` when it is not there, ends or answers nonsense."""
        try:
            with closing(_OneConnection(self.path, "envoy", ANSWERS_WITHIN_S)) as connection:
                connection.connect()
                yield Talk(connection)
        except (OSError, HTTPException, KeyError, ValueError) as error:
            raise Temporary(f"Envoy does not answer at {self.path}: {error!r}") from error


def _read(told: str) -> dict[str, Any]:
    data = json.loads(told)
    if not isinstance(data, dict):
        raise Temporary("Envoy answered something that is not an object")
    return data


def _written(address: dict[str, Any]) -> str:
    return f"{address.get('address', '')}:{address.get('port_value', '')}"
