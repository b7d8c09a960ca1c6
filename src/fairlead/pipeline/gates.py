"""What must be true before the next stage? The gates of a stage, and what each is told."""

from dataclasses import replace
from pathlib import Path

from fairlead.gates.ports import Asked, Log
from fairlead.pipeline import error_events
from fairlead.pipeline.jobs import Work
from fairlead.pipeline.scene import Scene
from fairlead.release.release import Release
from fairlead.release.spec.gate import Check
from fairlead.store import environments, gate_results, releases, slots
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


def privacy_found_by(folder: Path, run: str, stage: int, gate: str) -> Path:
    """Return the file with a report on personal data; its page to read ends with .md."""
    return folder / f"{run}.{stage}.{gate}.privacy.json"


def _work(scene: Scene, name: str) -> Work:
    gate = scene.spec.gates[name]
    if not gate.is_judged:
        return Work(name, gate)
    with scene.house.database.begin() as tx:
        live = _live(tx, scene)
        before = _found_before(tx, scene, live, name) if live else None
    asked = about(scene, name) if gate.check is Check.PRIVACY else _asked(scene, name)
    known = before if before and before.is_file() else None
    asked = replace(asked, before=known, since=live.commit.sha if live else "")
    command = tuple(scene.house.judges.command(asked))
    return Work(name, gate, asked.report, command, asked.since if gate.new_only else "")


def about(scene: Scene, name: str) -> Asked:
    """Return what a command is asked that looks at the personal data of an environment."""
    policy = scene.policy.database if scene.environment else None
    return replace(
        _asked(scene, name),
        secret=policy.secret if policy else "",
        privacy=privacy_found_by(
            scene.house.reports, scene.run.id, scene.stage.planned.index, name
        ),
        logs=_logs(scene, name) if scene.environment else (),
    )


def _asked(scene: Scene, name: str) -> Asked:
    folder, stage = scene.house.reports, scene.stage.planned.index
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    sarif = found_by(folder, scene.run.id, stage, name)
    repository = scene.house.repository
    return Asked(
        name,
        sarif.with_suffix(".json"),
        sarif,
        history=repository.history,
        commit=scene.run.sha,
        app=scene.run.app,
        environment=scene.environment,
    )


def _logs(scene: Scene, gate: str) -> tuple[Log, ...]:
    """Return what is written in the environment, by the release under test first."""
    with scene.house.database.begin() as tx:
        kept = slots.of_environment(tx, scene.run.app, scene.environment)
    printed = (
        Log(f"{one.slot.component}/{unit}", file, _other(scene, one.slot.release))
        for one in kept
        for unit, file in scene.house.target.logs(one.slot).items()
    )
    found = (*printed, *error_events.logs(scene, gate))
    return tuple(sorted(found, key=lambda log: (log.release, log.name)))


def _other(scene: Scene, release: str) -> str:
    return "" if release == scene.run.release else release


def _live(tx: Tx, scene: Scene) -> Release | None:
    """Return the release that runs where this one is to arrive at last."""
    entered = [stage.deploy or stage.canary for stage in scene.spec.pipeline]
    last = next(name for name in reversed(entered) if name)
    place = environments.find(tx, scene.run.app, last)
    return releases.find(tx, scene.run.app, place.live) if place and place.live else None


def _found_before(tx: Tx, scene: Scene, live: Release, gate: str) -> Path | None:
    found = gate_results.newest_of_release(tx, scene.run.app, gate, live.id)
    return found_by(scene.house.reports, found.run, found.stage, gate) if found else None
