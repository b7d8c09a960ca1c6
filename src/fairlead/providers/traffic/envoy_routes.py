"""Which release answers which request? An edge as Envoy's routes, and weights read back from them.

Every user sees one release as if it stood alone: a path belongs to the longest prefix that *their*
release has, so a function that only the new release has is answered for users of the old one as the
old one alone would answer, by its frontend or with 404.
"""

from collections.abc import Iterator
from typing import Any

from fairlead.providers.edge.names import edge_name
from fairlead.providers.traffic.envoy_bootstrap import NOWHERE, TYPE
from fairlead.providers.traffic.envoy_clusters import cluster_name
from fairlead.rollout.slot import RELEASE_HEADER, Arm, Edge

# Long enough for any rollout; short enough that the same people are not always the first.
_STAYS_S = 7 * 86400
_AGAIN = {
    # Only what never reached the release: nothing is ever done twice.
    "retry_on": "connect-failure,refused-stream,reset-before-request",
    "num_retries": 2,
    "retry_back_off": {"base_interval": "0.005s", "max_interval": "0.05s"},
}
Route = dict[str, Any]


def routes(edge: Edge) -> dict[str, Any]:
    """Return the route configuration of an edge."""
    prefixes = sorted({e.prefix for arm in edge.arms for e in arm.endpoints}, key=len, reverse=True)
    name = edge_name(edge.app, edge.environment)
    host = {
        "name": name,
        "domains": ["*"],
        "retry_policy": _AGAIN,
        "routes": [*_by_header(edge, prefixes), *_split(edge, prefixes), _otherwise(edge)],
    }
    return {
        "@type": f"{TYPE}config.route.v3.RouteConfiguration",
        "name": name,
        "virtual_hosts": [host],
        "response_headers_to_remove": ["server"],
    }


def weights(configuration: dict[str, Any]) -> dict[str, int]:
    """Return release to percent from the routes Envoy works with; ValueError when they disagree."""
    found = [route for host in configuration["virtual_hosts"] for route in host["routes"]]
    reachable = {
        header["string_match"]["exact"]: 0
        for route in found
        for header in route["match"].get("headers", [])
        if header["name"] == RELEASE_HEADER and "string_match" in header
    }
    shares = [
        {_release(share): int(share["weight"]) for share in split["clusters"]}
        for route in found
        if (split := route.get("route", {}).get("weighted_clusters")) is not None
    ]
    if any(share != shares[0] for share in shares):
        raise ValueError("its routes do not all have the same weights")
    return reachable | (shares[0] if shares else {})


def cookie_name(edge: Edge) -> str:
    """Return the cookie that keeps a user on one release; ports do not part cookies, names do."""
    return "fairlead-" + edge_name(edge.app, edge.environment).replace("/", "-")


def _by_header(edge: Edge, prefixes: list[str]) -> Iterator[Route]:
    for prefix in prefixes:
        for arm in edge.arms:
            if (cluster := _cluster(edge, arm, prefix)) is not None:
                target = {"cluster": cluster, "timeout": "0s"}
                yield _names(arm, prefix) | {"route": target} | _tells(arm)
    for arm in edge.arms:
        said = f"release {arm.release} has nothing at this path in {edge.environment}\n"
        yield _names(arm, "/") | _direct(404, said)
    said = f"the release in {RELEASE_HEADER} is not in {edge.environment}\n"
    present = {"name": RELEASE_HEADER, "present_match": True}
    yield {"match": {"prefix": "/", "headers": [present]}} | _direct(404, said)


# Two routes a prefix: who has the cookie is placed by it; who has none is placed by the request's
# id, which becomes the cookie. Arms are intervals of one line, the newest first, so that a growing
# first arm throws nobody back.
def _split(edge: Edge, prefixes: list[str]) -> Iterator[Route]:
    if not any(edge.weights().values()):
        return
    name = cookie_name(edge)
    known = {"name": "cookie", "string_match": {"contains": f"{name}="}}
    value = f"{name}=%REQ(X-REQUEST-ID)%; Path=/; Max-Age={_STAYS_S}; HttpOnly; SameSite=Lax"
    for prefix in prefixes:
        yield {
            "match": _path(prefix) | {"headers": [known]},
            "route": _shares(edge, prefix, {"cookie": {"name": name}}),
        }
        yield {
            "match": _path(prefix),
            "route": _shares(edge, prefix, {"header": {"header_name": "x-request-id"}}),
            "response_headers_to_add": [{"header": {"key": "set-cookie", "value": value}}],
        }


def _shares(edge: Edge, prefix: str, placed_by: dict[str, Any]) -> dict[str, Any]:
    shares = [
        {"name": _covering(edge, arm, prefix), "weight": arm.weight} | _tells(arm)
        for arm in edge.arms
        if arm.weight
    ]
    return {
        "weighted_clusters": {"clusters": shares, "use_hash_policy": True},
        "hash_policy": [placed_by],
        "timeout": "0s",
    }


def _otherwise(edge: Edge) -> Route:
    if any(edge.weights().values()):
        said = f"{edge.app} has nothing at this path in {edge.environment}\n"
        return {"match": {"prefix": "/"}} | _direct(404, said)
    said = f"no healthy release of {edge.app} is deployed in {edge.environment}\n"
    return {"match": {"prefix": "/"}} | _direct(503, said)


def _cluster(edge: Edge, arm: Arm, prefix: str) -> str | None:
    for endpoint in arm.endpoints:
        if endpoint.prefix == prefix:
            return cluster_name(edge, arm, endpoint)
    return None


def _covering(edge: Edge, arm: Arm, prefix: str) -> str:
    covering = [e for e in arm.endpoints if _covers(e.prefix, prefix)]
    if not covering:
        return NOWHERE
    return cluster_name(edge, arm, max(covering, key=lambda endpoint: len(endpoint.prefix)))


def _covers(prefix: str, other: str) -> bool:
    return prefix in ("/", other) or other.startswith(f"{prefix}/")


def _path(prefix: str) -> dict[str, Any]:
    return {"prefix": "/"} if prefix == "/" else {"path_separated_prefix": prefix}


def _names(arm: Arm, prefix: str) -> Route:
    header = {"name": RELEASE_HEADER, "string_match": {"exact": arm.release}}
    return {"match": _path(prefix) | {"headers": [header]}}


def _tells(arm: Arm) -> dict[str, Any]:
    header = {"key": RELEASE_HEADER, "value": arm.release}
    overwrite = {"header": header, "append_action": "OVERWRITE_IF_EXISTS_OR_ADD"}
    return {"response_headers_to_add": [overwrite]}


def _release(share: dict[str, Any]) -> str:
    return str(share["response_headers_to_add"][0]["header"]["value"])


def _direct(status: int, said: str) -> Route:
    return {"direct_response": {"status": status, "body": {"inline_string": said}}}
