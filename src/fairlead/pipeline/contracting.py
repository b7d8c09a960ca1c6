"""When does a database lose what only older releases needed? When none of them runs any more."""

from fairlead.pipeline import databases, preparing
from fairlead.pipeline.scene import Failed, Outcome, Passed, Scene
from fairlead.release.compatibility import ripe, still_running
from fairlead.store import environments, slots


def advance(scene: Scene) -> Outcome:
    """Apply what has waited, unless another release runs again."""
    app, name = scene.run.app, scene.environment
    release = preparing.get_release(scene.house, app, scene.run.release)
    with scene.house.database.begin() as tx:
        environments.hold(tx, app, name, scene.run.id)
        place = environments.get(tx, app, name)
        running = {kept.slot.release for kept in slots.of_environment(tx, app, name)}
        others = still_running(place.live, running)
        if place.live != release.id or others:
            told = others or f"release {place.live} is live"
            return Failed(f"{told}: what takes something away waits for a later run")
        files = ripe(release, place.waiting)
        # From here on, also when it fails half way, nobody goes back to who may need it.
        environments.add_contracted(tx, app, name, files)
    outcome = databases.perform(scene, release, databases.CONTRACT)
    if not isinstance(outcome, Passed):
        return outcome
    with scene.house.database.begin() as tx:
        environments.set_waiting(tx, app, name, ())
    return Passed(f"applied {', '.join(files) or 'nothing more'}")
