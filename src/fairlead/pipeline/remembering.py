"""What did the release before usually do? Asked once, when a canary begins."""

from fairlead.analysis.evidence import burst
from fairlead.analysis.evidence.component import Arm
from fairlead.analysis.histogram import sparse
from fairlead.analysis.measurement import Reading
from fairlead.journal.event import Event
from fairlead.pipeline.scene import Scene
from fairlead.store import history, journal
from fairlead.store.history import Place
from fairlead.store.rollouts import RolloutState


def usual(
    scene: Scene, state: RolloutState, reading: Reading
) -> tuple[dict[str, Arm], dict[str, float]]:
    """Return what each component did, and how much its bad answers come in bursts.

    Where too little was sampled, the counters since the edge's start tell the first.
    """
    place = Place(scene.run.app, state.environment, state.previous)
    with scene.house.database.begin() as tx:
        known = history.of(tx, place, scene.now, with_times=True)
    arms = {
        name: Arm(c.requests, c.errors, c.buckets) for name, c in reading.of(state.previous).items()
    }
    arms |= {
        name: Arm(one.requests, one.errors, one.buckets)
        for name, one in known.items()
        if name in arms
    }
    phi = {name: one.phi for name, one in known.items() if one.phi is not None and name in arms}
    _tell_bursts(scene, phi)
    return arms, phi


def told(scene: Scene, state: RolloutState, arms: dict[str, Arm], phi: dict[str, float]) -> Event:
    """Return what the judge begins with, for the record: from it a replay begins as well."""
    known = {
        name: {
            "requests": arm.n,
            "errors": arm.x,
            "buckets": sparse(arm.buckets),
            "phi": phi.get(name),
        }
        for name, arm in arms.items()
    }
    counted = "; ".join(f"{name} {a.x:,} of {a.n:,} answers bad" for name, a in arms.items())
    because = (
        f"release {state.release} is judged from here on; of release {state.previous} is known: "
        f"{counted or 'nothing yet'}"
    )
    began = scene.now.isoformat()
    return scene.event("judging.began", because, "judging/began", began=began, known=known)


def _tell_bursts(scene: Scene, phi: dict[str, float]) -> None:
    """Journal what makes proof take long, once for every canary."""
    name, worst = max(phi.items(), key=lambda item: item[1], default=("", 1.0))
    if told := burst.told(worst):
        event = scene.event("traffic.bursty", f"{name}: {told}", "bursty", phi=phi)
        with scene.house.database.begin() as tx:
            journal.append(tx, event)
