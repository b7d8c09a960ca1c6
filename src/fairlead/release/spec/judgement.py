"""Which words of fairlead.yaml say how a release is judged, and what do they mean?"""

from typing import Literal

from pydantic import Field

from fairlead.release.spec.part import Name, Part, written
from fairlead.release.spec.quantity import Duration, Share


class Limits(Part):
    """Beyond these a release is unhealthy, whatever the others do."""

    error_rate: Share = Field(description="Share of requests that may fail in a window.")
    mean_latency: Duration = Field(description="How long an answer may take, on average.")


class Latency(Part):
    """How much slower than the release before the new one may be."""

    tolerance: Share = written("9%", "Slower by this much is fine: no two processes are alike.")
    unnoticed: Duration = written("10ms", "Answers quicker than this all count as equally quick.")
    p50: Share = written("5%", "So many more of all answers may fall beyond stable's median.")
    p90: Share = written("3%", "The same beyond its 90th percentile.")
    p99: Share = written("1%", "The same beyond its 99th percentile.")


class Evidence(Part):
    """What a canary must prove beside the release before, at the same time."""

    alpha: Share = written("0.1%", "Chance that a harmless release is ever rolled back.")
    beta: Share = written("5%", "Chance that a release worse than `mde` is promoted.")
    tolerance: Share = written("0%", "More errors by this share of requests are fine.")
    mde: Share = written("0.5%", "A release must be shown not worse than this.")
    latency: Latency = written({}, "The same for answer times.")
    max_bad: int = Field(50, ge=1, description="Excess bad answers at which the ramp stops.")
    poll: Duration = written("1s", "How often the counters are looked at.")
    horizon: Duration = written("30m", "By then it must be known.")
    at_horizon: Literal["back", "hold"] = Field(
        "back", description="What happens then: the release goes back, or waits for a person."
    )
    blind: Duration = written("1m", "Nothing usable for so long is UNKNOWN.")


class Guardrail(Part):
    """A limit of your own: an expression over metrics that must not become true."""

    unhealthy_if: str = Field(
        min_length=1,
        description="Metrics compared, such as `p99_ms > 800 or error_rate > 0.05`.",
    )
    min_samples: int = Field(50, ge=1, description="Fewer requests in a window are UNKNOWN.")
    windows: int = Field(2, ge=1, description="True for so many windows running is UNHEALTHY.")
    unknown: Literal["hold", "back"] = Field(
        "hold",
        description="UNKNOWN holds the release until the deadline, or counts as if it were true.",
    )


class Judgement(Part):
    """How measurements are turned into a verdict."""

    by: Literal["evidence", "limits"] = Field(
        "evidence", description="Beside the release before, or by its limits alone."
    )
    evidence: Evidence = written({}, "What a canary must prove.")
    window: Duration = written("30s", "Length of one window; windows never overlap.")
    min_samples: int = Field(50, ge=1, description="Fewer requests in a window are UNKNOWN.")
    deadline: Duration = written("10m", "UNKNOWN for longer than this goes back.")
    canary: Limits = written(
        {"error_rate": "2%", "mean_latency": "1s"}, "While the new release takes over."
    )
    promoted: Limits = written(
        {"error_rate": "5%", "mean_latency": "2s"}, "Once it has all traffic."
    )
    guardrails: dict[Name, Guardrail] = Field({}, description="Limits of your own, by name.")
