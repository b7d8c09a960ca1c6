"""A release is taking over: what is the next move?"""

from dataclasses import dataclass
from datetime import datetime

from fairlead.analysis.verdict import Finding, Verdict
from fairlead.rollout.strategy import Step


@dataclass(frozen=True, slots=True)
class Advance:
    """Give the new release this weight in percent."""

    weight: int


@dataclass(frozen=True, slots=True)
class Wait:
    """Look again later."""


@dataclass(frozen=True, slots=True)
class Finish:
    """All steps are taken and held."""


@dataclass(frozen=True, slots=True)
class RollBack:
    """Give all traffic back to the release before."""


Move = Advance | Wait | Finish | RollBack


@dataclass(frozen=True, slots=True)
class Decision:
    """A move and its `because`, told word for word everywhere."""

    move: Move
    because: str


@dataclass(frozen=True, slots=True)
class Rollout:
    """What is known about a takeover at one moment.

    `step` counts the steps taken so far (0: no traffic yet); `since` is when the last was taken;
    `unknown_since` when the verdicts last turned UNKNOWN; `deadline_s` how long that may last.
    """

    steps: tuple[Step, ...]
    step: int
    since: datetime
    unknown_since: datetime | None
    deadline_s: float


def next_move(rollout: Rollout, finding: Finding, now: datetime) -> Decision:
    """Decide the next move from the newest finding about the new release."""
    at = _place(rollout)
    if finding.verdict is Verdict.UNHEALTHY:
        return Decision(RollBack(), f"the new release is unhealthy {at}: {finding.because}")
    if finding.verdict is Verdict.UNKNOWN:
        return _without_evidence(rollout, finding, now)
    held = (now - rollout.since).total_seconds()
    if rollout.step > 0 and held < rollout.steps[rollout.step - 1].hold_s:
        hold = rollout.steps[rollout.step - 1].hold_s
        return Decision(Wait(), f"held {held:.0f} of {hold:.0f} s {at}: {finding.because}")
    if rollout.step == len(rollout.steps):
        return Decision(Finish(), f"healthy {at}: {finding.because}")
    weight = rollout.steps[rollout.step].weight
    return Decision(Advance(weight), f"healthy {at}, on to {weight}%: {finding.because}")


def _without_evidence(rollout: Rollout, finding: Finding, now: datetime) -> Decision:
    at = _place(rollout)
    since = rollout.unknown_since or now
    waited = (now - since).total_seconds()
    if waited >= rollout.deadline_s:
        return Decision(
            RollBack(),
            f"no usable measurements for {waited:.0f} s {at}, "
            f"limit {rollout.deadline_s:.0f} s: {finding.because}",
        )
    return Decision(Wait(), f"holding {at}: {finding.because}")


def _place(rollout: Rollout) -> str:
    if rollout.step == 0:
        return f"before step 1 of {len(rollout.steps)}"
    weight = rollout.steps[rollout.step - 1].weight
    return f"at {weight}% (step {rollout.step} of {len(rollout.steps)})"
