"""From a commit to a release: a clean checkout, the build commands, one artifact a component."""

import shutil
from dataclasses import replace
from pathlib import Path

from fairlead.errors import Refused
from fairlead.pipeline import jobs, sboms
from fairlead.pipeline.scene import Outcome, Passed, Scene
from fairlead.release.component import ComponentKind
from fairlead.release.release import Artifact, Release, release_id
from fairlead.release.spec.gate import Gate
from fairlead.release.spec.model import Component
from fairlead.store import journal, releases, runs

BUILD_LIMIT = "30m"


def check_out(scene: Scene) -> Outcome:
    """Bring the commit into a clean folder of this run."""
    scene.house.repository.checkout(scene.run.sha, scene.run.id)
    return Passed(f"commit {release_id(scene.run.sha)} is checked out, clean")


def build(scene: Scene) -> Outcome:
    """Build once: a commit that was built before keeps its bytes."""
    with scene.house.database.begin() as tx:
        known = releases.find(tx, scene.run.app, release_id(scene.run.sha))
        if known is not None:
            runs.set_release(tx, scene.run.id, known.id)
    if known is not None:
        _lay_out(scene, known)
        sboms.begin(scene, known)
        return Passed(f"release {known.id} was built before; the same bytes are used")
    works = [
        jobs.Work(name, Gate.model_validate({"run": component.build, "timeout": BUILD_LIMIT}))
        for name, component in scene.spec.components.items()
        if component.build
    ]
    if works:
        outcome = jobs.advance(scene, works, {})
        if not isinstance(outcome, Passed):
            return outcome
    return _pack(scene)


def _pack(scene: Scene) -> Outcome:
    folder = scene.house.repository.checkout(scene.run.sha, scene.run.id)
    artifacts: list[Artifact] = []
    for name, component in scene.spec.components.items():
        place = _inside(folder, component.path, name)
        packed = scene.house.artifacts.pack(name, component.kind, place)
        artifacts.append(replace(packed, permissions=_permissions(component)))
    release = Release(scene.run.app, scene.run.commit, tuple(artifacts))
    because = f"release {release.id} built, manifest {release.digest[:12]}"
    with scene.house.database.begin() as tx:
        releases.save(tx, release, scene.now)
        runs.set_release(tx, scene.run.id, release.id)
        digests = {a.component: a.digest for a in artifacts}
        journal.append(tx, scene.event("release.built", because, "built", digests=digests))
    sboms.begin(scene, release)
    return Passed(because)


def _lay_out(scene: Scene, release: Release) -> None:
    """Put what was built before into the checkout, where the gates of this run look for it."""
    folder = scene.house.repository.checkout(scene.run.sha, scene.run.id)
    for artifact in release.artifacts:
        place = folder / scene.spec.components[artifact.component].path
        if not place.exists():
            shutil.copytree(scene.house.artifacts.unpack(artifact), place)


def _inside(folder: Path, path: str, component: str) -> Path:
    """Return the component's folder; a build may have put a link there that leads elsewhere."""
    place = folder / path
    if not place.resolve().is_relative_to(folder.resolve()):
        raise Refused(f"components.{component}.path: {path} leads out of the repository")
    return place


def _permissions(component: Component) -> tuple[str, ...]:
    return tuple(component.permissions) if component.kind is ComponentKind.FUNCTIONS else ()
