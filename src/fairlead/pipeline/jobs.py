"""Commands of one stage, side by side: gates, smoke tests and builds."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fairlead.gates.evidence import inputs_digest, is_fresh
from fairlead.gates.job import Job, JobResult
from fairlead.pipeline import report
from fairlead.pipeline.scene import Failed, Outcome, Passed, Scene, Wait
from fairlead.release import suppressions
from fairlead.release.spec.gate import Command, Gate
from fairlead.store import gate_results, journal
from fairlead.store.database import Tx
from fairlead.store.gate_results import GateResult

# How long one look may wait for a command to end before intentions are read again.
LOOK_S = 0.5
# What of a gate decides on its verdict: with another of these no recorded pass counts.
_DECIDING = {"run", "check", "junit", "sarif", "osv", "fail_at", "new_only", "retries"}


@dataclass(frozen=True, slots=True)
class Work:
    """One gate of a stage; `report` is where it leaves what it has to tell, as JSON.

    `words` are the command that is run where that is not the gate's own. `compared_with` is the
    commit whose findings decide with it on the verdict; empty where none do.
    """

    name: str
    gate: Gate
    report: Path | None = None
    words: Command | tuple[str, ...] = ()
    compared_with: str = ""

    @property
    def argv(self) -> tuple[str, ...]:
        """Return the program and its arguments."""
        command = self.words or self.gate.run or ()
        return ("/bin/sh", "-c", command) if isinstance(command, str) else tuple(command)


def advance(scene: Scene, works: list[Work], env: dict[str, str]) -> Outcome:
    """Start what may start, collect what has ended; all have their say before the stage ends."""
    return collect(scene, works, begin(scene, works, env))


def begin(scene: Scene, works: list[Work], env: dict[str, str]) -> dict[str, GateResult]:
    """Start what may start, and what lost its keeper; return what is known of each by name."""
    known = _known(scene)
    fresh = [work for work in works if work.name not in known][: _room(scene, known)]
    known |= _begin(scene, fresh, env)
    running = [w for w in works if w.name in known and known[w.name].status == "running"]
    if running:
        _start(scene, [_job(scene, work, env) for work in running])
    return known


def collect(scene: Scene, works: list[Work], known: dict[str, GateResult]) -> Outcome:
    """Wait a moment for what runs, and collect what has ended."""
    running = [name for name, it in known.items() if it.status == "running"]
    scene.house.runner.wait(tuple(_job_id(scene, name) for name in running), LOOK_S)
    files = {work.name: work.report for work in works}
    for name in running:
        result = scene.house.runner.result(_job_id(scene, name))
        if result is not None:
            known[name] = _end(scene, known[name], result, files.get(name))
    if any(w.name not in known or known[w.name].status == "running" for w in works):
        return Wait(0)
    return _sum_up([known[w.name] for w in works])


def stop(scene: Scene) -> None:
    """End every command of the stage that still runs, with all the processes it started."""
    for name, result in _known(scene).items():
        if result.status == "running":
            scene.house.runner.stop(_job_id(scene, name))
            ended = scene.house.runner.result(_job_id(scene, name))
            if ended is not None:
                _end(scene, result, ended)


def _known(scene: Scene) -> dict[str, GateResult]:
    with scene.house.database.begin() as tx:
        return gate_results.of_stage(tx, scene.run.id, scene.stage.planned.index)


def _room(scene: Scene, known: dict[str, GateResult]) -> int:
    """Return how many more commands may run; one that reuses a pass takes its room for one look."""
    return max(0, scene.spec.parallel - sum(r.status == "running" for r in known.values()))


def _start(scene: Scene, every: list[Job]) -> None:
    """Put every job into a keeper's hands, side by side; those that have one already stay there."""
    with ThreadPoolExecutor(len(every)) as hands:
        [*hands.map(scene.house.runner.start, every)]


def _begin(scene: Scene, works: list[Work], env: dict[str, str]) -> dict[str, GateResult]:
    """Note that commands begin, or that a recorded pass stands for one."""
    if not works:
        return {}
    digests = [_inputs(scene, work, env) for work in works]
    with scene.house.database.begin() as tx:
        return {
            work.name: _reused(scene, tx, work, digest) or _begun(scene, tx, work, digest)
            for work, digest in zip(works, digests, strict=True)
        }


