"""How does a deployment that others have done come on record? Once for every change of status."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from fairlead.access.person import Person
from fairlead.access.role import Role
from fairlead.commands.desk import Desk, require
from fairlead.errors import NotFound, Refused
from fairlead.journal.event import Event
from fairlead.store import audit, journal, runs
from fairlead.store.audit import AuditRow
from fairlead.store.database import Tx

# Beyond that a clock is wrong, or local time was called UTC.
FUTURE = timedelta(minutes=1)
TYPES = ("external", *audit.TYPES.values())


@dataclass(frozen=True, slots=True)
class Told:
    """What somebody tells of a deployment; `at` None is now."""

    app: str
    environment: str
    deployment: str
    type: str
    status: str
    at: datetime | None
    error: str
    sha: str
    branch: str


@dataclass(frozen=True, slots=True)
class Logged:
    """Whether it was put on record, and why not where it was not."""

    recorded: bool
    because: str


def log_deployment(desk: Desk, person: Person, told: Told) -> Logged:
    """Put one status of a deployment on record; telling it twice equals once.

    What Fairlead has deployed itself is on record already, and never counted twice.
    Errors: `NotAllowed` for less than a deployer, `Refused` for what makes no sense.
    """
    require(person, Role.DEPLOYER, "put a deployment on record")
    if told.status not in audit.STATUSES:
        raise Refused(f"status must be one of {', '.join(audit.STATUSES)}")
    if told.type not in TYPES:
        raise Refused(f"deployment_type must be one of {', '.join(TYPES)}")
    now = desk.clock()
    at = told.at or now
    if at > now + FUTURE:
        raise Refused(f"the timestamp {at:%Y-%m-%d %H:%M:%S} UTC has not come yet: tell it in UTC")
    with desk.database.begin() as tx:
        if own := _own(tx, told.deployment):
            return Logged(recorded=False, because=f"run {own} of Fairlead is on record already")
        if not audit.add(tx, _row(tx, person, told, at)):
            return Logged(recorded=False, because=f"{told.status} of it is on record already")
        journal.append(tx, _event(person, told, now))
    return Logged(recorded=True, because=f"{told.status} is on record")


def _own(tx: Tx, deployment: str) -> str:
    """Return which run of ours a deployment is; empty for none.

    A name of the form of ours, `RUN/ENVIRONMENT`, is nobody else's.
    """
    run, slash, _ = deployment.partition("/")
    try:
        return runs.get(tx, run).id
    except NotFound:
        if slash:
            raise Refused("deployment_id must hold no /: such names are Fairlead's own") from None
        return ""


def _row(tx: Tx, person: Person, told: Told, at: datetime) -> AuditRow:
    began = at if told.status == "started" else audit.began(tx, _place(told), told.deployment)
    return AuditRow(
        deployment=told.deployment,
        app=told.app,
        run="",
        release="",
        environment=told.environment,
        type=told.type,
        sha=told.sha,
        branch=told.branch,
        by=person.name,
        status=told.status,
        started_at=began or at,
        completed_at=None if told.status == "started" else at,
        error=told.error if told.error and told.status != "rolled_back" else None,
        rollback_reason=told.error if told.error and told.status == "rolled_back" else None,
    )


def _place(told: Told) -> tuple[str, str]:
    return told.app, told.environment


def _event(person: Person, told: Told, now: datetime) -> Event:
    what = f"{told.deployment} to {told.environment} of {told.app}"
    key = f"{told.app}/{told.environment}/{told.deployment}/{told.type}/{told.status}"
    return Event(
        at=now,
        actor=person.name,
        kind="deployment.logged",
        because=f"{person.name} tells of a deployment by others, {what}: {told.status}",
        effect=f"external/{key}",
        app=told.app,
        environment=told.environment,
        data={"deployment": told.deployment, "type": told.type, "status": told.status},
    )
