"""What is known of the personal data where a run deployed its release?"""

import json
from pathlib import Path
from typing import Any

from fairlead.privacy.page import markdown
from fairlead.privacy.report import Deployment, nothing_seen
from fairlead.release.plan import StageKind
from fairlead.release.progress import Run, StageState, StageStatus
from fairlead.reports.window import Window
from fairlead.store import gate_results, runs
from fairlead.store.gate_results import GateResult

_DEPLOYS = (StageKind.DEPLOY, StageKind.PROMOTE)


def privacy(window: Window, run_id: str) -> dict[str, Any]:
    """Return the newest report of each environment that the run was to deploy to, in that order.

    Each is told with the stage and gate that made it, and when. Where there is none, the report
    says that nothing is known, and why.
    """
    with window.database.begin() as tx:
        run, stages = runs.get(tx, run_id), runs.stages(tx, run_id)
        results = gate_results.of_run(tx, run_id)
    deploys = {s.planned.environment: s for s in stages if s.planned.kind in _DEPLOYS}
    told = []
    for environment, stage in deploys.items():
        there = {s.planned.index: s for s in stages if s.planned.environment == environment}
        mine = [one for one in results if one.stage in there]
        made = _newest(window.reports, mine)
        if made:
            result, report = made
            about = {"stage": there[result.stage].planned.name, "gate": result.gate}
            told.append({**about, "looked_at": result.finished_at, "report": report})
        else:
            why = _why_none(run, stage, mine)
            report = nothing_seen(Deployment(environment, run.release), why)
            about = {"stage": stage.planned.name, "gate": ""}
            told.append({**about, "looked_at": None, "report": report})
    return {"run": run.id, "app": run.app, "commit": run.sha, "deployments": told}


def page(told: dict[str, Any]) -> str:
    """Return the same to read, a page for each environment."""
    every = told["deployments"]
    pages = [markdown(one["report"] | {"looked_at": _moment(one, told)}) for one in every]
    nothing = f"Run {told['run']} deploys nothing, so there is nothing to tell of.\n"
    return "\n---\n\n".join(pages) or nothing


def _moment(one: dict[str, Any], told: dict[str, Any]) -> str:
    if one["looked_at"] is None:
        return ""
    at = one["looked_at"].strftime("%Y-%m-%d %H:%M:%S %Z")
    return f"{at}, by {one['gate']} in stage {one['stage']} of run {told['run']} of {told['app']}"


def _newest(folder: Path, results: list[GateResult]) -> tuple[GateResult, dict[str, Any]] | None:
    ended = (one for one in results if one.finished_at)
    for one in sorted(ended, key=lambda it: (it.stage, it.finished_at), reverse=True):
        file = folder / f"{one.run}.{one.stage}.{one.gate}.privacy.json"
        try:
            return one, json.loads(file.read_text("utf-8"))
        except FileNotFoundError:
            continue
    return None


def _why_none(run: Run, stage: StageState, results: list[GateResult]) -> str:
    environment = stage.planned.environment
    if run.spec["environments"][environment].get("database") is None:
        none = f"{environment} has no database in fairlead.yaml"
        return f"{none}, so neither tables nor logs were looked at"
    said = [one.because for one in results if one.gate.startswith("privacy.") and one.because]
    if said:
        return said[-1]
    if stage.status is not StageStatus.PASSED:
        why = f": {stage.because}" if stage.because else ""
        return f"the release is not live in {environment} (stage {stage.status}{why})"
    return "no report was made; the secret with the address of the database may be missing"
