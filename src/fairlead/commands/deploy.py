"""Take a commit into the pipeline, or ask a run to stop."""

from fairlead.access.person import Person
from fairlead.access.role import Role
from fairlead.commands.desk import Desk, record_run, require, told
from fairlead.errors import Conflict, Refused
from fairlead.journal.event import Event
from fairlead.release import plan
from fairlead.release.progress import Run, RunStatus
from fairlead.release.release import Commit, release_id
from fairlead.release.spec.model import Environment, Spec
from fairlead.release.spec.reading import decoded, load
from fairlead.store import environments, intentions, journal, runs
from fairlead.store.database import Tx
from fairlead.store.intentions import Intention

CONFIGURATION = "fairlead.yaml"


def look_up(desk: Desk, location: str, ref: str) -> tuple[Commit, Spec]:
    """Return the commit that `ref` names and its configuration; refused when it cannot work."""
    commit = desk.repository.fetch(location, ref)
    text = desk.repository.read(commit.sha, CONFIGURATION)
    return commit, load(decoded(text, CONFIGURATION), CONFIGURATION)


def submit(desk: Desk, person: Person, location: str, ref: str) -> Run:
    """Begin a run that takes a commit to production."""
    require(person, Role.DEPLOYER, "deploy")
    commit, spec = look_up(desk, location, ref)
    run = Run(
        id=desk.run_name(),
        app=spec.app,
        kind="deploy",
        commit=commit,
        release="",
        repository=location,
        spec=spec.model_dump(mode="json"),
        status=RunStatus.QUEUED,
        because="waits for its turn",
        submitted_by=person.name,
        submitter_email=person.email,
        created_at=desk.clock(),
        finished_at=None,
    )
    subject = commit.message.strip().split("\n", 1)[0]
    because = f"{person.name} submitted {release_id(commit.sha)}: {subject}"
    with desk.database.begin() as tx:
        _refuse_clashes(tx, run, spec)
        record_run(desk, tx, run, plan.legs(plan.stages(spec)), because)
    desk.start(run.id)
    return run


def stop(desk: Desk, person: Person, run_id: str, reason: str) -> None:
    """Ask an open run to stop; an environment that it has changed goes back."""
    require(person, Role.DEPLOYER, "stop a run")
    if not reason.strip():
        raise Refused("stopping a run needs its reason: add --reason TEXT")
    intend(desk, person, Intention(run_id, "stop", person.name, reason, desk.clock()))


def intend(desk: Desk, person: Person, intention: Intention, environment: str = "") -> None:
    """Record what somebody wants of an open run, and make it look.

    `environment` is the one the run has to hold for it: `Conflict` when it has just let go of it.
    """
    with desk.database.begin() as tx:
        run = runs.lock(tx, intention.run)
        if run.ended:
            raise Refused(f"run {run.id} has ended ({run.status}): there is nothing to stop")
        if environment and environments.get(tx, run.app, environment).held_by != run.id:
            raise Conflict(f"run {run.id} has let go of {environment} just now: ask again")
        intentions.add(tx, intention)
        waits = run.status is RunStatus.QUEUED and not environments.held_by(tx, run.id)
        if waits:
            _end_waiting(tx, run, intention)
        because = f"{person.name} wants run {run.id} to {intention.kind}: {intention.reason}"
        journal.append(tx, about(told(desk, person, f"{intention.kind}.wanted", because), run))
    if waits:
        desk.repository.discard(intention.run)
    else:
        desk.nudge(intention.run)


def _end_waiting(tx: Tx, run: Run, intention: Intention) -> None:
    """End a run that waits in a queue and changes nothing: it need not get its turn to end."""
    because = f"{intention.person} stopped it: {intention.reason}"
    runs.finish(tx, run.id, RunStatus.STOPPED, because, intention.at)
    journal.append(
        tx,
        Event(
            at=intention.at,
            actor=intention.person,
            kind="run.stopped",
            because=because,
            effect=f"{run.id}/ended",
            app=run.app,
            run=run.id,
            release=run.release,
        ),
    )


def about(event: Event, run: Run, environment: str = "") -> Event:
    """Return the event with the run that it is about."""
    named = {"app": run.app, "run": run.id, "release": run.release, "environment": environment}
    values = {field: getattr(event, field) for field in Event.__dataclass_fields__}
    return Event(**values | named)


def _refuse_clashes(tx: Tx, run: Run, spec: Spec) -> None:
    runs.one_submission_at_a_time(tx)
    for other in runs.open_runs(tx):
        if other.app == run.app and other.sha == run.sha and other.kind == "deploy":
            raise Conflict(
                f"commit {release_id(run.sha)} is on its way already in run {other.id}: "
                f"`fairlead watch {other.id}` shows it"
            )
    for name, environment in spec.environments.items():
        taken = environments.listener_taken(tx, run.app, name, environment.listen)
        if taken is not None:
            raise Refused(
                f"environments.{name}.listen: {environment.listen} belongs to {taken.name} of "
                f"{taken.app}: choose another port"
            )
        _refuse_lesser_protection(tx, run.app, name, environment)


def _refuse_lesser_protection(tx: Tx, app: str, name: str, environment: Environment) -> None:
    """A commit cannot talk a place out of what it is: production, or where its users find it."""
    kept = environments.find(tx, app, name)
    if kept is None:
        return
    if kept.production and not environment.production:
        raise Refused(
            f"environments.{name}.production: {name} is a production environment: keep "
            "`production: true`, or use another name for a place that is not"
        )
    if kept.live and kept.listen != environment.listen:
        raise Refused(
            f"environments.{name}.listen: users find {name} at {kept.listen}, and moving it would "
            "cut them off: keep the address, or add another environment"
        )
