"""Which stages and environments do the benches' apps go through? The runbook's, in seconds."""

from dataclasses import dataclass
from typing import Any

GATED = (
    "security-scan",
    "unit-tests",
    "integration-tests",
    "performance-tests",
    "security-validation",
    "health-validation",
)


@dataclass(frozen=True, slots=True)
class Pace:
    """How long each step is held, by which weights, on how much traffic, judged how."""

    hold: str
    steps: tuple[int, ...]
    requests_per_second: float
    judgement: dict[str, Any]


def stages(gates: dict[str, tuple[str, ...]]) -> list[dict[str, Any]]:
    """Return the pipeline with these gates in its gated stages, in the runbook's order."""
    gated = {name: {"stage": name, "gates": [*gates[name]]} for name in GATED}
    return [
        gated["security-scan"],
        gated["unit-tests"],
        {"stage": "deploy-development", "deploy": "development"},
        gated["integration-tests"],
        {"stage": "deploy-staging", "deploy": "staging"},
        gated["performance-tests"],
        gated["security-validation"],
        {"stage": "approval", "approve": "production"},
        {"stage": "production-canary", "canary": "production"},
        gated["health-validation"],
        {"stage": "full-production", "promote": "production"},
        {"stage": "post-deploy-monitoring", "monitor": "production"},
    ]


def environments(listen: list[int], pace: Pace) -> dict[str, Any]:
    """Return development, staging and production at these ports."""
    development, staging, production = (f"127.0.0.1:{port}" for port in listen)
    return {
        "development": {"listen": development, "drain": "1s"},
        "staging": {
            "listen": staging,
            "strategy": "blue_green",
            "smoke": ["smoke"],
            "drain": "1s",
            "rollback_window": "5s",
        },
        "production": {
            "listen": production,
            "production": True,
            "strategy": "canary",
            "steps": [*pace.steps],
            "hold": pace.hold,
            "smoke": ["smoke"],
            "approval": {"role": "approver"},
            "judgement": pace.judgement,
            "monitor_for": pace.hold,
            "drain": "1s",
            "rollback_window": "1h",
            "traffic": {"requests_per_second": pace.requests_per_second},
        },
    }
