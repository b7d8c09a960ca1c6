"""What must be true before the next stage? The gates of a stage, and what each is told."""

from pathlib import Path

from fairlead.gates.ports import Asked
from fairlead.pipeline.jobs import Work
from fairlead.pipeline.scene import Scene
from fairlead.release.release import Release
from fairlead.release.spec.gate import Check
from fairlead.store import environments, gate_results, releases
from fairlead.store.database import Tx


def works(scene: Scene, names: tuple[str, ...]) -> list[Work]:
    """Return the gates of these names, each with the command that decides."""
    return [_work(scene, name) for name in names]


def environment(scene: Scene) -> dict[str, str]:
    """Return what a gate is told about the environment it tests."""
    if not scene.environment:
        return {}
    return {
        "FAIRLEAD_URL": f"http://{scene.policy.listen}",
        "FAIRLEAD_RELEASE": scene.run.release,
        "FAIRLEAD_ENVIRONMENT": scene.environment,
    }


def found_by(folder: Path, run: str, stage: int, gate: str) -> Path:
    """Return the file of SARIF with what a gate has found."""
    return folder / f"{run}.{stage}.{gate}.sarif"


def _work(scene: Scene, name: str) -> Work:
    gate = scene.spec.gates[name]
    if not gate.is_judged:
        return Work(name, gate)
    folder, stage = scene.house.reports, scene.stage.planned.index
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    sarif = found_by(folder, scene.run.id, stage, name)
    report = sarif.with_suffix(".json")
    with scene.house.database.begin() as tx:
        live = _live(tx, scene)
        before = _found_before(tx, scene, live, name) if live else None
    asked = Asked(
        name,
        report,
        sarif,
        before if before and before.is_file() else None,
        live.commit.sha if live else "",
        scene.house.repository.history,
        scene.run.sha,
        _secret(scene) if gate.check is Check.PRIVACY else "",
    )
    return Work(name, gate, report, tuple(scene.house.judges.command(asked)))


def _live(tx: Tx, scene: Scene) -> Release | None:
    """Return the release that runs where this one is to arrive at last."""
    entered = [stage.deploy or stage.canary for stage in scene.spec.pipeline]
    last = next(name for name in reversed(entered) if name)
    place = environments.find(tx, scene.run.app, last)
    return releases.find(tx, scene.run.app, place.live) if place and place.live else None


def _found_before(tx: Tx, scene: Scene, live: Release, gate: str) -> Path | None:
    found = gate_results.newest_of_release(tx, scene.run.app, gate, live.id)
    return found_by(scene.house.reports, found.run, found.stage, gate) if found else None


def _secret(scene: Scene) -> str:
    policy = scene.policy.database if scene.environment else None
    return policy.secret if policy else ""
