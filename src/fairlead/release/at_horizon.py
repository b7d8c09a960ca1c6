"""Who may send on a canary that waits for a person at its horizon?"""

from dataclasses import dataclass
from datetime import datetime

from fairlead.access.person import Person
from fairlead.access.role import Role
from fairlead.analysis.evidence.judge import Known
from fairlead.release.approval import unfit
from fairlead.release.spec.model import Environment
from fairlead.rollout.decide import Horizon


@dataclass(frozen=True, slots=True)
class AtHorizon:
    """A canary that a person has to decide about: its `weight` in percent, since when, and why.

    `author_email` and `submitter` are the people who may not send it on.
    """

    run: str
    release: str
    environment: str
    weight: int
    since: datetime
    because: str
    role: Role
    author_email: str
    submitter: str

    @property
    def choices(self) -> tuple[str, str]:
        """Return the two commands between which a person chooses: on, or back."""
        return commands(self.run, self.environment)


def horizon(there: Environment, known: Known | None) -> Horizon | None:
    """Return when the judge of an environment must know; None where it gathers nothing."""
    if there.judgement is None or known is None:
        return None
    asked = there.judgement.evidence
    return Horizon(known.began, asked.horizon, asked.at_horizon == "hold")


def role(there: Environment) -> Role:
    """Return the role that sends a canary on: the one that approves the environment."""
    return Role(there.approval.role) if there.approval else Role.APPROVER


def commands(run: str, environment: str) -> tuple[str, str]:
    """Return the commands that send a canary on, and back."""
    return (
        f"fairlead promote {run} --reason TEXT",
        f"fairlead rollback {environment} --reason TEXT",
    )


def choices(run: str, environment: str) -> str:
    """Say between what a person chooses."""
    on, back = commands(run, environment)
    return f"`{on}` sends it on, `{back}` takes it back"


def objection(waits: AtHorizon, person: Person) -> str | None:
    """Return why `person` cannot send it on, as a sentence with the remedy; None when they can."""
    what = f"release {waits.release} in {waits.environment}"
    return unfit(person, waits, (f"sending {what} on", what, "send it on"))
