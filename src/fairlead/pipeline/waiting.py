"""How long may a takeover wait, and when is it looked at again?"""

from datetime import timedelta

from fairlead.pipeline import comparing, observing
from fairlead.pipeline.scene import Scene
from fairlead.release import at_horizon
from fairlead.rollout.decide import Horizon
from fairlead.store import environments, intentions
from fairlead.store.intentions import Intention
from fairlead.store.rollouts import RolloutState

# How often a release that has traffic is looked at.
LOOK_S = 1.0
# Two looks that close to each other are one, the later.
TOGETHER_S = 0.1


def deadline(scene: Scene) -> float:
    """Return how long usable numbers may be missing, in seconds."""
    judgement = scene.policy.judgement
    return judgement.deadline if judgement else scene.policy.start_timeout


def horizon(scene: Scene, state: RolloutState) -> Horizon | None:
    """Return when the judge must know; None while it compares nothing, or has not looked yet.

    A step that is taken about the time of the horizon still gets its first look.
    """
    if state.finding is None or not observing.compared(scene, state):
        return None
    return at_horizon.horizon(scene.policy, state.known)


def promotion(scene: Scene, state: RolloutState) -> Intention | None:
    """Return who sends the release on from the weight that it has; None when nobody does."""
    with scene.house.database.begin() as tx:
        weights = environments.get(tx, scene.run.app, state.environment).weights
        weight = weights.get(state.release, 0)
        return intentions.promotion(tx, scene.run.id, state.environment, weight)


def look_again_in(scene: Scene, state: RolloutState) -> float:
    """Return the seconds until the next look that may tell more."""
    judgement = scene.policy.judgement
    if judgement is None or state.opened is None:
        return LOOK_S
    if observing.compared(scene, state):
        return min(LOOK_S, max(0.02, comparing.next_poll_in(scene, state)))
    ends = state.opened.taken_at + timedelta(seconds=judgement.window)
    return min(LOOK_S, max(0.02, (ends - scene.house.clock()).total_seconds()))


def look_again_while_held(scene: Scene, state: RolloutState, hold_s: float) -> float:
    """Return the seconds until there may be more to know, or the step has been held for so long."""
    wait_s = look_again_in(scene, state)
    until = state.since + timedelta(seconds=hold_s)
    if scene.now >= until:
        return wait_s
    left_s = max(0.02, (until - scene.house.clock()).total_seconds())
    return left_s if left_s < wait_s + TOGETHER_S else wait_s
