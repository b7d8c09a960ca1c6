"""What does every command need, and who may use it?"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fairlead.access.person import Person
from fairlead.access.role import Role, includes
from fairlead.errors import NotAllowed
from fairlead.journal.event import Event
from fairlead.release.plan import Leg
from fairlead.release.ports import Artifacts, Repository
from fairlead.release.progress import Run
from fairlead.rollout.ports import Target
from fairlead.store import journal, runs
from fairlead.store.database import Database, Tx


@dataclass(frozen=True, slots=True)
class Desk:
    """The parts that commands work with.

    `run_name` gives a new short name, `secret` 256 random bits as text; `start` begins a recorded
    run; `nudge` makes an open run look at once.
    """

    database: Database
    clock: Callable[[], datetime]
    run_name: Callable[[], str]
    secret: Callable[[], str]
    repository: Repository
    artifacts: Artifacts
    target: Target
    start: Callable[[str], None]
    nudge: Callable[[str], None]


def require(person: Person, role: Role, what: str) -> None:
    """Refuse somebody without the role; `what` completes the sentence `… may not …`."""
    if not includes(person.role, role):
        raise NotAllowed(
            f"{person.name} may not {what}: it needs the role {role}, they have {person.role}; "
            "ask an admin"
        )


def told(desk: Desk, person: Person, kind: str, because: str, **data: Any) -> Event:
    """Return an event by a person; each of their wishes is an effect of its own."""
    now = desk.clock()
    effect = f"{kind}/{desk.secret()}"
    return Event(at=now, actor=person.name, kind=kind, because=because, effect=effect, data=data)


def record_run(desk: Desk, tx: Tx, run: Run, legs: tuple[Leg, ...], because: str) -> None:
    """Keep a new run and tell the journal who wanted it."""
    runs.add(tx, run, legs)
    journal.append(
        tx,
        Event(
            at=desk.clock(),
            actor=run.submitted_by,
            kind="run.submitted",
            because=because,
            effect=f"{run.id}/submitted",
            app=run.app,
            run=run.id,
            environment=legs[0].environment,
            release=run.release,
            data={"commit": run.commit.sha, "branch": run.commit.branch},
        ),
    )
