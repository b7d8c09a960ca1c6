"""Which canary waits for a person at its horizon?"""

from datetime import datetime, timedelta

from fairlead.analysis.verdict import Verdict
from fairlead.release import at_horizon
from fairlead.release.at_horizon import AtHorizon
from fairlead.release.progress import Run, StageStatus
from fairlead.release.spec.model import Environment, Spec
from fairlead.store import environments, intentions, releases, rollouts, runs
from fairlead.store.database import Tx
from fairlead.store.rollouts import Phase, RolloutState


def waiting(tx: Tx, run: Run, now: datetime) -> AtHorizon | None:
    """Return which canary waits for a person; None when one has spoken, or none waits."""
    found = reached(tx, run, now)
    if found and intentions.promotion(tx, run.id, found.environment, found.weight):
        return None
    return found


def reached(tx: Tx, run: Run, now: datetime) -> AtHorizon | None:
    """Return which canary stands at its horizon; None when it goes on or back by itself."""
    if run.ended or intentions.first(tx, run.id):
        return None
    running = {s.planned.index for s in runs.stages(tx, run.id) if s.status is StageStatus.RUNNING}
    for name in environments.held_by(tx, run.id):
        state = rollouts.find(tx, run.id, name)
        if state is None or state.known is None or state.stage not in running:
            continue
        there = Spec.model_validate(run.spec).environments[name]
        if found := _at_its_horizon(tx, run, state, there, now):
            return found
    return None


def _at_its_horizon(
    tx: Tx, run: Run, state: RolloutState, there: Environment, now: datetime
) -> AtHorizon | None:
    weight = environments.get(tx, run.app, state.environment).weights.get(state.release, 0)
    asked, finding = at_horizon.horizon(there, state.known), state.finding
    compared = state.phase is Phase.STEPPING and 0 < weight < 100
    release = releases.find(tx, run.app, run.release)
    if not compared or asked is None or finding is None or release is None:
        return None
    if finding.verdict is not Verdict.UNKNOWN or not (asked.holds and asked.is_over(now)):
        return None
    return AtHorizon(
        run=run.id,
        release=state.release,
        environment=state.environment,
        weight=weight,
        since=asked.began + timedelta(seconds=asked.lasts_s),
        because=finding.because,
        role=at_horizon.role(there),
        author_email=release.commit.author_email,
        submitter=run.submitted_by,
    )
