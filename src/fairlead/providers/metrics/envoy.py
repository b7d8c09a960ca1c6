"""How many requests did each release answer, how badly and how slowly? Envoy counted them."""

import re
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from fairlead.analysis.measurement import Counters, Reading
from fairlead.errors import Temporary
from fairlead.providers.edge.admin import Admin, admin_socket
from fairlead.providers.edge.names import (
    ABANDONED_MS,
    ANSWERED_US,
    COUNTERS,
    ERRORS,
    REQUESTS,
    Upstream,
    edge_name,
)


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
        ours = re.escape(edge_name(app, environment)) + "/[^.]+"
        known = rf"cluster\.{ours}\.upstream_rq_total"
        counted = rf"{COUNTERS}\.\w+\.cluster\.{ours}"
        with self._admin.talk() as talk:
            epoch = talk.started()
            # Envoy tells statistics in the order of their names: errors are read before requests,
            # so a request that ends meanwhile never makes more errors than requests.
            statistics = talk.statistics(f"{known}|{counted}")
            taken_at = self._clock()
        upstreams = [name.split(".")[1] for name in statistics if name.startswith("cluster.")]
        if not upstreams:
            raise Temporary(f"Envoy knows no release of {app} in {environment}: nothing to read")
        return Reading(taken_at, epoch, _counters(upstreams, statistics))


def _counters(upstreams: list[str], statistics: dict[str, int]) -> tuple[Counters, ...]:
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
        )
        for (release, component), names in sorted(parts.items())
    )
