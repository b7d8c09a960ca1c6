"""Which upstreams does Envoy know? One cluster per unit of a release."""

from ipaddress import ip_address
from typing import Any

from fairlead.providers.edge.names import Upstream
from fairlead.providers.traffic.envoy_bootstrap import TYPE
from fairlead.rollout.slot import Arm, Edge, Endpoint

LONGEST_SOCKET_PATH = 107
_UNLIMITED = 100_000


def cluster_name(edge: Edge, arm: Arm, endpoint: Endpoint) -> str:
    """Return the name of the cluster an endpoint becomes."""
    return Upstream(edge.app, edge.environment, arm.release, endpoint.component, endpoint.unit).name


def clusters(edge: Edge) -> dict[str, dict[str, Any]]:
    """Return the cluster of every endpoint of the edge, by name."""
    return {
        name: _cluster(name, endpoint.address)
        for arm in edge.arms
        for endpoint in arm.endpoints
        for name in [cluster_name(edge, arm, endpoint)]
    }


def socket_address(address: str) -> dict[str, Any]:
    """Return `host:port` as Envoy writes it; ValueError when it is not an address."""
    host, _, port = address.rpartition(":")
    if not 1 <= int(port) <= 65535:
        raise ValueError(f"{port} is not a port")
    plain = str(ip_address(host.removeprefix("[").removesuffix("]")))
    return {"socket_address": {"address": plain, "port_value": int(port)}}


def upstream_address(address: str) -> dict[str, Any]:
    """Return `unix:/path` or `host:port` as Envoy writes it; ValueError when it is neither."""
    if not address.startswith("unix:"):
        return socket_address(address)
    path = address.removeprefix("unix:")
    if not path.startswith("/") or len(path.encode()) > LONGEST_SOCKET_PATH:
        raise ValueError(f"a socket's path is absolute and at most {LONGEST_SOCKET_PATH} bytes")
    return {"pipe": {"path": path}}


def _cluster(name: str, address: str) -> dict[str, Any]:
    endpoint = {"endpoint": {"address": upstream_address(address)}}
    limits = {
        "max_connections": _UNLIMITED,
        "max_pending_requests": _UNLIMITED,
        "max_requests": _UNLIMITED,
        "max_retries": _UNLIMITED,
    }
    http = {
        "@type": f"{TYPE}extensions.upstreams.http.v3.HttpProtocolOptions",
        "explicit_http_config": {"http_protocol_options": {}},
        # Servers close idle connections after 5 s or later; closing them first means that no
        # request is ever written to a connection which its server is just closing.
        "common_http_protocol_options": {"idle_timeout": "4s"},
    }
    return {
        "@type": f"{TYPE}config.cluster.v3.Cluster",
        "name": name,
        "type": "STATIC",
        "connect_timeout": "1s",
        "load_assignment": {
            "cluster_name": name,
            "endpoints": [{"lb_endpoints": [endpoint]}],
        },
        "circuit_breakers": {"thresholds": [limits, {"priority": "HIGH", **limits}]},
        "typed_extension_protocol_options": {
            "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": http
        },
    }