def _inputs(scene: Scene, work: Work, env: dict[str, str]) -> str | None:
    if not work.gate.inputs:
        return None
    blobs = scene.house.repository.blobs(scene.run.sha)
    policy = work.gate.model_dump_json(include=_DECIDING)
    # Without an exception that was there then, the same files may fail.
    exceptions = blobs.get(suppressions.FILE_NAME, "")
    told = [policy, exceptions, work.compared_with]
    return inputs_digest(told, work.gate.env | env, work.gate.inputs, blobs)


def _begun(scene: Scene, tx: Tx, work: Work, digest: str | None) -> GateResult:
    fresh = GateResult(
        run=scene.run.id,
        stage=scene.stage.planned.index,
        gate=work.name,
        status="running",
        exit_status=None,
        because="",
        inputs_digest=digest,
        reused_from=None,
        started_at=scene.now,
        finished_at=None,
    )
    gate_results.begin(tx, fresh)
    journal.append(tx, scene.event("gate.began", f"{work.name} began", f"{work.name}/began"))
    return fresh


def _reused(scene: Scene, tx: Tx, work: Work, digest: str | None) -> GateResult | None:
    earlier = gate_results.newest_pass(tx, scene.run.app, work.name, digest) if digest else None
    passed_at = earlier.finished_at if earlier else None
    if not earlier or not passed_at or not is_fresh(passed_at, work.gate.reuse_for, scene.now):
        return None
    because = f"{work.name} passed in run {earlier.run} on the same inputs; the pass was reused"
    told = GateResult(
        run=scene.run.id,
        stage=scene.stage.planned.index,
        gate=work.name,
        status="passed",
        exit_status=0,
        because=because,
        inputs_digest=digest,
        reused_from=earlier.run,
        started_at=scene.now,
        finished_at=scene.now,
    )
    gate_results.end(tx, told)
    event = scene.event("gate.reused", because, f"{work.name}/ended", from_run=earlier.run)
    journal.append(tx, event)
    return told


def _end(
    scene: Scene, began: GateResult, result: JobResult, file: Path | None = None
) -> GateResult:
    told = report.read(file) if file else None
    status = "passed" if result.passed and (told is None or told.whole) else "failed"
    if not result.passed and told and told.data.get("judged") == "unknown":
        status = "unknown"
    because = (told and told.because) or result.because
    if result.passed and status == "failed" and told and not told.because:
        because = f"it left no report, {because}: look at its output with `fairlead logs`"
    now = scene.house.clock()
    ended = GateResult(
        run=began.run,
        stage=began.stage,
        gate=began.gate,
        status=status,
        exit_status=result.status,
        because=f"{began.gate} {status}: {because}",
        inputs_digest=began.inputs_digest,
        reused_from=None,
        started_at=began.started_at,
        finished_at=now,
    )
    with scene.house.database.begin() as tx:
        gate_results.end(tx, ended)
        data: dict[str, Any] = {
            "exit_status": result.status,
            "took_s": round(result.took_s, 3),
            **({"report": told.data} if told else {}),
        }
        event = scene.event(f"gate.{status}", ended.because, f"{began.gate}/ended", **data)
        journal.append(tx, event)
    return ended


def _sum_up(results: list[GateResult]) -> Outcome:
    failed = [r.because for r in results if r.status != "passed"]
    if failed:
        return Failed("; ".join(failed))
    return Passed(", ".join(r.gate for r in results) + " passed")


def _job(scene: Scene, work: Work, env: dict[str, str]) -> Job:
    folder: Path = scene.house.repository.checkout(scene.run.sha, scene.run.id)
    return Job(
        id=_job_id(scene, work.name),
        argv=work.argv,
        folder=folder,
        timeout_s=work.gate.timeout,
        env=scene.house.job_env | env | work.gate.env,
    )


def _job_id(scene: Scene, name: str) -> str:
    return f"{scene.run.id}.{scene.stage.planned.index}.{name}"
