"""What does Fairlead add to the commands it runs? The same work by Fairlead and by a plain script.

The pipeline has 14 stages. Its gates sleep, its deployments are real: slots, smoke gates, a canary
that is judged, monitoring. The script does the same serially: the same checkout, build, gates and
holds, and it starts the same processes and waits until they answer.
"""

import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import psycopg
from deno import find_deno_bin
from load import Flow, Load
from psycopg.rows import dict_row
from script import script
from stand import (
    App,
    Stand,
    finish,
    follow,
    limit,
    say,
    say_load,
    standing,
    wait_for_answer,
)

from fairlead import wiring
from fairlead.demo.sample import free_ports

ROUNDS = 3
HOLD_S = 1.0
STEPS = [50, 100]
SECONDS = {
    "scan": 1.0,
    "lint": 1.0,
    "unit": 2.0,
    "integration": 1.5,
    "performance": 2.0,
    "load": 2.0,
    "security": 1.5,
    "gdpr": 1.0,
    "smoke": 0.2,
    "health": 0.5,
}
STAGES: dict[str, tuple[str, ...]] = {
    "security-scan": ("scan",),
    "unit-tests": ("lint", "unit"),
    "integration-tests": ("integration",),
    "performance-tests": ("performance", "load", "integration", "security", "gdpr"),
    "security-validation": ("scan", "security"),
    "health-validation": ("health", "integration"),
}
SMOKED = ("staging", "production")


@dataclass(frozen=True, slots=True)
class Round:
    """One release by Fairlead and the same by the script, in seconds."""

    fairlead: float
    script: float
    script_starts: float


def command(gate: str) -> str:
    """Return the gate's command: it sleeps, and then it may still fail."""
    return f"sleep {SECONDS[gate]:g} && test -f fairlead.yaml"


def configuration(listen: list[int]) -> dict[str, Any]:
    """Return the runbook's pipeline with short times."""
    development, staging, production = (f"127.0.0.1:{port}" for port in listen)
    judgement = {"window": f"{HOLD_S:g}s", "min_samples": 1, "deadline": "30s"}
    return {
        "version": 1,
        "app": "edge",
        "parallel": 8,
        "components": {
            "frontend": {"kind": "static", "path": "frontend", "build": "test -f fairlead.yaml"},
            "functions": {"kind": "functions", "path": "supabase/functions"},
        },
        "gates": {name: {"run": command(name)} for name in SECONDS},
        "environments": {
            "development": {"listen": development, "drain": "1s"},
            "staging": {
                "listen": staging,
                "strategy": "blue_green",
                "smoke": ["smoke"],
                "drain": "1s",
                "rollback_window": "1m",
            },
            "production": {
                "listen": production,
                "production": True,
                "strategy": "canary",
                "steps": STEPS,
                "hold": f"{HOLD_S:g}s",
                "smoke": ["smoke"],
                "approval": {"role": "approver"},
                "judgement": judgement,
                "monitor_for": f"{HOLD_S:g}s",
                "drain": "1s",
                "rollback_window": "1m",
                "traffic": {"requests_per_second": 40},
            },
        },
        "pipeline": [
            {"stage": "security-scan", "gates": [*STAGES["security-scan"]]},
            {"stage": "unit-tests", "gates": [*STAGES["unit-tests"]]},
            {"stage": "deploy-development", "deploy": "development"},
            {"stage": "integration-tests", "gates": [*STAGES["integration-tests"]]},
            {"stage": "deploy-staging", "deploy": "staging"},
            {"stage": "performance-tests", "gates": [*STAGES["performance-tests"]]},
            {"stage": "security-validation", "gates": [*STAGES["security-validation"]]},
            {"stage": "approval", "approve": "production"},
            {"stage": "production-canary", "canary": "production"},
            {"stage": "health-validation", "gates": [*STAGES["health-validation"]]},
            {"stage": "full-production", "promote": "production"},
            {"stage": "post-deploy-monitoring", "monitor": "production"},
        ],
    }


def critical_path() -> float:
    """Return the seconds nobody can save: each stage's slowest gate, each smoke test, each hold."""
    gates = sum(max(SECONDS[gate] for gate in gates) for gates in STAGES.values())
    holds = HOLD_S * len(STEPS[:-1]) + HOLD_S
    return gates + SECONDS["smoke"] * len(SMOKED) + holds
