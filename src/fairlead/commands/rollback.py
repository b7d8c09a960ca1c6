"""Send an environment back: a running rollout turns round, a finished one gets a run of its own."""

from collections.abc import Callable
from dataclasses import dataclass

from fairlead.access.person import Person
from fairlead.access.role import Role
from fairlead.analysis.verdict import Verdict
from fairlead.commands.deploy import intend
from fairlead.commands.desk import Desk, record_run, require
from fairlead.errors import Conflict, Permanent, Refused
from fairlead.release import plan
from fairlead.release.compatibility import misfit, outgrown
from fairlead.release.progress import Run, RunStatus
from fairlead.release.release import Release
from fairlead.store import audit, environments, releases, rollouts, runs, slots
from fairlead.store.database import Tx
from fairlead.store.environments import EnvironmentState
from fairlead.store.intentions import Intention


@dataclass(frozen=True, slots=True)
class Wish:
    """Which environment goes back, to which release (empty: the one before), and why.

    `only` is the release that must be live there, held by no run; empty asks for neither.
    """

    app: str
    environment: str
    to: str
    reason: str
    only: str = ""


Also = Callable[[Tx, Run], None]
"""What is kept together with a new run, or not at all."""


def _nothing(tx: Tx, run: Run) -> None:
    """Keep nothing else."""


def rollback(desk: Desk, person: Person, wish: Wish, also: Also = _nothing) -> str:
    """Return the run that carries the environment back; a new one is kept with what is `also`.

    Errors: `Refused` when the target is gone, unhealthy or does not fit the database, `Conflict`
    when it is not as the wish needs it.
    """
    require(person, Role.DEPLOYER, "roll back")
    if not wish.reason.strip():
        raise Refused("a rollback needs its reason: add --reason TEXT")
    with desk.database.begin() as tx:
        state = _as_wished(tx, wish)
        running = rollouts.find(tx, state.held_by, state.name) if state.held_by else None
        holder = runs.get(tx, running.run) if running else None
    if running is not None and holder is not None and not holder.ended:
        if holder.kind == "rollback":
            return _already_going_back(wish, holder)
        if wish.to and wish.to != running.previous:
            raise Refused(
                f"release {running.release} is taking over {state.name} and can only go back to "
                f"{running.previous or 'nothing'}: roll back without --to, then choose"
            )
        want = Intention(running.run, "rollback", person.name, wish.reason, desk.clock())
        intend(desk, person, want, state.name)
        return running.run
    return _begin(desk, person, wish, state, also)


def _as_wished(tx: Tx, wish: Wish) -> EnvironmentState:
    """Return the environment; `Conflict` when it is not as the wish needs it."""
    state = environments.get(tx, wish.app, wish.environment)
    if wish.only and (state.held_by or state.live != wish.only):
        raise Conflict(f"{wish.environment} has changed just now: {wish.only} is not alone")
    return state


def _already_going_back(wish: Wish, holder: Run) -> str:
    """Somebody was quicker: the same wish is theirs, another one has to wait for its end."""
    if wish.to in ("", holder.release):
        return holder.id
    raise Refused(
        f"{wish.environment} is going back to {holder.release} in run {holder.id}: "
        f"`fairlead watch {holder.id}` shows it; then choose another release"
    )


def _begin(desk: Desk, person: Person, wish: Wish, state: EnvironmentState, also: Also) -> str:
    with desk.database.begin() as tx:
        target = _target(tx, wish, state)
        kept = [
            k.slot
            for k in slots.of_environment(tx, wish.app, wish.environment)
            if k.slot.release == target.id and k.endpoints
        ]
    _refuse_unfit(desk, target)
    for slot in kept:
        finding = desk.target.health(slot)
        if finding.verdict is Verdict.UNHEALTHY:
            raise Refused(
                f"release {target.id} is not fit to return to: {finding.because}; traffic stays; "
                "choose another with --to RELEASE"
            )
    with desk.database.begin() as tx:
        _as_wished(tx, wish)
        run = _run(desk, tx, person, wish, target)
        because = f"{person.name} sends {state.name} back to {target.id}: {wish.reason}"
        legs = plan.legs(plan.rollback_stages(state.name))
        also(tx, run)
        record_run(desk, tx, run, legs, because)
    desk.start(run.id)
    return run.id


def _target(tx: Tx, wish: Wish, state: EnvironmentState) -> Release:
    strayed = state.live and state.weights.get(state.live, 0) < 100
    wanted = wish.to or (state.live if strayed else state.previous)
    if not wanted:
        raise Refused(
            f"there is no release before {state.live or 'the first'} in {state.name}: "
            "name one with --to RELEASE"
        )
    if wanted == state.live and not strayed:
        raise Refused(f"release {wanted} is live in {state.name}: there is nothing to go back to")
    target = releases.find(tx, wish.app, wanted)
    if target is None:
        raise Refused(
            f"release {wanted} of {wish.app} is not on record: `fairlead history` lists releases"
        )
    if not audit.was_live(tx, wish.app, wish.environment, wanted):
        raise Refused(
            f"release {wanted} was never live in {state.name}: deploy its commit, so that it "
            "passes the gates and the approval"
        )
    live = releases.find(tx, wish.app, state.live)
    why_not = (misfit(target, live) if live else None) or outgrown(target, state.contracted)
    if why_not:
        raise Refused(why_not)
    return target


def _refuse_unfit(desk: Desk, target: Release) -> None:
    """Verify every byte of the target before anything is promised."""
    try:
        for artifact in target.artifacts:
            desk.artifacts.unpack(artifact)
    except Permanent as error:
        raise Refused(f"release {target.id} cannot be returned to: {error}") from error


def _run(desk: Desk, tx: Tx, person: Person, wish: Wish, target: Release) -> Run:
    """Return a run under the policy by which the environment was changed last."""
    last = runs.newest_of_environment(tx, wish.app, wish.environment)
    return Run(
        id=desk.run_name(),
        app=wish.app,
        kind="rollback",
        commit=target.commit,
        release=target.id,
        repository=last.repository,
        spec=last.spec,
        status=RunStatus.QUEUED,
        because=wish.reason,
        submitted_by=person.name,
        submitter_email=person.email,
        created_at=desk.clock(),
        finished_at=None,
    )
