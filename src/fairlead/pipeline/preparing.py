"""A release's slots in an environment: started from verified bytes, then proven healthy."""

import time

from fairlead.analysis.verdict import Finding, Verdict
from fairlead.errors import Permanent
from fairlead.pipeline import edge
from fairlead.pipeline.house import House
from fairlead.release.component import ComponentKind
from fairlead.release.release import Artifact, Release
from fairlead.rollout.slot import Slot
from fairlead.store import releases, slots

# How long one look may wait for slots that start, before intentions are read again.
LOOK_S = 0.5
# Slots that start need the processors themselves: they are not asked before they listen, but a
# crash must show, and one that listens may need a moment more.
LISTENING_S, LOOK_AGAIN_S = 0.5, 0.01


def start(house: House, release: Release, environment: str, *, revive: bool = False) -> None:
    """Start every slot of the release that is not kept yet, or adopt it when it runs.

    With `revive` a kept slot that is not well is started once more as well: for the way back.
    """
    with house.database.begin() as tx:
        kept = {k.slot.id: k for k in slots.of_environment(tx, release.app, environment)}
    wanted: dict[Slot, Artifact] = {}
    # What takes longest to start begins first.
    for artifact in sorted(runnable(release), key=lambda one: one.kind is ComponentKind.STATIC):
        slot = slot_of(release, artifact, environment)
        known = kept.get(slot.id)
        stays = known is not None and known.endpoints and known.stop_after is None
        if not stays or (revive and house.target.health(slot).verdict is Verdict.UNHEALTHY):
            wanted[slot] = artifact
    if not wanted:
        return
    with edge.alone(release.app, environment):
        with house.database.begin() as tx:
            for slot in wanted:
                known = kept.get(slot.id)
                slots.keep(tx, slot, known.endpoints if known else ())
        files = {slot: house.artifacts.unpack(artifact) for slot, artifact in wanted.items()}
        endpoints = house.target.start(files)
        with house.database.begin() as tx:
            for slot in wanted:
                slots.keep(tx, slot, endpoints[slot])


def health(house: House, release: Release, environment: str) -> Finding:
    """Return the worst of the release's slots; no slots at all is UNKNOWN."""
    every = slots_of(release, environment)
    finding = house.target.health(*every)
    if finding.verdict is Verdict.HEALTHY:
        return Finding(Verdict.HEALTHY, f"all {len(every)} slots answer")
    return finding


def health_soon(house: House, release: Release, environment: str) -> Finding:
    """Return how the slots are once that is known, or after half a second: most start in less."""
    end = time.monotonic() + LOOK_S
    while True:
        house.target.await_listening(slots_of(release, environment), LISTENING_S)
        finding = health(house, release, environment)
        if finding.verdict is not Verdict.UNKNOWN or time.monotonic() >= end:
            return finding
        time.sleep(LOOK_AGAIN_S)


def slots_of(release: Release, environment: str) -> list[Slot]:
    """Return the slots that a release has in an environment."""
    return [slot_of(release, artifact, environment) for artifact in runnable(release)]


def runnable(release: Release) -> list[Artifact]:
    """Return the artifacts that run in slots; migrations do not."""
    return [a for a in release.artifacts if a.kind is not ComponentKind.POSTGRES]


def slot_of(release: Release, artifact: Artifact, environment: str) -> Slot:
    """Return the slot of one artifact in an environment."""
    return Slot(
        app=release.app,
        environment=environment,
        release=release.id,
        component=artifact.component,
        kind=artifact.kind.value,
        units=artifact.units,
        permissions=artifact.permissions,
    )


def get_release(house: House, app: str, release_id: str) -> Release:
    """Return a release; `Permanent` when its record is gone."""
    with house.database.begin() as tx:
        release = releases.find(tx, app, release_id)
    if release is None:
        raise Permanent(f"release {release_id} of {app} is not on record: deploy its commit again")
    return release
