"""Which words of fairlead.yaml say where an environment's numbers come from?"""

from typing import Literal

from pydantic import ConfigDict, Field

from fairlead.release.spec.part import Name, Part, written
from fairlead.release.spec.quantity import Duration


class Queries(Part):
    """How each number is asked for: PromQL, or JSONPath (RFC 9535) in an answer of `http`.

    `$release` and `$component` stand for one release and one component, `$window` for `stale`.
    """

    requests: str = Field(
        min_length=1, description="Requests since the start: a counter, neither rate nor increase."
    )
    errors: str = Field(min_length=1, description="Those of them that failed.")
    total_ms: str = Field(min_length=1, description="Milliseconds that all answers took together.")
    sampled_at: str = Field(
        min_length=1,
        description="When these were counted: seconds since 1970, or an RFC 3339 time.",
    )
    started_at: str | None = Field(
        None, min_length=1, description="Another number or text says that the counters began anew."
    )
    buckets: str | None = Field(
        None,
        min_length=1,
        description="prometheus only: a histogram in seconds, one series an `le`.",
    )


class Metrics(Part):
    """Where the numbers come from that a release is judged by."""

    model_config = ConfigDict(serialize_by_alias=True)

    from_: Literal["envoy", "fairlead", "spans", "prometheus", "http"] = Field(
        "envoy", alias="from", description="Who counted: the edge, the application, or a server."
    )
    url: str | None = Field(
        None, min_length=1, description="prometheus and http only: where it answers."
    )
    secret: Name | None = Field(
        None, description="prometheus and http only: name of the secret that holds a bearer token."
    )
    every: Duration = written("5s", "prometheus and http only: how often it is asked.")
    stale: Duration = written("1m", "prometheus and http only: counted longer ago is UNKNOWN.")
    queries: Queries | None = Field(
        None, description="prometheus and http only: how each number is asked for."
    )
