"""Which configurations do the stories need? Real ones, with short holds."""

from typing import Any

FUNCTIONS = {"functions": {"kind": "functions", "path": "supabase/functions"}}
FRONTEND = {"frontend": {"kind": "static", "path": "frontend"}}
JUDGEMENT = {"by": "limits", "window": "1s", "min_samples": 10, "deadline": "4s"}
CANARY = {
    "strategy": "canary",
    "steps": [50, 100],
    "hold": "1s",
    "judgement": JUDGEMENT,
    "monitor_for": "1s",
    "start_timeout": "30s",
    "drain": "0s",
    "rollback_window": "5m",
    "traffic": {"requests_per_second": 100},
}


def at(port: int, **policy: Any) -> dict[str, Any]:
    """Return an environment that listens on a port of the loopback."""
    return {"listen": f"127.0.0.1:{port}"} | policy


def canary(app: str, ports: list[int], **policy: Any) -> dict[str, Any]:
    """Return an app with one place, `live`, that new releases take over in steps."""
    return {
        "version": 1,
        "app": app,
        "components": FUNCTIONS,
        "environments": {"live": at(ports[0], **CANARY | policy)},
        "pipeline": [
            {"stage": "canary", "canary": "live"},
            {"stage": "promotion", "promote": "live"},
        ],
    }


def at_once(
    app: str,
    ports: list[int],
    gates: dict[str, Any] | None = None,
    before: list[str] | None = None,
    after: list[str] | None = None,
    **policy: Any,
) -> dict[str, Any]:
    """Return an app with one place that new releases take over at once; gates before and after."""
    checked = [{"stage": "checks", "gates": before}] if before else []
    proven = [{"stage": "proof", "gates": after}] if after else []
    usual = {"strategy": "blue_green", "drain": "0s", "rollback_window": "5m"}
    return {
        "version": 1,
        "app": app,
        "components": FUNCTIONS,
        "gates": gates or {},
        "environments": {"live": at(ports[0], **usual | {"start_timeout": "30s"} | policy)},
        "pipeline": [*checked, {"stage": "deployment", "deploy": "live"}, *proven],
    }


def production(app: str, ports: list[int], **policy: Any) -> dict[str, Any]:
    """Return an app whose production needs staging before it and an approval."""
    approval = {"approval": {"role": "approver", "expires": "5m"}, "production": True}
    stage = {"strategy": "blue_green", "drain": "0s", "rollback_window": "5m"}
    return {
        "version": 1,
        "app": app,
        "components": FUNCTIONS,
        "environments": {
            "staging": at(ports[0], **stage | {"start_timeout": "30s"}),
            "production": at(ports[1], **CANARY | approval | policy),
        },
        "gates": {"there": {"run": ["test", "-d", "supabase"]}},
        "pipeline": [
            {"stage": "security-scan", "gates": ["there"]},
            {"stage": "staging", "deploy": "staging"},
            {"stage": "security-validation", "gates": ["there"]},
            {"stage": "approval", "approve": "production"},
            {"stage": "canary", "canary": "production"},
            {"stage": "promotion", "promote": "production"},
            {"stage": "monitoring", "monitor": "production"},
        ],
    }
