"""How many requests did each release answer, how badly and how slowly? Envoy counted them."""

import re
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from fairlead.analysis.histogram import BOUNDS_MS, BUCKETS
from fairlead.analysis.measurement import Counters, Reading
from fairlead.errors import Temporary
from fairlead.providers.edge.admin import Admin, admin_socket
from fairlead.providers.edge.names import (
    ABANDONED_MS,
    ANSWER_US,
    ANSWERED_US,
    COUNTERS,
    ERRORS,
    REQUESTS,
    Upstream,
    edge_name,
)

# For so long what was read of all environments is told of each.
FRESH_S = 0.5
_EVERY_EDGE = r"[^./]+/[^./]+"
Bounds = list[tuple[float, int]]


@dataclass(frozen=True, slots=True)
class _Told:
    """What Envoy counted, by the names that it has for it."""

    taken_at: datetime
    epoch: str
    statistics: dict[str, int]
    answers: dict[str, Bounds]


class EnvoySource:
    """Reads what Envoy's listeners counted, from its admin socket in `run`.

    A request is counted when it ends, as the user saw it: retries that stayed invisible are not
    errors; a 5xx, an answer made by Envoy because the release did not answer, and an answer that
    broke off are. Its time runs to the first byte of the answer, so that a stream of an hour is as
    quick as its beginning, or to the moment the user gave up when no byte ever came.
    """

    def __init__(self, run: Path, clock: Callable[[], datetime]) -> None:
        self._admin = Admin(admin_socket(run))
        self._clock = clock

    def read(self, app: str, environment: str) -> Reading:
        """Return the totals of every release Envoy knows in the environment."""
        told = _told(self._admin, self._clock, re.escape(edge_name(app, environment)))
        return _reading(told, app, environment)


class EnvoyTogether:
    """Reads all environments at once, for who asks about one after the other: Envoy looks through
    all that it counts each time that it is asked.

    What was read is told again for `FRESH_S` seconds, with the moment at which it was read.
    """

    def __init__(self, run: Path, clock: Callable[[], datetime]) -> None:
        self._admin = Admin(admin_socket(run))
        self._clock = clock
        self._read: tuple[float, _Told] | None = None

    def read(self, app: str, environment: str) -> Reading:
        """Return the totals of every release Envoy knows in the environment."""
        now = time.monotonic()
        if self._read is None or now - self._read[0] > FRESH_S:
            self._read = None
            self._read = (now, _told(self._admin, self._clock, _EVERY_EDGE))
        return _reading(self._read[1], app, environment)


def _told(admin: Admin, clock: Callable[[], datetime], edges: str) -> _Told:
    """Ask for all that is counted at the edges whose names match."""
    ours = rf"{edges}/[^.]+"
    known = rf"cluster\.{ours}\.upstream_rq_total"
    named = "|".join((REQUESTS, ERRORS, ANSWERED_US, ABANDONED_MS))
    counted = rf"{COUNTERS}\.({named})\.cluster\.{ours}"
    with admin.talk() as talk:
        epoch = talk.started()
        # Envoy tells statistics in the order of their names: errors are read before requests,
        # so a request that ends meanwhile never makes more errors than requests.
        statistics = talk.statistics(f"{known}|{counted}")
        taken_at = clock()
        answers = talk.histograms(rf"{COUNTERS}\.{ANSWER_US}\.cluster\.{ours}")
    return _Told(taken_at, epoch, statistics, answers)


def _reading(told: _Told, app: str, environment: str) -> Reading:
    ours = f"cluster.{edge_name(app, environment)}/"
    upstreams = [name.split(".")[1] for name in told.statistics if name.startswith(ours)]
    if not upstreams:
        raise Temporary(f"Envoy knows no release of {app} in {environment}: nothing to read")
    counters = _counters(upstreams, told.statistics, told.answers)
    return Reading(told.taken_at, told.epoch, counters, "envoy")


def _counters(
    upstreams: list[str], statistics: dict[str, int], answers: dict[str, Bounds]
) -> tuple[Counters, ...]:
    parts: dict[tuple[str, str], list[str]] = defaultdict(list)
    for name in upstreams:
        if (upstream := Upstream.of(name)) is None:
            raise Temporary(f"Envoy told of a cluster that is not ours: {name}")
        parts[upstream.release, upstream.component].append(name)

    def total(what: str, names: list[str]) -> int:
        # Envoy makes a counter at its first event, so one that is missing beside a known cluster
        # is a true zero.
        return sum(statistics.get(f"{COUNTERS}.{what}.cluster.{name}", 0) for name in names)

    return tuple(
        Counters(
            release=release,
            component=component,
            requests=total(REQUESTS, names),
            errors=total(ERRORS, names),
            total_ms=total(ANSWERED_US, names) / 1000 + total(ABANDONED_MS, names),
            buckets=_buckets([answers.get(_answers(name), []) for name in names]),
        )
        for (release, component), names in sorted(parts.items())
    )


def _answers(upstream: str) -> str:
    return f"{COUNTERS}.{ANSWER_US}.cluster.{upstream}"


def _buckets(told: list[Bounds]) -> tuple[int, ...]:
    """Return how many answers of all units fell into each bucket, from Envoy's running totals.

    A unit that answered nobody yet has no histogram: zeros, as for counters.
    """
    counts = [0] * BUCKETS
    for bounds in told:
        if bounds and len(bounds) != len(BOUNDS_MS):
            raise Temporary(f"Envoy told {len(bounds)} buckets of answer times, not {BUCKETS - 1}")
        before = 0
        for number, (_, up_to) in enumerate(bounds):
            counts[number] += up_to - before
            before = up_to
    return tuple(counts)
