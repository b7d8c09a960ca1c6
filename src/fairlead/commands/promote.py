"""Send a canary on that waits for a person at its horizon."""

from datetime import datetime

from fairlead.access.person import Person
from fairlead.access.role import Role
from fairlead.analysis.verdict import Verdict
from fairlead.commands.deploy import about
from fairlead.commands.desk import Desk, require, told
from fairlead.errors import NotAllowed, Refused
from fairlead.release.at_horizon import AtHorizon, objection
from fairlead.release.progress import Run
from fairlead.store import environments, horizons, intentions, journal, rollouts, runs
from fairlead.store.database import Tx
from fairlead.store.intentions import Intention


def promote(desk: Desk, person: Person, run_id: str, reason: str) -> None:
    """Let the canary of a run take its next step; asking twice equals once.

    Refused for its author, its submitter and anybody without the role of the environment's
    approval, and whenever the run does not wait at its horizon.
    """
    require(person, Role.APPROVER, "send a canary on")
    if not reason.strip():
        raise Refused("a promotion needs its reason: add --reason TEXT")
    now = desk.clock()
    with desk.database.begin() as tx:
        run = runs.lock(tx, run_id)
        waits = _waiting(tx, run, now)
        if why_not := objection(waits, person):
            raise NotAllowed(why_not)
        kept = Intention(
            run.id, "promote", person.name, reason, now, waits.environment, waits.weight
        )
        if not intentions.add(tx, kept):
            return
        because = (
            f"{person.name} sends release {waits.release} on from {waits.weight}% of "
            f"{waits.environment}: {reason}; {waits.because}"
        )
        event = told(desk, person, "promote.wanted", because, weight=waits.weight, reason=reason)
        journal.append(tx, about(event, run, waits.environment))
    desk.nudge(run_id)


def _waiting(tx: Tx, run: Run, now: datetime) -> AtHorizon:
    """Return what the run waits for; refused with what it does instead."""
    if found := horizons.reached(tx, run, now):
        return found
    if run.ended:
        raise Refused(
            f"run {run.id} has ended ({run.status}): there is nothing to send on, "
            "deploy the commit again"
        )
    if wanted := intentions.first(tx, run.id):
        raise Refused(
            f"{wanted.person} wants run {run.id} to end ({wanted.kind}), which goes first: "
            "deploy the commit again"
        )
    for name in environments.held_by(tx, run.id):
        state = rollouts.find(tx, run.id, name)
        if state and state.finding and state.finding.verdict is Verdict.UNHEALTHY:
            raise Refused(
                f"release {state.release} is unhealthy in {name} and goes back, whatever anybody "
                f"says: {state.finding.because}; `fairlead watch {run.id}` shows it"
            )
    raise Refused(
        f"run {run.id} does not wait for a person at its horizon: it goes on by proof, and "
        f"`fairlead watch {run.id}` shows how far that is"
    )
