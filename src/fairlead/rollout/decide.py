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


@dataclass(frozen=True, slots=True)
class AskHuman:
    """Look again later: only a person can send it on, or take it back."""


Move = Advance | Wait | Finish | RollBack | AskHuman


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

    def is_over(self, now: datetime) -> bool:
        """Tell whether it should be known by now."""
        return (now - self.began).total_seconds() >= self.lasts_s


@dataclass(frozen=True, slots=True)
class Rollout:
    """What is known about a takeover at one moment.

    `step` counts the steps taken so far (0: no traffic yet); `since` is when the last was taken;
    `unknown_since` when usable numbers were last missing; `deadline_s` how long that may last;
    `horizon` ends the gathering of evidence that began, None where none is gathered; `sent_on`
    is the sentence with which a person sends it on from there, empty when nobody does.
    """

    steps: tuple[Step, ...]
    step: int
    since: datetime
    unknown_since: datetime | None
    deadline_s: float
    horizon: Horizon | None = None
    sent_on: str = ""


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
    return _onwards(rollout, f"healthy {at}", finding.because)


def _onwards(rollout: Rollout, why: str, because: str) -> Decision:
    """Return the step that comes next, or the end of all steps."""
    if rollout.step == len(rollout.steps):
        return Decision(Finish(), f"{why}: {because}")
    weight = rollout.steps[rollout.step].weight
    return Decision(Advance(weight), f"{why}, on to {weight}%: {because}")


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
    if horizon is None or not horizon.is_over(now):
        return None
    at, gathered = _place(rollout), (now - horizon.began).total_seconds()
    told = f"the evidence of {gathered:.0f} s is not enough {at}: {finding.because}"
    if not horizon.holds:
        return Decision(RollBack(), told)
    if rollout.sent_on:
        return _onwards(rollout, rollout.sent_on, told)
    return Decision(AskHuman(), f"waits for a person: {told}")


def _place(rollout: Rollout) -> str:
    if rollout.step == 0:
        return f"before step 1 of {len(rollout.steps)}"
    weight = rollout.steps[rollout.step - 1].weight
    return f"at {weight}% (step {rollout.step} of {len(rollout.steps)})"
