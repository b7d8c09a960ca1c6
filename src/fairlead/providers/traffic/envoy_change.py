"""In which order does an edge change, so that no request is lost on the way?

New upstreams, then the listener, then the routes; upstreams nobody uses any more at the very end.
Each step waits until Envoy itself says that it works with what it was told.
"""

import re
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fairlead.errors import Refused, Temporary
from fairlead.providers.edge.admin import Admin, Talk
from fairlead.providers.edge.names import edge_name
from fairlead.providers.traffic.envoy_clusters import clusters
from fairlead.providers.traffic.envoy_files import Files, Resources, version
from fairlead.providers.traffic.envoy_listener import STAT_PREFIX, listener, mark_of
from fairlead.providers.traffic.envoy_routes import routes
from fairlead.rollout.slot import Edge

_LOOK_EVERY_S = 0.001
_KNOCK_EVERY_S = 0.02


@dataclass(frozen=True, slots=True)
class Change:
    """Changes to Envoy's documents, made while nobody else makes any."""

    files: Files
    admin: Admin
    patience_s: float

    def make(self, edge: Edge) -> None:
        """Turn the environment into `edge`."""
        self._add_clusters(edge)
        self._open(edge)
        self._turn(edge)
        self._forget_clusters(edge_name(edge.app, edge.environment), clusters(edge))

    def close(self, app: str, environment: str) -> None:
        """Close the environment's listener."""
        name = edge_name(app, environment)
        open_now = self.files.listeners.read() or {}
        if open_now.pop(name, None) is not None:
            self.files.listeners.replace(open_now)
        self.wait(f"close {environment}", lambda talk: name not in talk.listening())
        self._forget_clusters(name, {})

    def wait(self, what: str, done: Callable[[Talk], bool]) -> None:
        """Wait until Envoy has done it, through a restart if need be; `Temporary` if it has not."""
        deadline = time.monotonic() + self.patience_s
        why = "it answers, but has not done so yet"
        while time.monotonic() < deadline:
            try:
                with self.admin.talk() as talk:
                    while time.monotonic() < deadline:
                        if done(talk):
                            return
                        time.sleep(_LOOK_EVERY_S)
            except Temporary as temporary:
                why = str(temporary)
                time.sleep(_KNOCK_EVERY_S)
        log = self.files.folder / "envoy.log"
        raise Temporary(f"Envoy did not {what} within {self.patience_s:g} s ({why}); see {log}")

    def _add_clusters(self, edge: Edge) -> None:
        known = self.files.clusters.read() or {}
        wanted = known | clusters(edge)
        if wanted != known:
            self.files.clusters.replace(wanted)
        self._wait_for("cluster_manager.cds", wanted, f"learn where {edge.environment} runs")

    def _open(self, edge: Edge) -> None:
        name = edge_name(edge.app, edge.environment)
        wanted = listener(edge, self.files.routes(name).path)
        before = self.files.listeners.read() or {}
        if name not in before:
            self.files.routes(name).replace({name: routes(edge)})
        state = self._listener(name)
        if before.get(name) == wanted and state.mark == mark_of(wanted):
            return
        self.files.listeners.replace(before | {name: wanted})
        try:
            self.wait(f"listen at {edge.listen}", _opened(edge, wanted, state.failed_at))
        except Refused:
            self.files.listeners.replace(before)
            if name not in before:
                self._forget_clusters(name, {})
            raise

    def _turn(self, edge: Edge) -> None:
        name = edge_name(edge.app, edge.environment)
        wanted = {name: routes(edge)}
        if self.files.routes(name).read() != wanted:
            self.files.routes(name).replace(wanted)
        subscription = f"http.{STAT_PREFIX}.rds.{name}"
        self._wait_for(subscription, wanted, f"take the new routes of {edge.environment}")

    # A cluster that goes takes its counters with it, so that nobody could tell whether its slot may
    # stop yet: it stays while requests are under way, and a later change removes it.
    def _forget_clusters(self, edge: str, wanted: Resources) -> None:
        known = self.files.clusters.read() or {}
        gone = {name for name in known if name.startswith(f"{edge}/")} - set(wanted)
        if not gone:
            return
        with self.admin.talk() as talk:
            busy = under_way(talk, edge)
        kept = {n: cluster for n, cluster in known.items() if n not in gone or busy.get(n)}
        if kept != known:
            self.files.clusters.replace(kept)

    def _wait_for(self, subscription: str, wanted: Resources, what: str) -> None:
        told = version(wanted)
        self.wait(what, lambda talk: talk.versions().get(subscription) == told)

    def _listener(self, name: str) -> "_Listener":
        with self.admin.talk() as talk:
            return _Listener.told(talk.configuration("dynamic_listeners", name))


def under_way(talk: Talk, edge: str) -> dict[str, int]:
    """Return how many requests and streams are under way on every cluster of an environment."""
    found: dict[str, int] = defaultdict(int)
    pattern = rf"cluster\.{re.escape(edge)}/[^.]+\.upstream_rq_(pending_)?active"
    for name, count in talk.statistics(pattern).items():
        found[name.split(".")[1]] += count
    return found


@dataclass(frozen=True, slots=True)
class _Listener:
    """What Envoy tells of a listener: the version it works with, and its last failure."""

    mark: str | None
    failed_at: str | None
    failure: str

    @staticmethod
    def told(configuration: list[dict[str, Any]]) -> "_Listener":
        told = configuration[0] if configuration else {}
        error = told.get("error_state", {})
        return _Listener(
            mark=mark_of(told.get("active_state", {}).get("listener", {})),
            failed_at=error.get("last_update_attempt"),
            failure=error.get("details", ""),
        )


def _opened(
    edge: Edge, wanted: dict[str, Any], failed_before: str | None
) -> Callable[[Talk], bool]:
    def opened(talk: Talk) -> bool:
        told = _Listener.told(talk.configuration("dynamic_listeners", wanted["name"]))
        if told.failed_at not in (None, failed_before):
            raise Refused(_why(edge, told.failure))
        return told.mark == mark_of(wanted)

    return opened


def _why(edge: Edge, failure: str) -> str:
    remedy = f"change environments.{edge.environment}.listen"
    if "Address already in use" in failure:
        return f"{edge.listen} is taken by another process: stop it or {remedy}"
    if "duplicate address" in failure:
        return f"{edge.listen} is another environment's already: {remedy}"
    return f"Envoy cannot listen at {edge.listen} ({failure}): {remedy}"
