"""What is a release made of, and what of it changed? Told by a command, as gates are.

It reads the commit, never what a build has made of it, and works while the gates do: nobody waits
for it before the release comes to an environment.
"""

from dataclasses import replace
from pathlib import Path

from fairlead.errors import FairleadError, Permanent
from fairlead.gates.job import Job, JobResult
from fairlead.gates.ports import Built
from fairlead.gates.sbom import MOST_BYTES
from fairlead.gates.sbom_since import Since, since
from fairlead.journal.event import Event
from fairlead.pipeline import report
from fairlead.pipeline.scene import Scene, Wait
from fairlead.release.release import Release
from fairlead.store import environments, journal, sboms
from fairlead.store.database import Tx

LIMIT_S = 120.0
# How long one look may wait for the command before intentions are read again.
LOOK_S = 0.5


def begin(scene: Scene, release: Release) -> None:
    """Start to tell what the release is made of, unless that is kept already."""
    with scene.house.database.begin() as tx:
        kept = sboms.is_kept(tx, release.app, release.id)
    if not kept:
        _start(scene, release)


def tell(scene: Scene, release: Release) -> Wait | None:
    """Tell what changes in the stage's environment, once; a wait until that is known.

    A release without an SBOM goes on all the same: its record says so, and why.
    """
    with scene.house.database.begin() as tx:
        if kept := sboms.is_kept(tx, release.app, release.id):
            _compare(scene, tx, release.id)
    if kept:
        return None
    _start(scene, release)
    scene.house.runner.wait((_job(scene),), LOOK_S)
    result = scene.house.runner.result(_job(scene))
    if result is None:
        return Wait(0)
    _keep(scene, result)
    with scene.house.database.begin() as tx:
        _compare(scene, tx, release.id)
    return None


def leave(scene: Scene) -> None:
    """Keep what there is when the run ends early, and end the command if it still works."""
    with scene.house.database.begin() as tx:
        kept = sboms.is_kept(tx, scene.run.app, scene.run.release)
    if not kept:
        scene.house.runner.stop(_job(scene))
        if result := scene.house.runner.result(_job(scene)):
            _keep(scene, result)


def _start(scene: Scene, release: Release) -> None:
    folder = scene.house.reports
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    document, told = _files(scene)
    digests = {one.component: one.digest for one in release.artifacts}
    history = scene.house.repository.history
    built = Built(release.app, release.commit.sha, digests, history, document, told)
    argv = tuple(scene.house.judges.sbom(built))
    scene.house.runner.start(Job(_job(scene), argv, folder, LIMIT_S, scene.house.job_env))


def _keep(scene: Scene, result: JobResult) -> None:
    """Take what the command has left into the record, or why it left nothing."""
    app, release = scene.run.app, scene.run.release
    try:
        document, because = _left(scene, result)
    except Permanent as error:
        because = f"release {release} has no SBOM: {error}"
        with scene.house.database.begin() as tx:
            journal.append(tx, _event(scene, "sbom.failed", because, f"{scene.run.id}/sbom"))
        return
    with scene.house.database.begin() as tx:
        digest = sboms.save(tx, app, release, document, scene.now)
        told = _event(scene, "sbom.kept", f"release {release}: {because}", f"{app}/{release}/sbom")
        journal.append(tx, replace(told, data=told.data | {"digest": digest}))
    for file in _files(scene):
        file.unlink(missing_ok=True)


def _left(scene: Scene, result: JobResult) -> tuple[str, str]:
    """Return the document and its sentence. Errors: `Permanent` when it could not be made."""
    document, file = _files(scene)
    told = report.read(file)
    if not result.passed or not told.whole:
        raise Permanent(told.because or result.because)
    try:
        with document.open("rb") as opened:
            data = opened.read(MOST_BYTES + 1)
        if len(data) > MOST_BYTES:
            raise Permanent(f"it is larger than {MOST_BYTES >> 20} MB")
        return data.decode(), told.because
    except (OSError, ValueError) as error:
        raise Permanent(f"it cannot be read: {error}") from error


def _compare(scene: Scene, tx: Tx, release: str) -> None:
    app, name = scene.run.app, scene.environment
    place = environments.find(tx, app, name)
    live = place.live if place else ""
    effect = f"{scene.run.id}/{name}/packages/{live}"
    if journal.is_recorded(tx, effect):
        return
    found = Since("this release runs here already")
    if live != release:
        found = _changes(tx, app, live, release)
    told = _event(scene, "packages.compared", f"packages: {found.because}", effect)
    data = {"since": live, "counts": found.counts, "named": found.named}
    journal.append(tx, replace(told, data=told.data | data))


def _changes(tx: Tx, app: str, live: str, release: str) -> Since:
    try:
        before = sboms.find(tx, app, live) if live else None
        return since(live, before, sboms.find(tx, app, release))
    except FairleadError as error:
        return Since(f"what changed is not known: {error}")


def _event(scene: Scene, kind: str, because: str, effect: str) -> Event:
    return replace(scene.event(kind, because, ""), effect=effect)


def _files(scene: Scene) -> tuple[Path, Path]:
    folder, name = scene.house.reports, scene.run.id
    return folder / f"{name}.sbom.cdx.json", folder / f"{name}.sbom.json"


def _job(scene: Scene) -> str:
    return f"{scene.run.id}.sbom"
