"""How many requests did each release answer? A Prometheus counted them; PromQL asks it."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx

from fairlead.analysis.histogram import BUCKETS, bucket
from fairlead.analysis.measurement import Counters, LeftOut, Reading
from fairlead.errors import Temporary
from fairlead.providers.metrics.remote import LIMIT_S, Remote, Secret
from fairlead.providers.metrics.told import Nonsense, reading, told
from fairlead.release.sources import Asked
from fairlead.release.spec.metrics import Queries

_NUMBERS = ("requests", "errors", "total_ms", "sampled_at", "started_at")
Series = list[tuple[dict[str, str], float]]


@dataclass(frozen=True, slots=True)
class Prometheus:
    """Asks a Prometheus for each number, all of them as of one moment."""

    asked: Asked
    client: httpx.Client
    secret: Secret
    clock: Callable[[], datetime]

    def read(self, app: str, environment: str) -> Reading:
        """Return the totals of every release that Prometheus knows."""
        now, metrics = self.clock(), self.asked.metrics
        remote = Remote(self.client, metrics, self.secret, time.monotonic() + LIMIT_S)
        found: list[Counters] = []
        left_out: list[LeftOut] = []
        for which in self.asked.wanted:
            try:
                one = self._one(remote, which, now)
            except Nonsense as error:
                left_out.append(LeftOut(which[0], str(error)))
            else:
                found += [one] if one else []
        return reading(now, metrics, found, left_out, f"{app} in {environment}")

    def _one(self, remote: Remote, which: tuple[str, str], now: datetime) -> Counters | None:
        queries = self.asked.metrics.queries
        if queries is None:
            raise Temporary("prometheus: the file has no queries")
        values: dict[str, float | None] = {}
        for name in _NUMBERS:
            series = self._ask(remote, queries, name, (which, now))
            if len(series) > 1:
                told_of = f"{name} of {which[1]} of release {which[0]}"
                raise Nonsense(
                    f"{told_of} has {len(series)} series, not one; write sum(…) or max(…)"
                )
            values[name] = series[0][1] if series else None
        buckets = _buckets(self._ask(remote, queries, "buckets", (which, now)))
        # A histogram that counted other requests than the counter would tell of others.
        whole = buckets if sum(buckets) == values["requests"] else ()
        return told(which, values, whole, (now, self.asked.metrics))

    def _ask(
        self, remote: Remote, queries: Queries, name: str, of: tuple[tuple[str, str], datetime]
    ) -> Series:
        written = getattr(queries, name)
        if written is None:
            return []
        which, now = of
        url = f"{(self.asked.metrics.url or '').rstrip('/')}/api/v1/query"
        query = promql(written, which, self.asked.metrics.stale)
        form = {"query": query, "time": f"{now.timestamp():.3f}", "timeout": f"{LIMIT_S:.0f}s"}
        return _series(remote.ask("POST", url, form))


def promql(written: str, which: tuple[str, str], window_s: float) -> str:
    """Return a query about one component of one release; names are data within its strings."""
    release, component = (_escaped(name) for name in which)
    return (
        written.replace("$window", f"{window_s * 1000:.0f}ms")
        .replace("$release", release)
        .replace("$component", component)
    )


def _escaped(name: str) -> str:
    return name.replace("\\", "\\\\").replace('"', '\\"').replace("'", "\\'").replace("\n", "\\n")


def _series(answer: Any) -> Series:
    """Return the samples of an answer. Errors: `Temporary` when it is another than Prometheus'."""
    match answer:
        case {"warnings": [str() as first, *_]}:
            raise Temporary(f"prometheus warns that its answer is not whole: {first[:200]}")
        case {"status": "success", "data": {"resultType": "scalar", "result": [_, str() as value]}}:
            return [({}, _float(value))]
        case {"status": "success", "data": {"resultType": "vector", "result": [*samples]}}:
            return [_sample(sample) for sample in samples]
        case {"status": "success", "data": {"resultType": str() as other}}:
            raise Temporary(f"prometheus answers with a {other}: a query must give one number")
        case _:
            raise Temporary("prometheus answers in another form than its documented one")


def _sample(sample: Any) -> tuple[dict[str, str], float]:
    match sample:
        case {"metric": dict() as labels, "value": [_, str() as value]}:
            return labels, _float(value)
        case {"histogram": _}:
            raise Temporary("prometheus answers with a native histogram: ask for its count or sum")
        case _:
            raise Temporary("prometheus answers in another form than its documented one")


def _float(value: str) -> float:
    try:
        return float(value)
    except ValueError:
        raise Temporary("prometheus answers with something that is no number") from None


def _buckets(series: Series) -> tuple[int, ...]:
    """Return a classic histogram in our buckets, each count spread over those it may lie in."""
    if not series:
        return ()
    try:
        bounds = sorted((float(labels["le"]), count) for labels, count in series)
    except (KeyError, ValueError):
        raise Nonsense("buckets have no usable `le`: write sum by (le) (…)") from None
    counts, below, least = [0] * BUCKETS, 0, 0
    for bound_s, up_to in bounds:
        if not math.isfinite(up_to) or up_to < below or up_to != round(up_to):
            raise Nonsense("buckets are no running totals: ask for them without rate or increase")
        most = bucket(bound_s * 1000) if math.isfinite(bound_s) else BUCKETS - 1
        # Of what lies beyond the last bound nothing more is known.
        least = least if math.isfinite(bound_s) else most
        width = most - least + 1
        for place in range(width):
            counts[least + place] += (round(up_to) - below + place) // width
        below, least = round(up_to), min(most + 1, BUCKETS - 1)
    return tuple(counts)
