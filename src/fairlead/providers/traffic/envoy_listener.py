"""How does an environment's listener treat a request, and what does it count?"""

from pathlib import Path
from typing import Any

from fairlead.providers.edge.names import (
    ABANDONED_MS,
    ANSWER_US,
    ANSWERED_US,
    COUNTERS,
    ERRORS,
    REQUESTS,
    edge_name,
)
from fairlead.providers.traffic.envoy_bootstrap import HTTP_CONNECTIONS, TYPE, watched
from fairlead.providers.traffic.envoy_clusters import socket_address
from fairlead.providers.traffic.envoy_files import version
from fairlead.rollout.slot import RELEASE_HEADER, Edge

STAT_PREFIX, MARK = "edge", "fairlead"
# Why a request failed without an answer of status 500 or more, or with one that broke off: no
# upstream, connecting failed, reset by either side, timeouts, protocol errors, nothing configured.
_FAILED = ("LH", "UH", "UT", "LR", "UR", "UF", "UC", "UO", "UPE", "NC", "SI", "DT", "UMSDR", "OM")


def listener(edge: Edge, routes: Path) -> dict[str, Any]:
    """Return the listener of an environment, whose routes are read from the file `routes`."""
    http = {"name": "http", "typed_config": _connections(edge, routes)}
    told: dict[str, Any] = {
        "@type": f"{TYPE}config.listener.v3.Listener",
        "name": edge_name(edge.app, edge.environment),
        "address": socket_address(edge.listen),
        # With it two installations would silently share a port, each getting half the requests.
        "enable_reuse_port": False,
        "filter_chains": [{"filters": [http]}],
    }
    mark = {MARK: {"version": version({told["name"]: told})}}
    return told | {"metadata": {"filter_metadata": mark}}


def mark_of(configuration: dict[str, Any]) -> str | None:
    """Return which version of a listener this is, from `listener` or as Envoy tells it."""
    marks = configuration.get("metadata", {}).get("filter_metadata", {})
    found: str | None = marks.get(MARK, {}).get("version")
    return found


def _connections(edge: Edge, routes: Path) -> dict[str, Any]:
    router = {
        "@type": f"{TYPE}extensions.filters.http.router.v3.Router",
        "suppress_envoy_headers": True,
    }
    return {
        "@type": HTTP_CONNECTIONS,
        "stat_prefix": STAT_PREFIX,
        "codec_type": "AUTO",
        "rds": {
            "route_config_name": edge_name(edge.app, edge.environment),
            "config_source": watched(routes),
        },
        "http_filters": [{"name": "router", "typed_config": router}],
        "access_log": _counting(),
        "upgrade_configs": [{"upgrade_type": "websocket"}],
        "normalize_path": True,
        "server_header_transformation": "PASS_THROUGH",
        # Nobody who asks is one of us: request ids are always our own, so nobody picks another's
        # place on the line, and the address in x-forwarded-for is the one that connected.
        "use_remote_address": True,
        "internal_address_config": {
            "cidr_ranges": [{"address_prefix": "255.255.255.255", "prefix_len": 32}]
        },
        # A stream may be silent for long; a request's headers may not be slow.
        "stream_idle_timeout": "14400s",
        "request_headers_timeout": "30s",
    }


# Envoy's own counters per cluster call an answer that broke off half-way a success, and merge
# answer times into histograms only now and then. These are written once, when the request ends.
def _counting() -> list[dict[str, Any]]:
    began = _status("GE", 1)
    failed: dict[str, Any] = {
        "or_filter": {
            "filters": [_status("GE", 500), {"response_flag_filter": {"flags": [*_FAILED]}}]
        }
    }
    to_first_byte = "%COMMON_DURATION(DS_RX_BEG:DS_TX_BEG:us)%"
    return [
        _counter(REQUESTS, {"value_fixed": 1}),
        _counter(ERRORS, {"value_fixed": 1}, failed),
        _counter(ANSWERED_US, {"value_format": to_first_byte}, began),
        _counter(ABANDONED_MS, {"value_format": "%DURATION%"}, _status("EQ", 0)),
        _kept("histograms", ANSWER_US, {"value_format": to_first_byte}, began),
    ]


def _counter(
    name: str, value: dict[str, Any], when: dict[str, Any] | None = None
) -> dict[str, Any]:
    return _kept("counters", name, value, when)


def _kept(
    kind: str, name: str, value: dict[str, Any], when: dict[str, Any] | None = None
) -> dict[str, Any]:
    """Return the access log that keeps one statistic of each cluster."""
    per_cluster = {"name": "cluster", "value_format": "%UPSTREAM_CLUSTER_RAW%"}
    log: dict[str, Any] = {
        "name": name,
        "typed_config": {
            "@type": f"{TYPE}extensions.access_loggers.stats.v3.Config",
            "stats_scope": {"prefix": COUNTERS},
            kind: [{"stat": {"name": name, "tags": [per_cluster]}, **value}],
        },
    }
    # Who names a release was not sent to it by lot: anybody could outvote its users that way.
    header = {"name": RELEASE_HEADER, "present_match": True, "invert_match": True}
    by_lot = {"header_filter": {"header": header}}
    return log | {"filter": {"and_filter": {"filters": [by_lot, when]}} if when else by_lot}


def _status(comparison: str, code: int) -> dict[str, Any]:
    value = {"default_value": code, "runtime_key": "fairlead.unset"}
    return {"status_code_filter": {"comparison": {"op": comparison, "value": value}}}
