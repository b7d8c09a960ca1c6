"""How does the database of an environment get what a release needs? By a command, as gates are."""

from pathlib import Path

from fairlead.errors import Permanent
from fairlead.migrations.ports import Place, Task
from fairlead.pipeline import jobs, report
from fairlead.pipeline.jobs import Work
from fairlead.pipeline.scene import Outcome, Passed, Scene
from fairlead.release.approval import REHEARSE
from fairlead.release.release import Release
from fairlead.release.spec.gate import Gate

# No gate of a file can have such a name.
MIGRATE, CONTRACT = "database.migrate", "database.contract"
_TASKS = {MIGRATE: Task.MIGRATE, REHEARSE: Task.REHEARSE, CONTRACT: Task.CONTRACT}
# A large table may take hours; a person can stop the run at any time.
TIMEOUT = "7d"


def perform(scene: Scene, release: Release, name: str) -> Outcome:
    """Take a task on the database of the stage's environment one move further.

    It passes at once where the environment has no database or the release no migrations.
    """
    migrations, policy = release.migrations, scene.policy.database
    if migrations is None or policy is None:
        return Passed("there is no database to change")
    place = Place(scene.run.app, scene.environment, policy.secret, policy.budget)
    file = _report(scene, name)
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    files = scene.house.artifacts.unpack(migrations)
    words = scene.house.databases.command(_TASKS[name], place, files, file)
    gate = Gate.model_validate({"run": words, "timeout": TIMEOUT})
    return jobs.advance(scene, [Work(name, gate, file)], scene.house.databases.environment())


def waiting(scene: Scene, release: Release) -> list[str]:
    """Return the files that wait after migrating; none where there was no database to change.

    Errors: `Permanent` when the report that told it is gone: they would be forgotten.
    """
    if release.migrations is None or scene.policy.database is None:
        return []
    told = report.read(_report(scene, MIGRATE))
    if not told.whole:
        raise Permanent("the report of database.migrate cannot be read any more: deploy again")
    return [str(file) for file in told.data.get("waiting", ())]


def _report(scene: Scene, name: str) -> Path:
    return scene.house.reports / f"{scene.run.id}.{scene.stage.planned.index}.{name}.json"
