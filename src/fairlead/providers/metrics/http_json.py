"""How many requests did each release answer? Any page that tells so in JSON; JSONPath finds it."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from urllib.parse import quote

import httpx

from fairlead.analysis.measurement import Counters, LeftOut, Reading
from fairlead.errors import Temporary
from fairlead.providers.metrics.remote import LIMIT_S, Remote, Secret
from fairlead.providers.metrics.told import Nonsense, reading, told
from fairlead.release.sources import Asked

_NUMBERS = ("requests", "errors", "total_ms", "sampled_at", "started_at")


@dataclass(frozen=True, slots=True)
class HttpJson:
    """Asks an address, once where it is the same for several, and looks the numbers up."""

    asked: Asked
    client: httpx.Client
    secret: Secret
    clock: Callable[[], datetime]

    def read(self, app: str, environment: str) -> Reading:
        """Return the totals of every release that is told there."""
        metrics = self.asked.metrics
        remote = Remote(self.client, metrics, self.secret, time.monotonic() + LIMIT_S)
        urls = {which: _url(metrics.url or "", which) for which in self.asked.wanted}
        pages = {url: remote.ask("GET", url) for url in dict.fromkeys(urls.values())}
        now = self.clock()
        found: list[Counters] = []
        left_out: list[LeftOut] = []
        for which, url in urls.items():
            try:
                one = self._one(pages[url], which, now)
            except Nonsense as error:
                left_out.append(LeftOut(which[0], str(error)))
            else:
                found += [one] if one else []
        return reading(now, metrics, found, left_out, f"{app} in {environment}")

    def _one(self, page: Any, which: tuple[str, str], now: datetime) -> Counters | None:
        queries = self.asked.metrics.queries
        if queries is None:
            raise Temporary("http: the file has no queries")
        values: dict[str, Any] = {}
        for name in _NUMBERS:
            if written := getattr(queries, name):
                values[name] = _looked_up(page, path(written, which), (name, which))
        return told(which, values, (), (now, self.asked.metrics))


def path(written: str, which: tuple[str, str]) -> str:
    """Return a path about one component of one release; names are data within its strings."""
    release, component = (_escaped(name) for name in which)
    return written.replace("$release", release).replace("$component", component)


def _escaped(name: str) -> str:
    return name.replace("\\", "\\\\").replace('"', '\\"').replace("'", "\\'")


def _url(written: str, which: tuple[str, str]) -> str:
    release, component = (quote(name, safe="") for name in which)
    return written.replace("$release", release).replace("$component", component)


def _looked_up(page: Any, path: str, what: tuple[str, tuple[str, str]]) -> Any:
    """Return the one value at a path; None when there is none."""
    from jsonpath import JSONPathError  # noqa: PLC0415 - loaded where it is used, and only there

    try:
        values = _compiled(path).findall(page)
    except (JSONPathError, RecursionError) as error:
        because = str(error).split("\n", 1)[0]
        raise Temporary(f"http: the path of {what[0]} leads nowhere: {because}") from None
    if len(values) > 1:
        name, (release, component) = what
        raise Nonsense(f"{name} of {component} of release {release} is there {len(values)} times")
    return values[0] if values else None


@lru_cache(maxsize=500)
def _compiled(path: str) -> Any:
    from jsonpath import JSONPathEnvironment  # noqa: PLC0415

    return JSONPathEnvironment(strict=True).compile(path)
