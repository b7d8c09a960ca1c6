"""What is the next move of this takeover? Everything that it depends on, read at one moment."""

from fairlead.analysis.verdict import Finding, Verdict
from fairlead.pipeline import waiting
from fairlead.pipeline.scene import Scene
from fairlead.release.plan import StageKind
from fairlead.rollout.decide import Decision, Rollout, next_move
from fairlead.rollout.strategy import Step, steps
from fairlead.store.rollouts import RolloutState

FIRST_WINDOW = Finding(Verdict.UNKNOWN, "the first window is still open")


def decide(scene: Scene, state: RolloutState) -> Decision:
    """Return the next move; a person's word counts at the horizon alone."""
    plan, horizon = stage_steps(scene, state), waiting.horizon(scene, state)
    holds = horizon is not None and horizon.holds and horizon.is_over(scene.now)
    wish = waiting.promotion(scene, state) if holds else None
    rollout = Rollout(
        plan,
        state.step,
        state.since,
        state.unknown_since,
        waiting.deadline(scene),
        horizon,
        f"{wish.person} sends it on ({wish.reason})" if wish else "",
    )
    return next_move(rollout, _finding(scene, state, plan), scene.now)


def stage_steps(scene: Scene, state: RolloutState) -> tuple[Step, ...]:
    """Return the steps of this stage: a canary stops short of 100 %, a promotion begins there."""
    policy, kind = scene.policy, scene.stage.planned.kind
    if kind is StageKind.MONITOR:
        return (Step(100, policy.monitor_for if state.previous else 0.0),)
    if kind is StageKind.PROMOTE:
        return (Step(100, 0.0),)
    every = steps(policy.strategy.value, tuple(policy.steps), policy.hold, state.previous)
    if kind is StageKind.CANARY and state.previous:
        return tuple(step for step in every if step.weight < 100)
    return every


def _finding(scene: Scene, state: RolloutState, plan: tuple[Step, ...]) -> Finding:
    """Return the newest finding; until the first window closes it is UNKNOWN where one is needed.

    One is needed to end a hold, and to promote a release that shares the traffic so far.
    """
    holds = state.step > 0 and plan[state.step - 1].hold_s > 0
    promotes = scene.stage.planned.kind is StageKind.PROMOTE and state.step == 0
    if state.finding is not None:
        return state.finding
    judged = scene.policy.judgement is not None and bool(state.previous)
    if holds or (promotes and judged):
        return FIRST_WINDOW
    return Finding(Verdict.HEALTHY, "its slots answer")
