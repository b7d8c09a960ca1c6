"""What does Fairlead add to the commands it runs? The same work by Fairlead and by a plain script.

The pipeline has 14 stages. Its gates sleep, its deployments are real: slots, smoke gates, a canary
that is judged, monitoring. The script does the same serially: the same checkout, build, gates and
holds, and it starts the same processes and waits until they answer.
"""

import statistics
import subprocess
import time
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

import psycopg
from psycopg.rows import dict_row

from fairlead import places
from fairlead.demo.sample import free_ports
from load import Flow, Load
from runbook import Pace, environments, stages
from script import Work, beginning, deployment
from stand import App, Stand, finish, follow, limit, say, say_load, standing, wait_for_answer

ROUNDS = 5
HOLD_S = 1.0
RATE = 40.0
PATH = "/functions/v1/edge/quick"
STEPS = (50, 100)
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
    """One release by Fairlead and the same by the script, in seconds.

    `starts` is what the script's processes took to start, in all environments together.
    """

    fairlead: float
    script: float
    starts: float


def command(gate: str) -> str:
    """Return the gate's command: it sleeps, and then it may still fail."""
    return f"sleep {SECONDS[gate]:g} && test -f fairlead.yaml"


def configuration(listen: list[int]) -> dict[str, Any]:
    """Return the runbook's pipeline with short times."""
    judgement = {"by": "limits", "window": f"{HOLD_S:g}s", "min_samples": 1, "deadline": "30s"}
    return {
        "version": 1,
        "app": "edge",
        "parallel": 8,
        "components": {
            "frontend": {"kind": "static", "path": "frontend", "build": "test -f fairlead.yaml"},
            "functions": {"kind": "functions", "path": "supabase/functions"},
        },
        "gates": {name: {"run": command(name)} for name in SECONDS},
        "environments": environments(listen, Pace(f"{HOLD_S:g}s", STEPS, 40, judgement)),
        "pipeline": stages(STAGES),
    }


def critical_path() -> float:
    """Return the seconds nobody can save: each stage's slowest gate, each smoke test, each hold."""
    gates = sum(max(SECONDS[gate] for gate in gates) for gates in STAGES.values())
    holds = HOLD_S * len(STEPS[:-1]) + HOLD_S
    return gates + SECONDS["smoke"] * len(SMOKED) + holds


def by_fairlead(stand: Stand, app: App) -> dict[str, Any]:
    """Take what is committed to production, and return the run."""
    run = stand.ana.deploy(str(app.folder), "main")
    state = follow(stand, run)
    if state["status"] != "succeeded":
        raise SystemExit(f"run {run} {state['status']}: {state['because']}")
    return state


def by_script(stand: Stand, app: App, sha: str) -> tuple[float, float]:
    """Do the same by script; return its seconds, and those its processes took to start."""
    folder = stand.folder / "script" / sha[:12]
    folder.mkdir(parents=True)
    work = Work(folder, app.folder, sha)
    file = folder / "deploy.sh"
    file.write_text(text_of(work), "utf-8")
    began = time.monotonic()
    subprocess.run(["/bin/bash", str(file)], check=True, timeout=120)
    took = time.monotonic() - began
    times = [float(line) for line in work.times.read_text("utf-8").splitlines()]
    return took, sum(ended - began for began, ended in zip(times[::2], times[1::2], strict=True))


def text_of(work: Work) -> str:
    """Return the script: every stage of the pipeline and every gate of it, in their order."""
    hold = f"sleep {HOLD_S:g}\n"
    text = beginning(work) + "test -f fairlead.yaml\n"
    for stage in configuration([1, 2, 3])["pipeline"]:
        if "gates" in stage:
            text += "".join(f"{command(gate)}\n" for gate in stage["gates"])
        environment = stage.get("deploy") or stage.get("canary")
        if environment:
            text += deployment(work, environment)
        if environment in SMOKED:
            text += f"{command('smoke')}\n"
        if "canary" in stage:
            text += hold * len(STEPS[:-1])
        if "monitor" in stage:
            text += hold
    return text


def took(run: dict[str, Any]) -> float:
    """Return the seconds from the submission to the end, as the record tells them."""
    ended, began = (datetime.fromisoformat(run[key]) for key in ("finished_at", "created_at"))
    return (ended - began).total_seconds()


def asked_for(journal: list[dict[str, Any]]) -> float:
    """Return the seconds a person took to answer: Fairlead's waiting is not its overhead."""
    at = {entry["kind"]: datetime.fromisoformat(entry["at"]) for entry in journal}
    return (at["approval.approved"] - at["approval.asked"]).total_seconds()


def durable_step_ms(stand: Stand, run: str) -> list[int]:
    """Return what making each step of a run durable cost: from its end to the next one's begin.

    Where the run waited between two steps, that is recorded as steps of their own.
    """
    statement = (
        "SELECT workflow_uuid AS spell, function_name AS name, started_at_epoch_ms AS began, "
        "completed_at_epoch_ms AS ended FROM dbos.operation_outputs "
        "WHERE workflow_uuid LIKE %s ORDER BY workflow_uuid, function_id"
    )
    url = places.database_url(stand.settings)
    with psycopg.connect(url, row_factory=dict_row) as connection:
        steps = connection.execute(statement, (f"{run}%",)).fetchall()
    return [
        after["began"] - step["ended"]
        for step, after in pairwise(steps)
        if step["spell"] == after["spell"] and (step["name"], after["name"]) == ("turns", "turns")
    ]


def one_round(stand: Stand, app: App, number: int) -> tuple[Round, list[int]]:
    """Release one commit by Fairlead and then by the script."""
    sha = app.commit(f"release {number}")
    run = by_fairlead(stand, app)
    answered = asked_for(stand.ana.journal(run["id"], 0))
    script_s, starts = by_script(stand, app, sha)
    found = Round(took(run) - answered, script_s, starts)
    say(
        f"round {number}: Fairlead {found.fairlead:.2f} s, script {script_s:.2f} s, of which its "
        f"processes took {starts:.2f} s to start; critical path {critical_path():.1f} s + starts"
    )
    for stage in run["stages"]:
        say(f"    {stage['name']:<24} {took(stage | {'created_at': stage['started_at']}):6.2f} s")
    return found, durable_step_ms(stand, run["id"])


def main() -> None:
    """Measure some rounds under light traffic; the median round counts."""
    limit(500)
    with standing() as stand:
        listen = free_ports(3)
        app = App(stand.folder / "app", configuration(listen))
        app.commit("the first release")
        by_fairlead(stand, app)
        wait_for_answer(f"http://127.0.0.1:{listen[-1]}{PATH}")
        load = Load(listen[-1], (Flow("quick", PATH, RATE),), stand.folder)
        try:
            done = [one_round(stand, app, number + 1) for number in range(ROUNDS)]
        finally:
            requests = load.stop()
    rounds, steps = [one for one, _ in done], [ms for _, each in done for ms in each]
    beyond = statistics.median(one.fairlead - one.starts - critical_path() for one in rounds)
    bare = statistics.median(one.fairlead - critical_path() for one in rounds)
    failed = sum(request.failed for request in requests)
    say(f"{len(requests)} requests meanwhile, {failed} failed")
    say(f"beyond the critical path {beyond:.2f} s; counting the start of slots too, {bare:.2f} s")
    say_load()
    finish(
        {
            "ratio_to_bash": round(statistics.median(o.fairlead / o.script for o in rounds), 3),
            "beyond_critical_path_s": round(beyond, 3),
            "ms_per_step": round(statistics.mean(steps), 1),
        }
    )


if __name__ == "__main__":
    main()
