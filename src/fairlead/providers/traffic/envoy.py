"""How does one Envoy shift traffic for all environments? By files it watches, read back from it."""

from dataclasses import dataclass
from pathlib import Path

from fairlead.errors import Temporary
from fairlead.providers.edge.admin import Admin, Talk, admin_socket
from fairlead.providers.edge.names import Upstream, edge_name
from fairlead.providers.traffic import envoy_routes
from fairlead.providers.traffic.envoy_bootstrap import bootstrap, program
from fairlead.providers.traffic.envoy_change import Change, under_way
from fairlead.providers.traffic.envoy_edge import check
from fairlead.providers.traffic.envoy_files import Files, replace
from fairlead.rollout.process import Processes
from fairlead.rollout.slot import Edge

STARTS_WITHIN_S = 15.0


@dataclass(frozen=True, slots=True)
class Envoy:
    """A `rollout.ports.Router`. Its files in `folder` are the state, its sockets are in `run`.

    Envoy keeps serving without a controller, and one that was killed comes back with the same
    files. `patience_s` is how long one step of a change may take until it is live.
    """

    folder: Path
    run: Path
    processes: Processes
    patience_s: float = 5.0

    def up(self) -> None:
        """Keep Envoy up and wait until it answers; nothing changes when it runs already."""
        files = self._files
        self.run.mkdir(parents=True, exist_ok=True, mode=0o700)
        with files.changing():
            for document in (files.clusters, files.listeners):
                if document.read() is None:
                    document.replace({})
            told = bootstrap(files.clusters.path, files.listeners.path, self.run)
            replace(files.bootstrap, told)
        self.processes.start(program(self.folder, self.run))
        Change(files, self._admin, STARTS_WITHIN_S).wait("start", _is_live)

    def route(self, edge: Edge) -> None:
        """Make the edge do exactly this, and return once Envoy says that it does."""
        check(edge)
        with self._files.changing():
            Change(self._files, self._admin, self.patience_s).make(edge)

    def weights(self, app: str, environment: str) -> dict[str, int]:
        """Return what Envoy does now, release to percent; empty when nothing listens."""
        name = edge_name(app, environment)
        with self._admin.talk() as talk:
            if name not in talk.listening():
                return {}
            found = talk.configuration("dynamic_route_configs", name)
            if len(found) != 1:
                raise Temporary(f"Envoy tells {len(found)} sets of routes for {environment}")
            return envoy_routes.weights(found[0]["route_config"])

    def busy(self, app: str, environment: str, release: str) -> int:
        """Return how many requests and streams are under way on a release."""
        with self._admin.talk() as talk:
            found = under_way(talk, edge_name(app, environment))
        named = ((Upstream.of(cluster), count) for cluster, count in found.items())
        return sum(count for upstream, count in named if upstream and upstream.release == release)

    def remove(self, app: str, environment: str) -> None:
        """Close the environment's listener; requests under way have half a minute to end."""
        with self._files.changing():
            Change(self._files, self._admin, self.patience_s).close(app, environment)

    @property
    def _files(self) -> Files:
        return Files(self.folder)

    @property
    def _admin(self) -> Admin:
        return Admin(admin_socket(self.run))


def _is_live(talk: Talk) -> bool:
    return talk.ask("/ready").strip() == "LIVE"
