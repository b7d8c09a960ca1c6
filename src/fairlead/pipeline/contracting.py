"""When does a database lose what only older releases needed? When none of them runs any more."""

from fairlead.pipeline import databases, preparing
from fairlead.pipeline.scene import Failed, Outcome, Passed, Scene
from fairlead.release.compatibility import still_running
from fairlead.store import environments, slots


def advance(scene: Scene) -> Outcome:
    """Apply what has waited, unless another release runs again."""
    app, name = scene.run.app, scene.environment
    with scene.house.database.begin() as tx:
        environments.hold(tx, app, name, scene.run.id)
        place = environments.get(tx, app, name)
        running = {kept.slot.release for kept in slots.of_environment(tx, app, name)}
    if place.live != scene.run.release or (others := still_running(place.live, running)):
        told = others if place.live == scene.run.release else f"release {place.live} is live"
        return Failed(f"{told}: what takes something away waits for a later run")
    release = preparing.get_release(scene.house, app, scene.run.release)
    outcome = databases.perform(scene, release, databases.CONTRACT)
    if not isinstance(outcome, Passed):
        return outcome
    with scene.house.database.begin() as tx:
        environments.set_contracted(tx, app, name)
    return Passed(f"applied {', '.join(place.waiting) or 'nothing more'}")
