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
class Horizon:
    """Since `began` evidence is gathered, for `lasts_s`; then it goes back, or `holds`."""

    began: datetime
    lasts_s: float
    holds: bool


@dataclass(frozen=True, slots=True)
class Rollout:
    """What is known about a takeover at one moment.

    `step` counts the steps taken so far (0: no traffic yet); `since` is when the last was taken;
    `unknown_since` when usable numbers were last missing; `deadline_s` how long that may last;
    `horizon` ends the gathering of evidence that began, None where none is gathered.
    """

    steps: tuple[Step, ...]
    step: int
    since: datetime
    unknown_since: datetime | None
    deadline_s: float
    horizon: Horizon | None = None


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
    if decision := _at_the_horizon(rollout, finding, now):
        return decision
    since = rollout.unknown_since or now
    waited = (now - since).total_seconds()
    if waited >= rollout.deadline_s:
        return Decision(
            RollBack(),
            f"no usable measurements for {waited:.0f} s {at}, "
            f"limit {rollout.deadline_s:.0f} s: {finding.because}",
        )
    return Decision(Wait(), f"holding {at}: {finding.because}")


def _at_the_horizon(rollout: Rollout, finding: Finding, now: datetime) -> Decision | None:
    horizon = rollout.horizon
    if horizon is None or (gathered := (now - horizon.began).total_seconds()) < horizon.lasts_s:
        return None
    at = _place(rollout)
    told = f"the evidence of {gathered:.0f} s is not enough {at}: {finding.because}"
    if horizon.holds:
        return Decision(Wait(), f"waits for a person (`fairlead rollback` takes it back): {told}")
    return Decision(RollBack(), told)


def _place(rollout: Rollout) -> str:
    if rollout.step == 0:
        return f"before step 1 of {len(rollout.steps)}"
    weight = rollout.steps[rollout.step - 1].weight
    return f"at {weight}% (step {rollout.step} of {len(rollout.steps)})"
