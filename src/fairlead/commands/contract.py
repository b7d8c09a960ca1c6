"""Let databases lose what no release needs any more: the server asks for it, nobody else has to."""

from fairlead.commands.desk import Desk, record_run
from fairlead.release import plan
from fairlead.release.compatibility import ripe, still_running
from fairlead.release.progress import Run, RunStatus
from fairlead.release.release import Release
from fairlead.store import environments, releases, runs, slots
from fairlead.store.database import Tx
from fairlead.store.environments import EnvironmentState

SERVER = "fairlead"


def begin_due(desk: Desk) -> list[str]:
    """Begin a run for every environment where something waits and only the live release runs.

    One that failed is not tried again for the same release. Returns the new runs.
    """
    begun = []
    with desk.database.begin() as tx:
        for place in environments.everything(tx):
            live = releases.find(tx, place.app, place.live) if _is_due(tx, place) else None
            if live is not None and ripe(live, place.waiting):
                begun.append(_begin(desk, tx, place, live))
    for run_id in begun:
        desk.start(run_id)
    return begun


def _is_due(tx: Tx, place: EnvironmentState) -> bool:
    if not place.waiting or place.held_by or place.weights.get(place.live) != 100:
        return False
    running = {kept.slot.release for kept in slots.of_environment(tx, place.app, place.name)}
    if still_running(place.live, running):
        return False
    return not runs.was_contracted(tx, place.app, place.name, place.live)


def _begin(desk: Desk, tx: Tx, place: EnvironmentState, live: Release) -> str:
    last = runs.newest_of_environment(tx, place.app, place.name)
    files = ", ".join(ripe(live, place.waiting))
    because = f"no release but {live.id} needs what {files} takes away"
    run = Run(
        id=desk.run_name(),
        app=place.app,
        kind="contract",
        commit=live.commit,
        release=live.id,
        repository=last.repository,
        spec=last.spec,
        status=RunStatus.QUEUED,
        because=because,
        submitted_by=SERVER,
        submitter_email="",
        created_at=desk.clock(),
        finished_at=None,
    )
    record_run(desk, tx, run, plan.legs(plan.contract_stages(place.name)), because)
    return run.id
