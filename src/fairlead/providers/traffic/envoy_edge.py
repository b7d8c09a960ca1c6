"""Can this edge be? What Envoy would refuse or quietly do otherwise is refused first."""

import re
from collections import Counter

from fairlead.errors import Refused
from fairlead.providers.traffic.envoy_clusters import socket_address, upstream_address
from fairlead.rollout.slot import Arm, Edge, Endpoint

_RELEASE = re.compile(r"[A-Za-z0-9._-]+")


def check(edge: Edge) -> None:
    """Raise `Refused` with every problem of the edge."""
    found = [*_of_edge(edge), *(p for arm in edge.arms for p in _of_arm(arm))]
    if found:
        raise Refused(f"{edge.environment} cannot be routed: {found[0]}", found)


def _of_edge(edge: Edge) -> list[str]:
    found = []
    try:
        socket_address(edge.listen)
    except ValueError:
        found.append(f"{edge.listen} is not an address to listen at: write host:port")
    twice = [name for name, n in Counter(arm.release for arm in edge.arms).items() if n > 1]
    found += [f"release {name} is there twice" for name in twice]
    weights = [arm.weight for arm in edge.arms]
    if any(weight < 0 for weight in weights) or sum(weights) not in (0, 100):
        found.append(f"its weights are {weights}: they must add up to 100, or all be 0")
    return found


def _of_arm(arm: Arm) -> list[str]:
    found = [] if arm.endpoints else [f"release {arm.release} answers nowhere"]
    if not _RELEASE.fullmatch(arm.release):
        found.append(f"{arm.release!r} is not a release: write letters, digits and . _ - only")
    twice = [p for p, n in Counter(e.prefix for e in arm.endpoints).items() if n > 1]
    found += [f"release {arm.release} has two units for {prefix}" for prefix in twice]
    return found + [p for endpoint in arm.endpoints for p in _of_endpoint(endpoint)]


def _of_endpoint(endpoint: Endpoint) -> list[str]:
    found = []
    prefix = endpoint.prefix
    if prefix != "/" and (not prefix.startswith("/") or prefix[-1] in "/?#" or "?" in prefix):
        found.append(f"{prefix!r} is not a path prefix: write / or /part/part")
    try:
        upstream_address(endpoint.address)
    except ValueError as error:
        found.append(f"{endpoint.address} is not an address of {endpoint.unit}: {error}")
    return found
